#pragma once

// Kernels of a network's layers other than attention and convolution, over tokens [h, n, c]:
// linear layers, normalisation, activations, additions, means. As in sim/kernels/products.hpp each
// declares first and then computes.

#include <cmath>
#include <cstddef>
#include <vector>

#include "sim/kernels/fast/vector_kernels.hpp"
#include "sim/kernels/products.hpp"
#include "sim/kernels/row_blocks.hpp"
#include "sim/kernels/rows.hpp"

namespace wattention {

/// In place: x_j += bias_j over rows [first, first + count) of every head. Uncharged: the loop of
/// kernels that declare these additions.
template <class Real>
void add_bias(Input<Real> bias, const View<Real>& x, std::size_t first, std::size_t count) {
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = first; i < first + count; ++i) {
      Real* const row = x.row(h, i);
      for (std::size_t c = 0; c < x.cols; ++c) row[c] += bias(0, 0, c);
    }
  }
}

/// out = x W + b: [1, n, c] x [1, c, m] + [1, 1, m] -> [1, n, m]; n c m macs and, where there is a
/// bias (a view with a head), n m additions.
template <class Real>
void linear(Phase& phase, Input<Real> x, Input<Real> weights, Input<Real> bias, View<Real> out) {
  const bool biased = bias.heads != 0;
  demand(x.cols == weights.rows && weights.cols == out.cols && x.rows == out.rows && x.heads == 1 &&
             out.heads == 1 && (!biased || bias.cols == out.cols),
         "linear: expected shapes [1, n, c] x [1, c, m] + [1, 1, m] -> [1, n, m], found others");
  constexpr std::size_t rows_per_block = std::is_same_v<Real, float> ? 64 : 16;
  const Work<Real> work(phase,
                        {{Op::mac, format_of<Real>, product(out.elements(), x.cols)},
                         {Op::add, format_of<Real>, biased ? out.elements() : 0}},
                        product_of(x, weights, out) + reads(bias));
  if constexpr (!computes<Real>) return;
  const std::uint64_t macs = product(out.elements(), x.cols);
  each_block<Real>(x.rows, rows_per_block, macs, [&](std::size_t i, std::size_t count) {
    product_of_matrices<Real>(work, x.slice(i, count), weights, out.slice(i, count));
    if (biased) add_bias<Real>(bias, out, i, count);
  });
}

/// out_i = (x_i - m) / sqrt(var + epsilon) * w + b with the mean m and the biased variance of each
/// row of c numbers: 2 c additions (mean, differences, epsilon), c macs for the squares, c
/// multiplications by the reciprocal, c macs for w and b, 3 divisions and a square root. Mean,
/// variance and the reciprocal of its root are computed in the format of sums.
template <class Real>
void layer_norm(Phase& phase, Input<Real> x, Input<Real> weight, Input<Real> bias, float epsilon,
                View<Real> out) {
  demand(weight.cols == x.cols && bias.cols == x.cols && out.cols == x.cols && out.rows == x.rows,
         "layer_norm: expected a weight and a bias for each column");
  using Wide = Sum<Real>;
  constexpr Format format = format_of<Real>;
  constexpr Format wide = format_of<Wide>;
  const std::uint64_t rows = product(x.heads, x.rows);
  const Work<Real> work(phase,
                        {{Op::add, wide, x.elements()},
                         {Op::add, format, x.elements()},
                         {Op::mac, format, product(std::uint64_t{2}, x.elements())},
                         {Op::mul, format, x.elements()},
                         {Op::div, wide, product(std::uint64_t{3}, rows)},
                         {Op::sqrt, wide, rows}},
                        reads(x, weight, bias) + writes(out));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::layer_norm(x, weight, bias, epsilon, out);
  }
  const Wide count(static_cast<float>(x.cols));
  const Wide small(epsilon);
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      const Real* const from = x.row(h, i);
      Real* const to = out.row(h, i);
      const auto mean = real_of<Real>(sum_in_order(from, x.cols) / count);
      for (std::size_t c = 0; c < x.cols; ++c) to[c] = from[c] - mean;
      const Wide variance = sum_of_squares(to, x.cols) / count;
      const auto scale = real_of<Real>(Wide(1.0F) / sqrt(variance + small));
      for (std::size_t c = 0; c < x.cols; ++c) {
        const auto start = real_of<Wide>(bias(0, 0, c));
        to[c] = real_of<Real>(mac(start, to[c] * scale, weight(0, 0, c)));
      }
    }
  }
}

