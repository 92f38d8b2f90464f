#pragma once

// What was done (Op) on which numbers (Format), and how often (OpCounts).
//
// One operation is one scalar operation on data. `add` is also subtraction, `compare` is maximum,
// minimum, ordering and the decision of a sign. `logic` and `popcount` count bits, not words. A
// `mac` (multiply-accumulate) is its own operation: multiplications = mul + mac and additions =
// add + mac are derived in the report. Counts are 64-bit and checked: an overflow throws Error.

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include "sim/enumeration.hpp"
#include "sim/error.hpp"

namespace wattention {

enum class Op : std::uint8_t {
  mac,
  mul,
  add,
  div,
  sqrt,
  exp,
  log,
  erf,
  tanh,
  compare,
  logic,
  popcount,
  shift,
  lookup
};
template <>
inline constexpr auto names_of<Op> = names("mac", "mul", "add", "div", "sqrt", "exp", "log", "erf",
                                           "tanh", "compare", "logic", "popcount", "shift",
                                           "lookup");
inline constexpr std::size_t op_count = names_of<Op>.size();

/// The last two are no formats but stand for those of the arithmetic that a run computes in
/// (sim/ledger/arithmetic.hpp); a ledger counts under the format that is meant.
enum class Format : std::uint8_t {
  fp32,
  fp16,
  bf16,
  e4m3,
  e5m2,
  int32,
  int16,
  int8,
  bit,
  of_run,
  of_sums
};
template <>
inline constexpr auto names_of<Format> = names("fp32", "fp16", "bf16", "e4m3", "e5m2", "int32",
                                               "int16", "int8", "bit");
inline constexpr std::size_t format_count = names_of<Format>.size();

/// Width of one number, in bits.
constexpr unsigned bits_of(Format format) {
  constexpr std::array<unsigned, format_count> bits{32, 16, 16, 8, 8, 32, 16, 8, 1};
  return bits.at(static_cast<std::size_t>(format));
}

[[noreturn]] void throw_count_overflow();

/// a * b * ... in 64 bits; throws Error where that overflows.
template <std::unsigned_integral... Rest>
constexpr std::uint64_t product(std::uint64_t first, Rest... rest) {
  std::uint64_t result = first;
  const auto multiply = [&result](std::uint64_t factor) {
    if (__builtin_mul_overflow(result, factor, &result)) throw_count_overflow();
  };
  (multiply(rest), ...);
  return result;
}

/// a + b + ... in 64 bits; throws Error where that overflows.
template <std::unsigned_integral... Rest>
constexpr std::uint64_t sum(std::uint64_t first, Rest... rest) {
  std::uint64_t result = first;
  const auto add = [&result](std::uint64_t term) {
    if (__builtin_add_overflow(result, term, &result)) throw_count_overflow();
  };
  (add(rest), ...);
  return result;
}

/// Whole bytes of `numbers` packed numbers.
constexpr std::uint64_t packed_bytes(std::uint64_t numbers, Format format) {
  const std::uint64_t bits = product(numbers, bits_of(format));
  return bits / 8 + (bits % 8 != 0 ? 1 : 0);
}

/// How often each operation was done on each format.
class OpCounts {
 public:
  void add(Op op, Format format, std::uint64_t count) {
    std::uint64_t& cell = at(op, format);
    cell = sum(cell, count);
  }
  /// One operation more; for the inner loops of counting scalars.
  void increment(Op op, Format format) { ++at(op, format); }

  std::uint64_t operator()(Op op, Format format) const {
    return counts_[static_cast<std::size_t>(op)][static_cast<std::size_t>(format)];
  }
  /// Over all formats.
  std::uint64_t total(Op op) const;

  OpCounts& operator+=(const OpCounts& other);
  bool operator==(const OpCounts&) const = default;

  /// Calls visit(op, format, count) for every count that is not zero, in the order of the enums.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t op = 0; op < op_count; ++op) {
      for (std::size_t format = 0; format < format_count; ++format) {
        if (counts_[op][format] != 0) {
          visit(static_cast<Op>(op), static_cast<Format>(format), counts_[op][format]);
        }
      }
    }
  }

 private:
  std::uint64_t& at(Op op, Format format) {
    return counts_[static_cast<std::size_t>(op)][static_cast<std::size_t>(format)];
  }

  std::array<std::array<std::uint64_t, format_count>, op_count> counts_{};
};

}  // namespace wattention
