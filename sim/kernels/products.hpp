#pragma once

// Products of tensors, batched over heads: the reference source for every scalar type. A kernel
// declares first and then computes; its loops execute what it declares, nothing more. Where one
// tensor has fewer heads than the other, consecutive heads share. Sums of products are kept in
// Sum<Real>, as the arithmetic says.

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>

#include "sim/kernels/fast/products.hpp"
#include "sim/kernels/fast/vector_kernels.hpp"
#include "sim/kernels/work.hpp"

namespace wattention {

/// Columns whose sums are kept in registers at once.
inline constexpr std::size_t column_tile = 32;

/// Calls compute(first_column, width) for tiles of columns. Widths are constants as far as they
/// go, so that the compiler unrolls and vectorises; every column is summed in the same order.
template <class Compute>
void by_column_tiles(std::size_t cols, const Compute& compute) {
  constexpr std::size_t small_tile = 8;
  std::size_t first = 0;
  for (; first + column_tile <= cols; first += column_tile) {
    compute(first, std::integral_constant<std::size_t, column_tile>{});
  }
  for (; first + small_tile <= cols; first += small_tile) {
    compute(first, std::integral_constant<std::size_t, small_tile>{});
  }
  if (first < cols) compute(first, cols - first);
}

/// Macs of out = a b, of whose views one may be triangular.
template <class A, class Out>
std::uint64_t matmul_macs(const View<A>& a, const View<Out>& out) {
  demand(!a.triangular() || !out.triangular(), "matmul: expected at most one triangular view");
  return a.triangular() ? product(a.elements(), out.cols) : product(out.elements(), a.cols);
}

/// out_ij = finish(the sum of the terms of a_ik and b_kj over k), where add(sum, a_ik, b_kj) adds a
/// term: [h, n, k], [h, k, m] -> [h, n, m]. Uncharged: the loop of kernels that declare its terms.
template <class A, class B, class Out, class Add, class Finish>
void combine_rows(const View<const A>& a, const View<const B>& b, const View<Out>& out,
                  const Add& add, const Finish& finish) {
  for (std::size_t h = 0; h < a.heads; ++h) {
    const std::size_t hb = shared_head(h, a.heads, b.heads);
    for (std::size_t i = 0; i < a.rows; ++i) {
      const A* const a_row = a.row(h, i);
      const std::size_t inner = a.width(i);
      by_column_tiles(out.width(i), [&](std::size_t first, auto width) {
        std::array<Sum<A>, column_tile> sums;
        for (std::size_t j = 0; j < width; ++j) sums[j] = Sum<A>(0);
        for (std::size_t k = 0; k < inner; ++k) {
          const B* const b_row = b.row(hb, k) + first;
          for (std::size_t j = 0; j < width; ++j) sums[j] = add(sums[j], a_row[k], b_row[j]);
        }
        Out* const out_row = out.row(h, i) + first;
        for (std::size_t j = 0; j < width; ++j) out_row[j] = finish(sums[j]);
      });
    }
  }
}

/// The values of a view of narrow numbers as the machine's own, with its triangle.
inline View<const float> values_of(const View<const Rounded>& x, Tensor<float>& storage) {
  storage = converted<float>(x);
  View<const float> values = storage.view();
  values.first_width = x.first_width;
  values.width_step = x.width_step;
  return values;
}

/// out = finish(a b), uncharged. Narrow numbers whose sums are in fp32 are multiplied as float,
/// which holds their products: the same numbers, by vectors.
template <class Real, class Finish>
void multiply_rows(const Work<Real>& work, const View<const Real>& a, const View<const Real>& b,
                   const View<Real>& out, const Finish& finish) {
  if constexpr (std::is_same_v<Real, Rounded>) {
    if (work.arithmetic().sums() == Format::fp32) {
      Tensor<float> of_a;
      Tensor<float> of_b;
      return combine_rows(
          values_of(a, of_a), values_of(b, of_b), out,
          [](float sum, float x, float y) { return mac(sum, x, y); },
          [&](float sum) { return finish(work.real(sum)); });
    }
  }
  combine_rows(
      a, b, out, [](Sum<Real> sum, Real x, Real y) { return mac(sum, x, y); },
      [&](Sum<Real> sum) { return finish(real_of<Real>(sum)); });
}

/// sums += a b row by row, uncharged: [h, n, k], [g, k, m] -> [h, n, m].
template <class A, class Wide>
void accumulate_rows(const View<const A>& a, const View<const A>& b, const View<Wide>& sums) {
  for (std::size_t h = 0; h < sums.heads; ++h) {
    const std::size_t hb = shared_head(h, sums.heads, b.heads);
    for (std::size_t i = 0; i < sums.rows; ++i) {
      Wide* const to = sums.row(h, i);
      for (std::size_t k = 0; k < b.rows; ++k) {
        const A factor = a(h, i, k);
        const A* const from = b.row(hb, k);
        for (std::size_t j = 0; j < sums.cols; ++j) to[j] = mac(to[j], factor, from[j]);
      }
    }
  }
}

/// The same by vectors where sums are in fp32, with the same numbers.
template <class Real>
void add_product_in_order(const Work<Real>& work, const View<const Real>& a,
                          const View<const Real>& b, const View<Sum<Real>>& sums) {
  if constexpr (std::is_same_v<Real, float>) {
    return fast::add_product_in_order(a, b, sums);
  } else if constexpr (std::is_same_v<Real, Rounded>) {
    if (work.arithmetic().sums() == Format::fp32) {
      Tensor<float> of_a;
      Tensor<float> of_b;
      Tensor<float> totals = converted<float>(sums);
      accumulate_rows<float, float>(values_of(a, of_a), values_of(b, of_b), totals);
      for (std::size_t h = 0; h < sums.heads; ++h) {
        for (std::size_t i = 0; i < sums.rows; ++i) {
          for (std::size_t j = 0; j < sums.cols; ++j) sums(h, i, j) = work.sum(totals(h, i, j));
        }
      }
      return;
    }
  }
  accumulate_rows<Real, Sum<Real>>(a, b, sums);
}

/// out = a b, uncharged: by oneDNN where Real is the machine's own float.
template <class Real>
void product_of_matrices(const Work<Real>& work, const View<const Real>& a,
                         const View<const Real>& b, const View<Real>& out) {
  if constexpr (std::is_same_v<Real, float>) {
    fast::multiply(a, b, 1.0F, out);
  } else {
    multiply_rows<Real>(work, a, b, out, [](Real sum) { return sum; });
  }
}

/// The same, summed in the order of the loop whatever Real is.
template <class Real>
void product_in_order(const Work<Real>& work, const View<const Real>& a, const View<const Real>& b,
                      const View<Real>& out) {
  if constexpr (std::is_same_v<Real, float>) {
    fast::multiply_in_order(a, b, out);
  } else {
    multiply_rows<Real>(work, a, b, out, [](Real sum) { return sum; });
  }
}

inline void demand_matmul(bool inner_agrees, bool rows_agree, bool cols_agree, bool heads_share) {
  demand(inner_agrees && rows_agree && cols_agree && heads_share,
         "matmul: expected shapes [h, n, k] x [h, k, m] -> [h, n, m], found others");
}

/// out = a b: [h, n, k] x [h, k, m] -> [h, n, m]; n m k macs a head.
template <class Real>
void matmul(Phase& phase, Input<Real> a, Input<Real> b, View<Real> out) {
  demand_matmul(a.cols == b.rows, a.rows == out.rows, b.cols == out.cols,
                a.heads == out.heads && a.heads % b.heads == 0);
  const Work<Real> work(phase, {{Op::mac, format_of<Real>, matmul_macs(a, out)}},
                        product_of(a, b, out));
  if constexpr (!computes<Real>) return;
  product_of_matrices<Real>(work, a, b, out);
}

/// The same where a sum's last bit matters, as of numbers whose signs become codes: every scalar
/// type sums in the same order.
template <class Real>
void matmul_in_order(Phase& phase, Input<Real> a, Input<Real> b, View<Real> out) {
  demand_matmul(
      a.cols == b.rows, a.rows == out.rows, b.cols == out.cols,
      a.heads == out.heads && a.heads % b.heads == 0 && !a.triangular() && !out.triangular());
  const Work<Real> work(phase, {{Op::mac, format_of<Real>, matmul_macs(a, out)}},
                        product_of(a, b, out));
  if constexpr (!computes<Real>) return;
  product_in_order<Real>(work, a, b, out);
}

/// out = factor * (a b): a multiplication more for every number of out.
template <class Real>
void scaled_matmul(Phase& phase, Input<Real> a, Input<Real> b, float factor, View<Real> out) {
  demand_matmul(a.cols == b.rows, a.rows == out.rows, b.cols == out.cols,
                a.heads == out.heads && a.heads % b.heads == 0);
  [[maybe_unused]] const Real scale(factor);
  const Work<Real> work(
      phase,
      {{Op::mac, format_of<Real>, matmul_macs(a, out)}, {Op::mul, format_of<Real>, out.elements()}},
      product_of(a, b, out));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::multiply(a, b, factor, out);
  }
  multiply_rows<Real>(work, a, b, out, [&](Real sum) { return scale * sum; });
}

