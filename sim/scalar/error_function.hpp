#pragma once

// erf(x) and tanh(x) for float in single precision alone, so that they are the same numbers on
// every machine and, lane by lane, in sim/kernels/fast/. Both within 2 units in the last place.
//
//     erf(x)  = x + x p(x^2)                        where |x| <= 475/512,
//               sign(x) (1 - exp(-|x| - |x| q(|x|)))  beyond, and 1 from 4 on
//     tanh(x) = x + x^3 p(x^2)                      where |x| < 0.625,
//               sign(x) (1 - 2 / (exp(2 |x|) + 1))    beyond, and 1 from 9.1 on
//
// Sources: N. Juffa, Efficient faithfully rounded implementation of erff(), 2018 (polynomials of
// erf); S. Moshier, Cephes, tanhf.

#include <algorithm>
#include <cmath>

#include "sim/scalar/exponential.hpp"

namespace wattention {

struct ErrorFunctionConstants {
  static constexpr float small = 0.927734375F;
  static constexpr float one_from = 4.0F;
  static constexpr float p[] = {-5.96761703e-4F, 4.99119423e-3F,  -2.67681349e-2F,
                                1.12819925e-1F,  -3.76125336e-1F, 1.28379166e-1F};
  static constexpr float q[] = {-1.72853470e-5F, 3.83197126e-4F,  -3.88396438e-3F, 2.42546219e-2F,
                                -1.06777877e-1F, -6.34846687e-1F, -1.28717512e-1F};
};

inline float erf(float x) {
  using C = ErrorFunctionConstants;
  const float magnitude = std::abs(x);
  if (magnitude > C::small) {
    const float t = std::min(magnitude, C::one_from);
    const float square = t * t;
    float q = (C::q[0] * t + C::q[1]) * square + (C::q[2] * t + C::q[3]);
    for (int i = 4; i < 7; ++i) q = q * t + C::q[i];
    return std::copysign(1.0F - exponential(q * t - t), x);
  }
  const float square = x * x;
  float p = C::p[0];
  for (int i = 1; i < 6; ++i) p = p * square + C::p[i];
  return p * x + x;
}

struct HyperbolicTangentConstants {
  static constexpr float small = 0.625F;
  static constexpr float one_from = 9.1F;
  static constexpr float p[] = {-5.70498872745e-3F, 2.06390887954e-2F, -5.37397155531e-2F,
                                1.33314422036e-1F, -3.33332819422e-1F};
};

inline float tanh(float x) {
  using C = HyperbolicTangentConstants;
  const float magnitude = std::abs(x);
  if (magnitude >= C::small) {
    const float t = std::min(magnitude, C::one_from);
    return std::copysign(1.0F - 2.0F / (exponential(t + t) + 1.0F), x);
  }
  const float square = x * x;
  float p = C::p[0];
  for (int i = 1; i < 5; ++i) p = p * square + C::p[i];
  return std::copysign(p * square * x + x, x);
}

}  // namespace wattention
