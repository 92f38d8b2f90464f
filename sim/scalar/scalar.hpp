#pragma once

// What kernels need of a scalar type, and its meaning for the machine's own numbers.
//
// A kernel is written once over a scalar type Real and calls the operators and the functions below
// unqualified: for float they are found here, for Counted<T> and Shape<T> (sim/scalar/counted.hpp,
// sim/scalar/shape.hpp) by argument-dependent lookup. The number format follows from the type.

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "sim/ledger/arithmetic.hpp"
#include "sim/ledger/op.hpp"
#include "sim/scalar/error_function.hpp"
#include "sim/scalar/exponential.hpp"

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
struct FormatOf<std::int8_t> {
  static constexpr Format value = Format::int8;
};
template <>
struct FormatOf<std::uint8_t> {
  static constexpr Format value = Format::int8;
};
template <>
struct FormatOf<std::uint64_t> {
  static constexpr Format value = Format::bit;  // packed codes
};

/// The number format in which Real computes; Format::of_run where the run says (Rounded).
template <class Real>
inline constexpr Format format_of = FormatOf<Real>::value;

/// The format of one number. Of the machine's own, that of its type.
template <class T>
Format format_in(T /*x*/) {
  return format_of<T>;
}

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

/// What sums, of products and of numbers, are kept in: wider where the arithmetic says so.
template <class T>
struct SumOf {
  using type = T;
};
template <>
struct SumOf<std::int8_t> {
  using type = std::int32_t;
};
template <>
struct SumOf<std::uint8_t> {
  using type = std::int32_t;
};
template <class Real>
using Sum = typename SumOf<Real>::type;

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
inline std::int8_t plain(std::int8_t x) { return x; }
inline std::uint8_t plain(std::uint8_t x) { return x; }
inline Word plain(Word x) { return x; }

/// sum + a * b, rounded twice (no fused operation: -ffp-contract=off).
inline float mac(float sum, float a, float b) { return sum + a * b; }
inline std::int32_t mac(std::int32_t sum, std::int8_t a, std::int8_t b) { return sum + a * b; }
inline std::int32_t mac(std::int32_t sum, std::uint8_t a, std::int8_t b) { return sum + a * b; }

inline float exp(float x) { return exponential(x); }
inline float sqrt(float x) { return std::sqrt(x); }
inline float max(float a, float b) { return a < b ? b : a; }
inline float min(float a, float b) { return b < a ? b : a; }

/// |x| by clearing the sign: one bit operation.
inline float abs(float x) { return std::fabs(x); }

/// The decision of a sign: one comparison.
inline bool exceeds(float a, float b) { return a > b; }
inline bool is_positive(float x) { return x > 0.0F; }
inline bool is_negative(float x) { return x < 0.0F; }
template <class Real>
bool is_negative(Real x) {
  return is_negative(plain(x));
}

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

/// A number of the machine as one of the same kind as Real: for float it is itself.
inline float number_in(const Arithmetic& /*arithmetic*/, float x,
                       std::type_identity<float> /*type*/) {
  return x;
}

/// A sum as a number, a number as a sum, an integer as a number. A change of format is no
/// operation. What has no format of the run, an integer say, is a constant: where it is stored, the
/// arithmetic must be said too.
template <class Real, class Number>
Real real_of(Number x) {
  if constexpr (std::is_same_v<Real, Number>) {
    return x;
  } else if constexpr (!computes<Real>) {
    return Real();
  } else if constexpr (observes<Number>) {
    return Real(real_of<Plain<Real>>(x.uncounted()));
  } else if constexpr (std::is_class_v<Number> && std::is_constructible_v<Real, Number>) {
    return Real(x);
  } else {
    return Real(static_cast<float>(plain(x)));
  }
}

/// Any number in an arithmetic.
template <class Real, class Number>
Real real_of(Number x, const Arithmetic& arithmetic) {
  if constexpr (!computes<Real>) {
    return Real();
  } else if constexpr (std::is_integral_v<Plain<Real>>) {
    return Real(static_cast<Plain<Real>>(plain(x)));
  } else {
    return Real(
        number_in(arithmetic, static_cast<float>(plain(x)), std::type_identity<Plain<Real>>{}));
  }
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