/// The same in order, as matmul_in_order.
template <class Real>
void scaled_matmul_in_order(Phase& phase, Input<Real> a, Input<Real> b, float factor,
                            View<Real> out) {
  demand_matmul(
      a.cols == b.rows, a.rows == out.rows, b.cols == out.cols,
      a.heads == out.heads && a.heads % b.heads == 0 && !a.triangular() && !out.triangular());
  const Real scale(factor);
  const Work<Real> work(
      phase,
      {{Op::mac, format_of<Real>, matmul_macs(a, out)}, {Op::mul, format_of<Real>, out.elements()}},
      product_of(a, b, out));
  if constexpr (!computes<Real>) return;
  product_in_order<Real>(work, a, b, out);
  for (std::size_t h = 0; h < out.heads; ++h) {
    for (std::size_t i = 0; i < out.rows; ++i) {
      Real* const row = out.row(h, i);
      for (std::size_t j = 0; j < out.cols; ++j) row[j] = scale * row[j];
    }
  }
}

/// out_ij = ||x_i - p_j||^2: [h, n, d], points as columns [h, d, m] -> [h, n, m]; n m d
/// subtractions and n m d macs a head.
template <class Real>
void squared_distances(Phase& phase, Input<Real> x, Input<Real> points, View<Real> out) {
  demand(x.cols == points.rows && points.cols == out.cols && x.rows == out.rows &&
             x.heads == out.heads && x.heads % points.heads == 0,
         "squared_distances: expected shapes [h, n, d], [h, d, m] -> [h, n, m], found others");
  const std::uint64_t differences = product(out.elements(), x.cols);
  const Work<Real> work(
      phase, {{Op::add, format_of<Real>, differences}, {Op::mac, format_of<Real>, differences}},
      product_of(x, points, out));
  if constexpr (!computes<Real>) return;
  const auto add = [](Sum<Real> sum, Real coordinate, Real of_point) {
    const Real difference = coordinate - of_point;
    return mac(sum, difference, difference);
  };
  if constexpr (std::is_same_v<Real, float>) {
    return fast::squared_distances(x, points, out);
  }
  combine_rows(x, points, out, add, [](Sum<Real> sum) { return real_of<Real>(sum); });
}

}  // namespace wattention
