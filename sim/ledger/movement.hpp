#pragma once

// What a kernel moves: the tensors that it reads and writes, in bytes, and, where it uses their
// numbers more than once, the loop nest that does. A memory hierarchy (sim/memory/hierarchy.hpp)
// turns the movements of a run into traffic at each of its levels.
//
//     reads(x, weights) + writes(out)                    every operand crosses once
//     product_of(a, b, out)                              out = a b, h times n k m steps

#include <algorithm>
#include <array>
#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/ledger/arithmetic.hpp"
#include "sim/ledger/op.hpp"

namespace wattention {

/// Bytes of the tensors that kernels read and write. Packed: a 16-bit code is 2 bytes.
struct Traffic {
  std::uint64_t read_bytes = 0;
  std::uint64_t write_bytes = 0;

  Traffic& operator+=(const Traffic& other) {
    read_bytes = sum(read_bytes, other.read_bytes);
    write_bytes = sum(write_bytes, other.write_bytes);
    return *this;
  }
  bool operator==(const Traffic&) const = default;
};

/// The identity of a new tensor: never 0, never the same twice, and larger than those before.
inline std::uint64_t fresh_tensor_id() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

/// The place of a kernel's call among all calls.
inline std::uint64_t next_call_number() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

/// A tensor, or a part of it, as one kernel touches it: how many numbers, of which format. Bytes
/// follow from the arithmetic of the run, which the phase that declares the operand knows.
struct Operand {
  std::uint64_t tensor = 0;         // its identity, never 0
  std::uint64_t numbers = 0;        // touched
  std::uint64_t whole_numbers = 0;  // of the tensor
  Format format = Format::fp32;
  bool written = false;
  /// Of a local tensor the numbers of one row of a head, which must fit where the kernels run that
  /// pass it on; 0 for a tensor that is in memory.
  std::uint64_t row_numbers = 0;

  // What Movement finds:
  std::uint64_t bytes = 0;        // touched
  std::uint64_t whole_bytes = 0;  // of the tensor
  std::uint64_t row_bytes = 0;    // 0 for a tensor that is in memory
  unsigned bits = 0;              // of a number

  bool local() const { return row_numbers != 0; }
  Traffic traffic() const { return written ? Traffic{0, bytes} : Traffic{bytes, 0}; }

  void find_bytes(const Arithmetic& arithmetic) {
    const Format meant = arithmetic.meant(format);
    bits = bits_of(meant);
    bytes = packed_bytes(numbers, meant);
    whole_bytes = packed_bytes(whole_numbers, meant);
    row_bytes = local() ? std::max<std::uint64_t>(packed_bytes(row_numbers, meant), 1) : 0;
  }
};

/// Where the numbers of an operand lie, for tensors whose accesses are observed
/// (sim/ledger/accesses.hpp). Strides are in numbers; a stride of 0 has every head or row in one
/// place.
struct Region {
  std::uint64_t tensor = 0;
  bool written = false;
  std::uintptr_t first = 0;
  std::size_t heads = 0;
  std::size_t rows = 0;
  std::size_t head_stride = 0;
  std::size_t row_stride = 0;
  std::size_t first_width = 0;  // numbers of row 0
  std::size_t width_step = 0;   // numbers that each row has more than the one before