/// out = f(x) number by number, where f executes the operations of `each` (counts for one number);
/// float by vectors where there is such a form.
template <class Real, class F>
void each_number(Phase& phase, std::initializer_list<Charge> each, Input<Real> x, View<Real> out,
                 const F& f,
                 void (*by_vectors)(const View<const float>&, const View<float>&) = nullptr) {
  const Work<Real> work(phase, each, reads(x) + writes(out), x.elements());
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    if (by_vectors != nullptr) return by_vectors(x, out);
  }
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      const Real* const from = x.row(h, i);
      Real* const to = out.row(h, i);
      for (std::size_t c = 0; c < x.cols; ++c) to[c] = f(from[c]);
    }
  }
}

/// x Phi(x) = x / 2 (1 + erf(x / sqrt 2)) (Hendrycks, Gimpel, 2016): 3 multiplications, an addition
/// and an erf a number.
template <class Real>
void gelu(Phase& phase, Input<Real> x, View<Real> out) {
  constexpr Format format = format_of<Real>;
  const Real half(0.5F);
  const Real one(1.0F);
  const Real root_half(0.70710678F);
  each_number<Real>(
      phase, {{Op::mul, format, 3}, {Op::add, format, 1}, {Op::erf, format, 1}}, x, out,
      [=](Real y) { return half * y * (one + erf(y * root_half)); }, fast::gelu);
}

/// x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))): 6 multiplications, 2 additions and a tanh a
/// number.
template <class Real>
void gelu_by_tanh(Phase& phase, Input<Real> x, View<Real> out) {
  constexpr Format format = format_of<Real>;
  const Real half(0.5F);
  const Real one(1.0F);
  const Real cubic(0.044715F);
  const Real root(0.79788456F);
  each_number<Real>(
      phase, {{Op::mul, format, 6}, {Op::add, format, 2}, {Op::tanh, format, 1}}, x, out,
      [=](Real y) { return half * y * (one + tanh(root * (y + cubic * (y * y * y)))); },
      fast::gelu_by_tanh);
}

/// max(x, 0): a comparison a number.
template <class Real>
void relu(Phase& phase, Input<Real> x, View<Real> out) {
  const Real zero(0.0F);
  each_number<Real>(phase, {{Op::compare, format_of<Real>, 1}}, x, out,
                    [=](Real y) { return max(y, zero); });
}

/// tanh(x): a tanh a number.
template <class Real>
void hyperbolic_tangent(Phase& phase, Input<Real> x, View<Real> out) {
  each_number<Real>(
      phase, {{Op::tanh, format_of<Real>, 1}}, x, out, [](Real y) { return tanh(y); },
      fast::hyperbolic_tangent);
}

/// out = a + b: an addition a number.
template <class Real>
void sum_of(Phase& phase, Input<Real> a, Input<Real> b, View<Real> out) {
  demand(a.heads == b.heads && a.rows == b.rows && a.cols == b.cols && out.rows == a.rows &&
             out.cols == a.cols,
         "sum_of: expected tensors of one shape");
  const Work<Real> work(phase, {{Op::add, format_of<Real>, out.elements()}},
                        reads(a, b) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < a.heads; ++h) {
    for (std::size_t i = 0; i < a.rows; ++i) {
      for (std::size_t c = 0; c < a.cols; ++c) out(h, i, c) = a(h, i, c) + b(h, i, c);
    }
  }
}

/// out = the mean over rows: [h, n, c] -> [h, 1, c]; (n - 1) c additions and c multiplications by
/// 1 / n, which is known before, a head; all in the format of sums.
template <class Real>
void mean_of_rows(Phase& phase, Input<Real> x, View<Real> out) {
  constexpr Format wide = format_of<Sum<Real>>;
  const Work<Real> work(phase,
                        {{Op::add, wide, x.elements() - product(x.heads, x.cols)},
                         {Op::mul, wide, product(x.heads, x.cols)}},
                        reads(x) + writes(out));
  if constexpr (!computes<Real>) return;
  const Sum<Real> factor(1.0F / static_cast<float>(x.rows));
  std::vector<Sum<Real>> totals(x.cols);
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t c = 0; c < x.cols; ++c) totals[c] = real_of<Sum<Real>>(x(h, 0, c));
    for (std::size_t i = 1; i < x.rows; ++i) {
      for (std::size_t c = 0; c < x.cols; ++c) totals[c] += real_of<Sum<Real>>(x(h, i, c));
    }
    for (std::size_t c = 0; c < x.cols; ++c) out(h, 0, c) = real_of<Real>(totals[c] * factor);
  }
}

}  // namespace wattention
