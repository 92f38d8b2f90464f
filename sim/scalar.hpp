#pragma once

// What kernels need of a scalar type, and its meaning for the machine's own numbers.
//
// A kernel is written once over a scalar type Real and calls the operators and the functions below
// unqualified: for float they are found here, for Counted<T> and Shape<T> (sim/counted.hpp,
// sim/shape.hpp) by argument-dependent lookup. The number format follows from the type.

#include <bit>
#include <cmath>
#include <cstdint>

#include "sim/op.hpp"

namespace wattention {

template <class T>
struct FormatOf;
template <>
struct FormatOf<float> {
  static constexpr Format value = Format::fp32;
};
template <>
struct FormatOf<std::int32_t> {
  static constexpr Format value = Format::int32;
};

template <>
struct FormatOf<std::uint64_t> {
  static constexpr Format value = Format::bit;  // packed codes
};

/// The number format in which Real computes.
template <class Real>
inline constexpr Format format_of = FormatOf<Real>::value;

/// Whether values exist under this scalar type: not for Shape<T>.
template <class Real>
inline constexpr bool computes = true;

/// Whether every operation is observed: for Counted<T> only.
template <class Real>
inline constexpr bool observes = false;

/// The integer that goes with a real: Integer<Counted<float>> is Counted<std::int32_t>.
template <class Real>
struct Rebound {
  template <class T>
  using to = T;
};
template <class Real>
using Integer = typename Rebound<Real>::template to<std::int32_t>;

/// Up to 64 bits of packed codes.
using Word = std::uint64_t;
inline constexpr std::size_t word_bits = 64;
template <class Real>
using PackedBits = typename Rebound<Real>::template to<Word>;

/// The machine's own type under any scalar: Plain<Counted<float>> is float.
template <class T>
struct PlainOf {
  using type = T;
};
template <class T>
using Plain = typename PlainOf<T>::type;

/// The value of any scalar as the machine's own type; counts nothing, so for input, output, tests.
inline float plain(float x) { return x; }
inline std::int32_t plain(std::int32_t x) { return x; }
inline Word plain(Word x) { return x; }

/// sum + a * b, rounded twice (no fused operation: -ffp-contract=off).
inline float mac(float sum, float a, float b) { return sum + a * b; }

inline float exp(float x) { return std::exp(x); }
inline float sqrt(float x) { return std::sqrt(x); }
inline float max(float a, float b) { return a < b ? b : a; }

/// The decision of a sign: one comparison.
inline bool is_positive(float x) { return x > 0.0F; }

/// sum + x or sum - x: one addition and one bit operation, the flip of a sign.
inline float add_signed(float sum, bool positive, float x) { return sum + (positive ? x : -x); }
inline std::int32_t add_signed(std::int32_t sum, bool positive, std::int32_t x) {
  return sum + (positive ? x : -x);
}

/// A code of -1 or +1 as a number, to be summed with others; no operation.
template <class Int>
Int code_value(bool positive) {
  return Int(positive ? 1 : -1);
}

/// 2 x by a shift: one operation on integers.
inline std::int32_t doubled(std::int32_t x) { return x << 1; }

/// An integer in Real's arithmetic. A change of format is no operation.
template <class Real, class Int>
Real real_of(Int x) {
  return Real(static_cast<Plain<Real>>(plain(x)));
}

/// How many of the lowest `width` bits differ: `width` xor and `width` popcount bit operations.
inline std::int32_t differing_bits(Word a, Word b, std::size_t /*width*/) {
  return std::popcount(a ^ b);
}

/// Bit i of a word; addressing, no operation.
inline bool bit_at(Word word, std::size_t i) { return ((word >> i) & 1U) != 0; }
inline void set_bit(Word& word, std::size_t i, bool value) {
  word |= static_cast<Word>(value) << i;
}

}  // namespace wattention
