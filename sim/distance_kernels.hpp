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
                reads(x, points) + writes(out), [&] {
                  for (std::size_t h = 0; h < x.heads; ++h) {
                    const std::size_t hp = shared_head(h, x.heads, points.heads);
                    for (std::size_t i = 0; i < x.rows; ++i) {
                      const Real* const from = x.row(h, i);
                      by_column_tiles(out.cols, [&](std::size_t first, auto width) {
                        std::array<Sum<Real>, column_tile> sums;
                        for (std::size_t j = 0; j < width; ++j) sums[j] = Sum<Real>(0);
                        for (std::size_t c = 0; c < x.cols; ++c) {
                          const Real* const coordinates = points.row(hp, c) + first;
                          for (std::size_t j = 0; j < width; ++j) {
                            sums[j] -= real_of<Sum<Real>>(abs(from[c] - coordinates[j]));
                          }
                        }
                        Real* const to = out.row(h, i) + first;
                        for (std::size_t j = 0; j < width; ++j) to[j] = real_of<Real>(sums[j]);
                      });
                    }
                  }
                });
}

}  // namespace wattention
