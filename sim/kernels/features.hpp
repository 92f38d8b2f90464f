#pragma once

// Kernels of linear attention with features f(x) >= 0 (Katharopoulos et al., ICML 2020): the
// features of several papers, and the two sums over tokens, sum_j f(k_j) v_j^T and sum_j f(k_j),
// that replace the matrix of scores. Batched over heads, as sim/kernels/products.hpp.
//
// The sums grow block by block of tokens: set_to_zero, then a call for each block. Every token then
// costs as many additions as it has numbers.

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/kernels/products.hpp"
#include "sim/kernels/rows.hpp"

namespace wattention {

/// out = max(x, 0) + exp(min(x, 0)), which is elu(x) + 1 without a branch: 2 comparisons, an
/// exponential and an addition for every number.
template <class Real>
void elu_features(Phase& phase, Input<Real> x, View<Real> out) {
  constexpr Format format = format_of<Real>;
  const std::uint64_t numbers = x.elements();
  [[maybe_unused]] const Real zero(0);
  const Work<Real> work(phase,
                        {{Op::compare, format, product(numbers, 2U)},
                         {Op::exp, format, numbers},
                         {Op::add, format, numbers}},
                        reads(x) + writes(out));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::elu_features(x, out);
  }
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      const Real* const from = x.row(h, i);
      Real* const to = out.row(h, i);
      for (std::size_t c = 0; c < x.cols; ++c) {
        to[c] = max(from[c], zero) + exp(min(from[c], zero));
      }
    }
  }
}

/// out_i = [r cos_i, r sin_i] with r = max(x_i, 0) and a cosine and a sine for every row, turns
/// [1, n, 2]: [h, n, d] -> [h, n, 2 d]; a comparison and 2 multiplications for every number of x.
template <class Real>
void turned_relu_features(Phase& phase, Input<Real> x, Input<Real> turns, View<Real> out) {
  demand(turns.rows == x.rows && out.cols == 2 * x.cols,
         "turned_relu_features: expected a turn for every row and twice the columns");
  constexpr Format format = format_of<Real>;
  const std::uint64_t numbers = x.elements();
  const Real zero(0);
  const Work<Real> work(phase,
                        {{Op::compare, format, numbers}, {Op::mul, format, product(numbers, 2U)}},
                        reads(x, turns) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      const Real cosine = turns(0, i, 0);
      const Real sine = turns(0, i, 1);
      Real* const to = out.row(h, i);
      for (std::size_t c = 0; c < x.cols; ++c) {
        const Real positive = max(x(h, i, c), zero);
        to[c] = positive * cosine;
        to[x.cols + c] = positive * sine;
      }
    }
  }
}

/// out_i = ||x_i||^2 / 2: [h, n, d] -> [h, n, 1]; d macs and a multiplication a row.
template <class Real>
void half_squared_norms(Phase& phase, Input<Real> x, View<Real> out) {
  constexpr Format format = format_of<Real>;
  const Real half(0.5F);
  const Work<Real> work(phase, {{Op::mac, format, x.elements()}, {Op::mul, format, out.elements()}},
                        reads(x) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      out(h, i, 0) = half * real_of<Real>(sum_of_squares(x.row(h, i), x.cols));
    }
  }
}

/// out_i = max_c x_ic: [h, n, m] -> [h, n, 1]; m - 1 comparisons a row.
template <class Real>
void row_maxima(Phase& phase, Input<Real> x, View<Real> out) {
  const Work<Real> work(phase, {{Op::compare, format_of<Real>, x.elements() - out.elements()}},
                        reads(x) + writes(out));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::row_maxima(x, out);
  }
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      const Real* const from = x.row(h, i);
      Real top = from[0];
      for (std::size_t c = 1; c < x.cols; ++c) top = max(top, from[c]);
      out(h, i, 0) = top;
    }
  }
}

/// top = max(top, every number of x), top [1, 1, 1]; a comparison for every number of x. Start at
/// -infinity.
template <class Real>
void raise_to_maximum(Phase& phase, Input<Real> x, View<Real> top) {
  const Work<Real> work(phase, {{Op::compare, format_of<Real>, x.elements()}},
                        reads(x, top) + writes(top));
  if constexpr (!computes<Real>) return;
  Real highest = top(0, 0, 0);
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      for (std::size_t c = 0; c < x.cols; ++c) highest = max(highest, x(h, i, c));
    }
  }
  top(0, 0, 0) = highest;
}

