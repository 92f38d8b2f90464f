#pragma once

// Rounded: a number in a floating-point format that is known when the program runs, not when it is
// compiled, so that one instantiation of every kernel serves all formats.
//
// A Rounded is a float that its format holds, and beside it two bytes that say which format and in
// which one its sums are kept. Every operation is computed in float and rounded to nearest, ties to
// even: r(x op y). For + - * / and sqrt that is the correctly rounded result, as float has more
// than twice the digits (Figueroa, ARITH 1995); exp and the like are float's, rounded. In fp32
// itself nothing is rounded, and the numbers are those of float bit for bit.
//
// Sums, of products and of numbers, are RoundedSum: in fp32 (Accumulate::fp32: sum + a b, with the
// product exact, as in matrix units: a multiplication of narrow numbers and an addition in fp32,
// which alone rounds) or in the format itself (Accumulate::same: r(sum + r(a b)), a mac).
//
//     const Rounded x(0.1F, {Format::fp16, Accumulate::fp32});   0.0999755859375
//     const Rounded third(1.0F / 3.0F);                          a constant, not yet in a format
//     x * third                                                  in fp16, as is `third` before
//
// A constant takes the format of the number that it meets. Where a number comes from elsewhere and
// is stored, as an integer that becomes a number, say which arithmetic: `work.real(x)`.

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "sim/ledger/arithmetic.hpp"
#include "sim/scalar/scalar.hpp"

namespace wattention {

/// How to round a float to a format: one row for each of floating_formats, behind a first one for
/// numbers whose format is not known yet. Magnitudes are compared as the bits of float.
struct RoundingRule {
  Format format = Format::of_run;
  bool rounds = false;
  std::uint32_t dropped_bits = 0;  // of float's mantissa
  std::uint32_t smallest_normal = 0;
  std::uint32_t largest = 0;
  std::uint32_t overflow = 0;  // what numbers beyond the largest become
  float shift = 0.0F;          // its last digit is that of subnormal numbers
};

constexpr std::array<RoundingRule, floating_formats.size() + 1> make_rounding_rules() {
  constexpr unsigned float_mantissa_bits = 23;
  const auto bits = [](float x) { return std::bit_cast<std::uint32_t>(x); };
  std::array<RoundingRule, floating_formats.size() + 1> rules;
  for (std::size_t i = 0; i < floating_formats.size(); ++i) {
    const FloatingFormat& format = floating_formats[i];
    const unsigned dropped = float_mantissa_bits - format.mantissa_bits;
    rules[i + 1] = {
        format.format,
        dropped != 0,
        dropped,
        bits(format.smallest_normal),
        bits(format.largest),
        bits(format.saturates ? format.largest : std::numeric_limits<float>::infinity()),
        format.smallest_normal * static_cast<float>(1U << dropped)};
  }
  return rules;
}
inline constexpr auto rounding_rules = make_rounding_rules();

constexpr std::uint8_t rule_of(Format format) {
  for (std::size_t i = 1; i < rounding_rules.size(); ++i) {
    if (rounding_rules[i].format == format) return static_cast<std::uint8_t>(i);
  }
  throw Error("rounded: expected a floating-point format");
}

/// The nearest number of a format, ties to even; NaN stays NaN.
inline float rounded_by(const RoundingRule& rule, float x) {
  if (!rule.rounds) return x;
  constexpr std::uint32_t sign_bit = 0x80000000U;
  constexpr std::uint32_t infinity = 0x7f800000U;
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t sign = bits & sign_bit;
  const std::uint32_t magnitude = bits ^ sign;
  if (magnitude > infinity) return x;  // NaN
  if (magnitude < rule.smallest_normal) {
    const float subnormal = (std::bit_cast<float>(magnitude) + rule.shift) - rule.shift;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(subnormal) | sign);
  }
  const std::uint32_t last_kept = 1U << rule.dropped_bits;
  const std::uint32_t tie_to_even = last_kept / 2 - 1 + ((magnitude >> rule.dropped_bits) & 1U);
  const std::uint32_t nearest = (magnitude + tie_to_even) & ~(last_kept - 1);
  return std::bit_cast<float>((nearest > rule.largest ? rule.overflow : nearest) | sign);
}
inline float rounded_to(Format format, float x) {
  return rounded_by(rounding_rules[rule_of(format)], x);
}

/// The rule of a number, and of its partner: for a number that of its sums, for a sum that of its
/// terms. Both are 0 while nobody has said.
class Rules {
 public:
  Rules() = default;
  constexpr Rules(std::uint8_t own, std::uint8_t partner)
      : both_(static_cast<std::uint16_t>(own | partner << 8U)) {}

  const RoundingRule& own() const { return rounding_rules[both_ & 0xffU]; }
  constexpr Rules swapped() const {
    return {static_cast<std::uint8_t>(both_ >> 8U), std::uint8_t(both_ & 0xffU)};
  }
  bool known() const { return both_ != 0; }
  bool operator==(const Rules&) const = default;

  /// Those of two numbers, of which one may be a constant.
  static Rules common(Rules a, Rules b) {
    if (a == b || !b.known()) return a;
    if (!a.known()) return b;
    throw Error("rounded: expected two numbers of one arithmetic");
  }

 private:
  std::uint16_t both_;
};

/// Rounded, or the sums of such numbers.
template <bool is_sum>
class RoundedNumber {
 public:
  RoundedNumber() = default;
  /// A constant, which is rounded when it meets a number whose format is known.
  explicit RoundedNumber(float x) : value_(x), rules_(0, 0) {}
  explicit RoundedNumber(int x) : RoundedNumber(static_cast<float>(x)) {}
  RoundedNumber(float x, const Arithmetic& arithmetic)
      : RoundedNumber(x, is_sum ? rules_of(arithmetic).swapped() : rules_of(arithmetic)) {}
  /// A number as the start of a sum, or a sum as a number. A change of format is no operation.
  explicit RoundedNumber(RoundedNumber<!is_sum> other)
      : RoundedNumber(other.value_, other.rules_.swapped()) {}

