#pragma once

// Scores from distances without multiplications. Batched over heads, as sim/kernels.hpp.

#include <array>
#include <cstddef>

#include "sim/kernels.hpp"

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
  execute<Real>(phase,
                {{Op::add, format_of<Real>, differences},
                 {Op::add, format_of<Sum<Real>>, differences},
                 {Op::logic, Format::bit, differences}},
                product_of(x, points, out), [&] {
                  const auto add = [](Sum<Real> sum, Real coordinate, Real of_point) {
                    return sum - real_of<Sum<Real>>(abs(coordinate - of_point));
                  };
                  combine_rows(x, points, out, add, real_of<Real, Sum<Real>>);
                });
}

}  // namespace wattention