/// out_ic = (exp(p_ic - (g_i + top_i)) + least) / sqrt(m): projections [h, n, m], half squared
/// norms g [h, n, 1], top [h, n, 1] or one for all [1, 1, 1]. For every row an addition, for every
/// number a subtraction, an exponential, an addition and a multiplication.
template <class Real>
void positive_features(Phase& phase, Input<Real> projections, Input<Real> half_norms,
                       Input<Real> top, float least, View<Real> out) {
  constexpr Format format = format_of<Real>;
  const std::uint64_t numbers = out.elements();
  const Real smallest(least);
  const Real factor(1.0F / std::sqrt(static_cast<float>(out.cols)));
  const Work<Real> work(phase,
                        {{Op::add, format, sum(product(numbers, 2U), half_norms.elements())},
                         {Op::exp, format, numbers},
                         {Op::mul, format, numbers}},
                        reads(projections, half_norms, top) + writes(out));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::positive_features(projections, half_norms, top, smallest, factor, out);
  }
  for (std::size_t h = 0; h < out.heads; ++h) {
    for (std::size_t i = 0; i < out.rows; ++i) {
      const Real* const from = projections.row(h, i);
      Real* const to = out.row(h, i);
      const Real shift =
          half_norms(h, i, 0) + top(top.heads == 1 ? 0 : h, top.rows == 1 ? 0 : i, 0);
      for (std::size_t c = 0; c < out.cols; ++c) {
        to[c] = factor * (exp(from[c] - shift) + smallest);
      }
    }
  }
}

/// x = 0; moves data only.
template <class Real>
void set_to_zero(Phase& phase, View<Real> x) {
  const Work<Real> work(phase, {}, writes(x));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) std::fill_n(x.row(h, i), x.cols, Real(0));
  }
}

/// total += sum_i f_i v_i^T: features [h, n, m], values [h, n, e] -> [h, m, e]; n m e macs a head.
template <class Real>
void add_outer_products(Phase& phase, Input<Real> features, Input<Real> v, View<Sum<Real>> total) {
  demand(features.heads == v.heads && features.rows == v.rows && total.heads == v.heads &&
             total.rows == features.cols && total.cols == v.cols,
         "add_outer_products: expected shapes [h, n, m], [h, n, e] -> [h, m, e], found others");
  const Work<Real> work(
      phase, {{Op::mac, format_of<Real>, product(features.elements(), v.cols)}},
      product_of(features, v, total, {v.heads, features.cols, v.cols, v.rows, TokenSide::inner}) +
          reads(total));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::add_outer_products(features, v, total);
  }
  for (std::size_t h = 0; h < v.heads; ++h) {
    for (std::size_t m = 0; m < features.cols; ++m) {
      by_column_tiles(v.cols, [&](std::size_t first, auto width) {
        std::array<Sum<Real>, column_tile> sums;
        Sum<Real>* const total_row = total.row(h, m) + first;
        for (std::size_t j = 0; j < width; ++j) sums[j] = total_row[j];
        for (std::size_t i = 0; i < v.rows; ++i) {
          const Real factor = features(h, i, m);
          const Real* const value = v.row(h, i) + first;
          for (std::size_t j = 0; j < width; ++j) sums[j] = mac(sums[j], factor, value[j]);
        }
        for (std::size_t j = 0; j < width; ++j) total_row[j] = sums[j];
      });
    }
  }
}

/// total_c += sum_i x_ic: [h, n, m] -> a column [h, m, 1]; n m additions a head. The rows of a call
/// are summed before they join the total, which keeps rounding errors small.
template <class Real>
void add_rows(Phase& phase, Input<Real> x, View<Sum<Real>> total) {
  demand(total.heads == x.heads && total.rows == x.cols && total.cols == 1,
         "add_rows: expected shapes [h, n, m] -> [h, m, 1], found others");
  const Work<Real> work(phase, {{Op::add, format_of<Sum<Real>>, x.elements()}},
                        reads(x, total) + writes(total));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t c = 0; c < x.cols; ++c) {
      auto of_rows = real_of<Sum<Real>>(x(h, 0, c));
      for (std::size_t i = 1; i < x.rows; ++i) of_rows += real_of<Sum<Real>>(x(h, i, c));
      total(h, c, 0) += of_rows;
    }
  }
}

/// In place: x = max(x, least); a comparison for every number.
template <class Real>
void at_least(Phase& phase, View<Real> x, float least) {
  const Real smallest(least);
  const Work<Real> work(phase, {{Op::compare, format_of<Real>, x.elements()}},
                        reads(x) + writes(x));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      for (std::size_t c = 0; c < x.cols; ++c) x(h, i, c) = max(x(h, i, c), smallest);
    }
  }
}

/// out = x in the arithmetic of the run. Numbers move, perhaps into a narrower format: no
/// operation.
template <class Real, class Number>
void copy_as(Phase& phase, View<const Number> x, View<Real> out) {
  const Work<Real> work(phase, {}, reads(x) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      for (std::size_t c = 0; c < x.cols; ++c) out(h, i, c) = work.real(x(h, i, c));
    }
  }
}

}  // namespace wattention
