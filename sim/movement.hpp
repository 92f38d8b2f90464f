#pragma once

// What a kernel moves: the tensors that it reads and writes, in bytes, and, where it uses their
// numbers more than once, the loop nest that does. A memory hierarchy (sim/memory.hpp) turns the
// movements of a run into traffic at each of its levels.
//
//     reads(x, weights) + writes(out)                    every operand crosses once
//     product_of(a, b, out)                              out = a b, h times n k m steps

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/op.hpp"

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

/// Tells tensors, and the order of kernels, apart; never 0, and never the same twice.
inline std::uint64_t fresh_number() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

/// A tensor, or a part of it, as one kernel touches it.
struct Operand {
  std::uint64_t tensor = 0;       // 0: local to fused kernels, no traffic
  std::uint64_t bytes = 0;        // touched
  std::uint64_t whole_bytes = 0;  // of the tensor
  unsigned bits = 0;              // of a number
  bool written = false;
};

/// out[rows, cols] += a[rows, inner] b[inner, cols], `heads` times; the operands are the first
/// three of their movement. No heads: no operand is used twice.
struct Nest {
  std::uint64_t heads = 0;
  std::uint64_t rows = 0;
  std::uint64_t cols = 0;
  std::uint64_t inner = 0;
  std::uint64_t fused = 1;  // nests that run as one and share the memory between them
};

class Movement {
 public:
  static constexpr std::size_t most_operands = 8;

  Movement() = default;
  explicit Movement(const Operand& operand) { add(operand); }

  void add(const Operand& operand) {
    if (count_ == most_operands) throw Error("movement: expected at most 8 operands");
    operands_[count_++] = operand;
    (operand.written ? traffic_.write_bytes : traffic_.read_bytes) =
        sum(operand.written ? traffic_.write_bytes : traffic_.read_bytes, operand.bytes);
  }
  void set_nest(const Nest& nest) { nest_ = nest; }

  std::span<const Operand> operands() const { return {operands_.data(), count_}; }
  const Traffic& traffic() const { return traffic_; }
  bool is_product() const { return nest_.heads != 0; }
  const Nest& nest() const { return nest_; }

  friend Movement operator+(Movement a, const Movement& b) {
    for (const Operand& operand : b.operands()) a.add(operand);
    return a;
  }

 private:
  std::array<Operand, most_operands> operands_;
  std::size_t count_ = 0;
  Traffic traffic_;
  Nest nest_;
};

/// A movement in its place among those of a run.
struct KernelCall {
  std::uint64_t order = 0;
  Movement movement;
};

}  // namespace wattention
