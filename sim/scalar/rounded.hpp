#pragma once

// Rounded<format, width>: arithmetic in 16 bits, fp16 (IEEE binary16) or bf16 (bfloat16).
//
// A value is a float that the format holds. Every operation is computed in float and rounded to
// nearest, ties to even, overflow to infinity: r(x op y). For + - * / and sqrt that is the
// correctly rounded result, as float has more than twice the digits (Figueroa, ARITH 1995); exp is
// float's, rounded. Sums, of products and of numbers, are kept in fp32 (Accumulate::fp32: sum + a
// b, with the product exact, as in matrix units: a multiplication of narrow numbers and an addition
// in fp32, which alone rounds) or in the format itself (Accumulate::same: r(sum + r(a b)), a mac).

#include <bit>
#include <cmath>
#include <cstdint>

#include "sim/scalar/scalar.hpp"

namespace wattention {

enum class Accumulate : std::uint8_t { fp32, same };

/// The nearest number of the format, ties to even.
template <Format format>
float rounded_to(float x) {
  static_assert(format == Format::fp16 || format == Format::bf16);
  if (std::isnan(x)) return x;
  if constexpr (format == Format::bf16) {
    const auto bits = std::bit_cast<std::uint32_t>(x);
    const std::uint32_t tie_to_even = 0x7fffU + ((bits >> 16U) & 1U);
    return std::bit_cast<float>((bits + tie_to_even) & 0xffff0000U);
  } else {
    constexpr float smallest_normal = 0x1p-14F;
    constexpr float overflow = 65520.0F;  // half way from the largest number to the next power
    const float magnitude = std::fabs(x);
    if (magnitude >= overflow) return std::copysign(INFINITY, x);
    if (magnitude < smallest_normal) {
      constexpr float shift = 0x1p-1F;  // its last digit is 2^-24, that of subnormal numbers
      return std::copysign((magnitude + shift) - shift, x);
    }
    const auto bits = std::bit_cast<std::uint32_t>(x);
    const std::uint32_t tie_to_even = 0xfffU + ((bits >> 13U) & 1U);
    return std::bit_cast<float>((bits + tie_to_even) & 0xffffe000U);
  }
}

template <Format format, Accumulate accumulate>
class Rounded {
 public:
  Rounded() = default;
  explicit Rounded(float x) : value_(rounded_to<format>(x)) {}
  explicit Rounded(int x) : Rounded(static_cast<float>(x)) {}

  friend float plain(Rounded x) { return x.value_; }

  friend Rounded operator+(Rounded a, Rounded b) { return Rounded(a.value_ + b.value_); }
  friend Rounded operator-(Rounded a, Rounded b) { return Rounded(a.value_ - b.value_); }
  friend Rounded operator*(Rounded a, Rounded b) { return Rounded(a.value_ * b.value_); }
  friend Rounded operator/(Rounded a, Rounded b) { return Rounded(a.value_ / b.value_); }
  Rounded& operator+=(Rounded other) { return *this = *this + other; }
  Rounded& operator-=(Rounded other) { return *this = *this - other; }
  Rounded& operator*=(Rounded other) { return *this = *this * other; }
  Rounded& operator/=(Rounded other) { return *this = *this / other; }

  friend Sum<Rounded> mac(Sum<Rounded> sum, Rounded a, Rounded b) {
    if constexpr (accumulate == Accumulate::fp32) {
      return sum + a.value_ * b.value_;  // float holds the product of 11 by 11 digits
    } else {
      return sum + a * b;
    }
  }
  friend Rounded exp(Rounded x) { return Rounded(std::exp(x.value_)); }
  friend Rounded sqrt(Rounded x) { return Rounded(std::sqrt(x.value_)); }
  friend Rounded erf(Rounded x) { return Rounded(std::erf(x.value_)); }
  friend Rounded tanh(Rounded x) { return Rounded(std::tanh(x.value_)); }
  friend Rounded max(Rounded a, Rounded b) { return a.value_ < b.value_ ? b : a; }
  friend Rounded min(Rounded a, Rounded b) { return b.value_ < a.value_ ? b : a; }
  friend Rounded abs(Rounded x) { return Rounded(std::fabs(x.value_)); }
  friend bool exceeds(Rounded a, Rounded b) { return a.value_ > b.value_; }
  friend bool is_positive(Rounded x) { return x.value_ > 0.0F; }
  friend Sum<Rounded> add_signed(Sum<Rounded> sum, bool positive, Rounded x) {
    return sum + Sum<Rounded>(positive ? x.value_ : -x.value_);
  }

 private:
  float value_;
};

template <Format format, Accumulate accumulate>
struct FormatOf<Rounded<format, accumulate>> {
  static constexpr Format value = format;
};
template <Format format>
struct SumOf<Rounded<format, Accumulate::fp32>> {
  using type = float;
};

}  // namespace wattention
