#pragma once

// exp(x) for float in single precision alone, so that it is the same number on every machine and,
// lane by lane, in sim/kernels/fast/:
//
//     n = round(x / ln 2),  r = x - n ln 2 (Cody and Waite: ln 2 in two parts),
//     exp(x) = 2^n (1 + r + r^2 p(r)),  p of degree 5
//
// Source of p: S. Moshier, Cephes, expf; evaluated by Estrin's scheme, whose chains of operations
// are short. Within 2 units in the last place of the true value;
// results below the smallest normal number are 0.

#include <bit>
#include <cstdint>
#include <limits>

namespace wattention {

struct ExponentialConstants {
  static constexpr float per_ln2 = 1.44269504F;
  static constexpr float to_integer = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  static constexpr float ln2_high = 0.693359375F;
  static constexpr float ln2_low = -2.12194440e-4F;
  static constexpr float p[] = {1.9875691500e-4F, 1.3981999507e-3F, 8.3334519073e-3F,
                                4.1665795894e-2F, 1.6666665459e-1F, 5.0000001201e-1F};
  static constexpr float lowest = -87.3365402F;  // the result is a normal number
  static constexpr float highest = 88.7228317F;  // and a finite one
  static constexpr int mantissa_bits = 23;
  static constexpr float exponent_bias = 127.0F;
};

inline float exponential(float x) {
  using C = ExponentialConstants;
  const float shifted = x * C::per_ln2 + C::to_integer;
  const float n = shifted - C::to_integer;
  const float r = x - n * C::ln2_high - n * C::ln2_low;
  const float square = r * r;
  float y = (C::p[0] * r + C::p[1]) * square + (C::p[2] * r + C::p[3]);
  y = y * square + (C::p[4] * r + C::p[5]);
  y = y * square + r + 1.0F;
  const auto bits =
      std::bit_cast<std::uint32_t>(y) + (std::bit_cast<std::uint32_t>(shifted) << C::mantissa_bits);
  if (x < C::lowest) return 0.0F;
  if (x > C::highest) return std::numeric_limits<float>::infinity();
  return x == x ? std::bit_cast<float>(bits) : x;
}

}  // namespace wattention