  /// The format that it is in; Format::of_run, or of_sums, where that is not known yet.
  Format format() const {
    if (!rules_.known()) return is_sum ? Format::of_sums : Format::of_run;
    return rules_.own().format;
  }

  friend float plain(RoundedNumber x) { return x.value_; }

  friend RoundedNumber operator+(RoundedNumber a, RoundedNumber b) {
    return both(a, b, [](float x, float y) { return x + y; });
  }
  friend RoundedNumber operator-(RoundedNumber a, RoundedNumber b) {
    return both(a, b, [](float x, float y) { return x - y; });
  }
  friend RoundedNumber operator*(RoundedNumber a, RoundedNumber b) {
    return both(a, b, [](float x, float y) { return x * y; });
  }
  friend RoundedNumber operator/(RoundedNumber a, RoundedNumber b) {
    return both(a, b, [](float x, float y) { return x / y; });
  }
  RoundedNumber& operator+=(RoundedNumber other) { return *this = *this + other; }
  RoundedNumber& operator-=(RoundedNumber other) { return *this = *this - other; }
  RoundedNumber& operator*=(RoundedNumber other) { return *this = *this * other; }
  RoundedNumber& operator/=(RoundedNumber other) { return *this = *this / other; }

  friend RoundedNumber exp(RoundedNumber x) {
    return each(x, [&](float y) { return x.in_fp32() ? wattention::exp(y) : std::exp(y); });
  }
  friend RoundedNumber sqrt(RoundedNumber x) {
    return each(x, [](float y) { return std::sqrt(y); });
  }
  friend RoundedNumber erf(RoundedNumber x) {
    return each(x, [&](float y) { return x.in_fp32() ? wattention::erf(y) : std::erf(y); });
  }
  friend RoundedNumber tanh(RoundedNumber x) {
    return each(x, [&](float y) { return x.in_fp32() ? wattention::tanh(y) : std::tanh(y); });
  }
  friend RoundedNumber max(RoundedNumber a, RoundedNumber b) {
    return both(a, b, [](float x, float y) { return x < y ? y : x; });
  }
  friend RoundedNumber min(RoundedNumber a, RoundedNumber b) {
    return both(a, b, [](float x, float y) { return y < x ? y : x; });
  }
  friend RoundedNumber abs(RoundedNumber x) {
    x.value_ = std::fabs(x.value_);
    return x;
  }
  friend bool exceeds(RoundedNumber a, RoundedNumber b) {
    const Rules rules = Rules::common(a.rules_, b.rules_);
    return a.value_by(rules) > b.value_by(rules);
  }
  friend bool is_positive(RoundedNumber x) { return x.value_ > 0.0F; }

  friend RoundedNumber<true> mac(RoundedNumber<true> sum, RoundedNumber a, RoundedNumber b) {
    return sum + product_as_term(a, b);
  }
  friend RoundedNumber<true> add_signed(RoundedNumber<true> sum, bool positive, RoundedNumber x) {
    if (!positive) x.value_ = -x.value_;
    return sum + RoundedNumber<true>(x);
  }

 private:
  friend class RoundedNumber<!is_sum>;

  RoundedNumber(float x, Rules rules) : value_(rounded_by(rules.own(), x)), rules_(rules) {}

  static constexpr Rules rules_of(const Arithmetic& arithmetic) {
    return {rule_of(arithmetic.precision), rule_of(arithmetic.sums())};
  }

  bool in_fp32() const { return !rules_.own().rounds; }

  /// The value under rules: a constant is rounded by them.
  float value_by(Rules rules) const {
    return rules == rules_ ? value_ : rounded_by(rules.own(), value_);
  }

  template <class F>
  static RoundedNumber both(RoundedNumber a, RoundedNumber b, const F& f) {
    const Rules rules = Rules::common(a.rules_, b.rules_);
    return RoundedNumber(f(a.value_by(rules), b.value_by(rules)), rules);
  }
  template <class F>
  static RoundedNumber each(RoundedNumber x, const F& f) {
    return RoundedNumber(f(x.value_), x.rules_);
  }

  /// a b in the format of sums: exact in fp32, which holds the product of two narrow numbers.
  static RoundedNumber<true> product_as_term(RoundedNumber a, RoundedNumber b) {
    const Rules rules = Rules::common(a.rules_, b.rules_);
    return RoundedNumber<true>(a.value_by(rules) * b.value_by(rules),
                               is_sum ? rules : rules.swapped());
  }

  float value_;
  Rules rules_;
};

using Rounded = RoundedNumber<false>;
using RoundedSum = RoundedNumber<true>;

template <>
struct FormatOf<Rounded> {
  static constexpr Format value = Format::of_run;
};
template <>
struct FormatOf<RoundedSum> {
  static constexpr Format value = Format::of_sums;
};
template <>
struct SumOf<Rounded> {
  using type = RoundedSum;
};

/// The format that a number is in when the program runs; what is not known yet is computed in fp32.
template <bool is_sum>
Format format_in(RoundedNumber<is_sum> x) {
  return x.format() == Format::of_run || x.format() == Format::of_sums ? Format::fp32 : x.format();
}

/// A number in the arithmetic of a run.
template <bool is_sum>
RoundedNumber<is_sum> number_in(const Arithmetic& arithmetic, float x,
                                std::type_identity<RoundedNumber<is_sum>> /*type*/) {
  return RoundedNumber<is_sum>(x, arithmetic);
}

}  // namespace wattention