  /// Whether the number at that address is one of them; numbers are 2^shift bytes.
  bool holds(std::uintptr_t address, unsigned shift) const {
    if (address < first) return false;
    const std::size_t offset = (address - first) >> shift;
    const std::size_t head = head_stride == 0 ? 0 : std::min(offset / head_stride, heads - 1);
    const std::size_t in_head = offset - head * head_stride;
    const std::size_t row = row_stride == 0 ? 0 : std::min(in_head / row_stride, rows - 1);
    return in_head - row * row_stride < first_width + width_step * row;
  }
};

/// The side of a nest along which tokens come, and local operands exist a block at a time.
enum class TokenSide : std::uint8_t { rows, inner };

/// out[rows, cols] += a[rows, inner] b[inner, cols], `heads` times; the operands are the first
/// three of their movement. No heads: no operand is used twice.
struct LoopNest {
  std::uint64_t heads = 0;
  std::uint64_t rows = 0;
  std::uint64_t cols = 0;
  std::uint64_t inner = 0;
  TokenSide tokens = TokenSide::rows;
};

/// Attention that never writes its scores: queries meet keys and values tile by tile, each query
/// with running outputs that every further tile rescales. What crosses between memories depends on
/// which side stays (sim/memory/fused_tiling.hpp). Sizes are bytes of one head that keys and values
/// have.
struct FusedAttention {
  std::uint64_t heads = 0;
  std::uint64_t queries = 0;  // of all heads that share the keys and values of one
  std::uint64_t keys = 0;
  std::uint64_t query_bytes = 0;  // of one query
  std::uint64_t key_bytes = 0;    // of one key
  std::uint64_t value_bytes = 0;  // of one value
  std::uint64_t state_bytes = 0;  // of the running outputs, maximum and sum of one query
  std::uint64_t pair_bytes = 0;   // of a query and a key: the score, its weight, its code

  auto operator<=>(const FusedAttention&) const = default;
};

/// Which part of a fused attention a movement is: its operands are q and k, or v and the output.
enum class FusedPart : std::uint8_t { scores, output };

class Movement {
 public:
  static constexpr std::size_t most_operands = 12;

  Movement() = default;
  explicit Movement(const Operand& operand) { add(operand); }

  void add(const Operand& operand) {
    if (count_ == most_operands) throw Error("movement: expected at most 12 operands");
    if (operand.tensor == 0) {
      throw Error("movement: expected a tensor with an identity, found an operand without one");
    }
    operands_[count_] = operand;
    operands_[count_++].find_bytes({});
  }
  void add_region(const Region& region) { regions_.push_back(region); }
  void set_nest(const LoopNest& nest) { nest_ = nest; }
  void set_fused(const FusedAttention& attention, FusedPart part) {
    fused_ = attention;
    part_ = part;
  }

  /// The bytes of the operands in the arithmetic of a run; without it they are those of fp32.
  void find_bytes(const Arithmetic& arithmetic) {
    for (Operand& operand : std::span(operands_.data(), count_)) operand.find_bytes(arithmetic);
  }

  std::span<const Operand> operands() const { return {operands_.data(), count_}; }
  /// Of those operands whose accesses are observed.
  std::span<const Region> regions() const { return regions_; }
  /// Bytes of the operands that are in memory.
  Traffic traffic() const {
    Traffic traffic;
    for (const Operand& operand : operands()) {
      if (!operand.local()) traffic += operand.traffic();
    }
    return traffic;
  }
  bool is_product() const { return nest_.heads != 0; }
  const LoopNest& nest() const { return nest_; }
  bool is_fused() const { return fused_.heads != 0; }
  const FusedAttention& fused() const { return fused_; }
  FusedPart part() const { return part_; }

  friend Movement operator+(Movement a, const Movement& b) {
    for (const Operand& operand : b.operands()) a.add(operand);
    a.regions_.insert(a.regions_.end(), b.regions_.begin(), b.regions_.end());
    return a;
  }

 private:
  std::array<Operand, most_operands> operands_;
  std::size_t count_ = 0;
  std::vector<Region> regions_;
  LoopNest nest_;
  FusedAttention fused_;
  FusedPart part_ = FusedPart::scores;
};

/// A movement in its place among those of a run.
struct KernelCall {
  std::uint64_t order = 0;
  Movement movement;
  /// Whether its operands come from and go to other memories; false inside of a fused attention,
  /// which says itself what crosses.
  bool crosses = true;
  /// What crosses nevertheless: see FusedRegion.
  std::vector<Operand> from_outside;
};

}  // namespace wattention
