#include <algorithm>

#include "sim/kernels/fast/targets.hpp"
#include "sim/kernels/fast/vector_kernels.hpp"
#include "sim/scalar/error_function.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/kernels/fast/activations.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sim/kernels/fast/vectors.hpp"

HWY_BEFORE_NAMESPACE();
namespace wattention::fast::HWY_NAMESPACE {

template <std::size_t count>
HWY_INLINE Vector polynomial(const float (&p)[count], Vector x) {
  const Floats d;
  auto y = hn::Set(d, p[0]);
  for (std::size_t i = 1; i < count; ++i) y = hn::Add(hn::Mul(y, x), hn::Set(d, p[i]));
  return y;
}

HWY_INLINE void error_function(Several& v) {
  using C = ErrorFunctionConstants;
  const Floats d;
  const auto one = hn::Set(d, 1.0F);
  Several large;
  each_of([&](std::size_t i) HWY_ATTR {
    const auto t = hn::Min(hn::Abs(v.x[i]), hn::Set(d, C::one_from));
    const auto times_t_plus = [&](Vector a, float b)
                                  HWY_ATTR { return hn::Add(hn::Mul(a, t), hn::Set(d, b)); };
    auto q = hn::Add(hn::Mul(times_t_plus(hn::Set(d, C::q[0]), C::q[1]), hn::Mul(t, t)),
                     times_t_plus(hn::Set(d, C::q[2]), C::q[3]));
    q = times_t_plus(q, C::q[4]);
    q = times_t_plus(q, C::q[5]);
    q = times_t_plus(q, C::q[6]);
    large.x[i] = hn::Sub(hn::Mul(q, t), t);
  });
  exponentiate(large);
  each_of([&](std::size_t i) HWY_ATTR {
    const auto x = v.x[i];
    const auto near_zero = hn::Add(hn::Mul(polynomial(C::p, hn::Mul(x, x)), x), x);
    const auto is_large = hn::Gt(hn::Abs(x), hn::Set(d, C::small));
    v.x[i] = hn::IfThenElse(is_large, hn::CopySign(hn::Sub(one, large.x[i]), x), near_zero);
  });
}

HWY_INLINE void hyperbolic_tangent(Several& v) {
  using C = HyperbolicTangentConstants;
  const Floats d;
  const auto one = hn::Set(d, 1.0F);
  Several large;
  each_of([&](std::size_t i) HWY_ATTR {
    const auto t = hn::Min(hn::Abs(v.x[i]), hn::Set(d, C::one_from));
    large.x[i] = hn::Add(t, t);
  });
  exponentiate(large);
  each_of([&](std::size_t i) HWY_ATTR {
    const auto x = v.x[i];
    const auto square = hn::Mul(x, x);
    const auto near_zero = hn::Add(hn::Mul(hn::Mul(polynomial(C::p, square), square), x), x);
    const auto far = hn::Sub(one, hn::Div(hn::Set(d, 2.0F), hn::Add(large.x[i], one)));
    const auto is_large = hn::Ge(hn::Abs(x), hn::Set(d, C::small));
    v.x[i] = hn::CopySign(hn::IfThenElse(is_large, far, near_zero), x);
  });
}

template <class F>
HWY_INLINE void each_number_of(const View<const float>& x, const View<float>& out, const F& f) {
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      several_columns(x.cols, x.row(h, i), out.row(h, i),
                      [&](Several& v, std::size_t) HWY_ATTR { f(v); });
    }
  }
}

/// y / 2 (1 + f(y)) of what v was.
HWY_INLINE void halve_and_raise(const Several& y, Several& v) {
  const Floats d;
  each_of([&](std::size_t i) HWY_ATTR {
    v.x[i] = hn::Mul(hn::Mul(hn::Set(d, 0.5F), y.x[i]), hn::Add(hn::Set(d, 1.0F), v.x[i]));
  });
}

void Gelu(const View<const float>& x, const View<float>& out) {
  const auto root_half = hn::Set(Floats(), 0.70710678F);
  each_number_of(x, out, [&](Several& v) HWY_ATTR {
    const Several y = v;
    each_of([&](std::size_t i) HWY_ATTR { v.x[i] = hn::Mul(v.x[i], root_half); });
    error_function(v);
    halve_and_raise(y, v);
  });
}

void GeluByTanh(const View<const float>& x, const View<float>& out) {
  const auto cubic = hn::Set(Floats(), 0.044715F);
  const auto root = hn::Set(Floats(), 0.79788456F);
  each_number_of(x, out, [&](Several& v) HWY_ATTR {
    const Several y = v;
    each_of([&](std::size_t i) HWY_ATTR {
      const auto cube = hn::Mul(hn::Mul(v.x[i], v.x[i]), v.x[i]);
      v.x[i] = hn::Mul(root, hn::Add(v.x[i], hn::Mul(cubic, cube)));
    });
    hyperbolic_tangent(v);
    halve_and_raise(y, v);
  });
}

void HyperbolicTangent(const View<const float>& x, const View<float>& out) {
  each_number_of(x, out, [](Several& v) HWY_ATTR { hyperbolic_tangent(v); });
}

}  // namespace wattention::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wattention::fast {

HWY_EXPORT(Gelu);
HWY_EXPORT(GeluByTanh);
HWY_EXPORT(HyperbolicTangent);

void gelu(const View<const float>& x, const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(Gelu)(x, out);
}
void gelu_by_tanh(const View<const float>& x, const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(GeluByTanh)(x, out);
}
void hyperbolic_tangent(const View<const float>& x, const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(HyperbolicTangent)(x, out);
}

}  // namespace wattention::fast
#endif
