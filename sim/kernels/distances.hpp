#pragma once

// Scores from distances without multiplications, and squared distances from a product of matrices.
// Batched over heads, as sim/kernels/products.hpp.

#include <array>
#include <cstddef>
#include <vector>

#include "sim/kernels/products.hpp"
#include "sim/kernels/rows.hpp"

namespace wattention {

/// out_ij = -||x_i - p_j||_1: [h, n, d], points as columns [g, d, m] -> [h, n, m]. For each pair d
/// subtractions, d bit operations that clear a sign, and d subtractions from a sum that begins
/// at zero.
template <class Real>
void negated_manhattan_distances(Phase& phase, Input<Real> x, Input<Real> points, View<Real> out) {
  demand(x.cols == points.rows && points.cols == out.cols && x.rows == out.rows &&
             x.heads == out.heads && x.heads % points.heads == 0,
         "negated_manhattan_distances: expected shapes [h, n, d], [g, d, m] -> [h, n, m], found "
         "others");
  const std::uint64_t differences = product(out.elements(), x.cols);
  const Work<Real> work(phase,
                        {{Op::add, format_of<Real>, differences},
                         {Op::add, format_of<Sum<Real>>, differences},
                         {Op::logic, Format::bit, differences}},
                        product_of(x, points, out));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::negated_manhattan_distances(x, points, out);
  }
  const auto add = [](Sum<Real> sum, Real coordinate, Real of_point) {
    return sum - real_of<Sum<Real>>(abs(coordinate - of_point));
  };
  combine_rows(x, points, out, add, [](Sum<Real> sum) { return real_of<Real>(sum); });
}

/// out_j = ||p_j||^2, uncharged: the loop of squared_norms_of_columns.
template <class Real>
void sum_squares_of_columns(const View<const Real>& points, const View<Real>& out) {
  std::vector<Sum<Real>> sums(points.cols);
  for (std::size_t h = 0; h < points.heads; ++h) {
    std::fill(sums.begin(), sums.end(), Sum<Real>(0));
    for (std::size_t k = 0; k < points.rows; ++k) {
      const Real* const row = points.row(h, k);
      for (std::size_t j = 0; j < points.cols; ++j) {
        sums[j] = mac(sums[j], row[j], row[j]);
      }
    }
    for (std::size_t j = 0; j < points.cols; ++j) {
      out(h, 0, j) = real_of<Real>(sums[j]);
    }
  }
}

/// out_j = ||p_j||^2 of points as columns: [g, d, m] -> [g, 1, m]; d m macs a head.
template <class Real>
void squared_norms_of_columns(Phase& phase, Input<Real> points, View<Real> out) {
  demand(points.heads == out.heads && points.cols == out.cols && out.rows == 1,
         "squared_norms_of_columns: expected shapes [g, d, m] -> [g, 1, m], found others");
  const Work<Real> work(phase, {{Op::mac, format_of<Real>, points.elements()}},
                        reads(points) + writes(out));
  if constexpr (!computes<Real>) return;
  sum_squares_of_columns<Real>(points, out);
}

/// out_ij = ||x_i||^2 - 2 <x_i, p_j> + ||p_j||^2 with the norms of the points [g, 1, m]: [h, n, d],
/// points as columns [g, d, m] -> [h, n, m]. n d macs for the norms of x, n m d for the products,
/// a multiplication and two additions a pair. Rounding may leave a small one below zero.
template <class Real>
void expanded_squared_distances(Phase& phase, Input<Real> x, Input<Real> points,
                                Input<Real> norms_of_points, View<Real> out) {
  demand(x.cols == points.rows && points.cols == out.cols && x.rows == out.rows &&
             x.heads == out.heads && x.heads % points.heads == 0 &&
             norms_of_points.heads == points.heads && norms_of_points.cols == points.cols,
         "expanded_squared_distances: expected shapes [h, n, d], [g, d, m], [g, 1, m] -> "
         "[h, n, m], found others");
  constexpr Format format = format_of<Real>;
  const std::uint64_t pairs = out.elements();
  const Work<Real> work(phase,
                        {{Op::mac, format, sum(product(pairs, x.cols), x.elements())},
                         {Op::mul, format, pairs},
                         {Op::add, format, product(std::uint64_t{2}, pairs)}},
                        product_of(x, points, out) + reads(norms_of_points));
  if constexpr (!computes<Real>) return;
  const Real two(2.0F);
  product_in_order<Real>(work, x, points, out);
  for (std::size_t h = 0; h < x.heads; ++h) {
    const Real* const of_points =
        norms_of_points.row(shared_head(h, x.heads, norms_of_points.heads), 0);
    for (std::size_t i = 0; i < x.rows; ++i) {
      const auto of_x = real_of<Real>(sum_of_squares(x.row(h, i), x.cols));
      Real* const to = out.row(h, i);
      for (std::size_t j = 0; j < out.cols; ++j) {
        to[j] = (of_x - two * to[j]) + of_points[j];
      }
    }
  }
}

}  // namespace wattention
