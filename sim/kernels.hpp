#pragma once

// Kernels on real numbers, batched over heads: the reference source for every scalar type. Each
// declares first and then computes; its loops execute what it declares, nothing more. Where one
// tensor has fewer heads than the other, consecutive heads share.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <type_traits>

#include "sim/execute.hpp"

namespace wattention {

template <class Real>
using Input = View<const std::type_identity_t<Real>>;

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

template <class Real, class Finish>
void multiply_rows(const View<const Real>& a, const View<const Real>& b, const View<Real>& out,
                   const Finish& finish) {
  for (std::size_t h = 0; h < a.heads; ++h) {
    const std::size_t hb = shared_head(h, a.heads, b.heads);
    for (std::size_t i = 0; i < a.rows; ++i) {
      const Real* const factors = a.row(h, i);
      const std::size_t inner = a.width(i);
      by_column_tiles(out.width(i), [&](std::size_t first, auto width) {
        std::array<Real, column_tile> sums;
        for (std::size_t j = 0; j < width; ++j) sums[j] = Real(0);
        for (std::size_t k = 0; k < inner; ++k) {
          const Real* const b_row = b.row(hb, k) + first;
          for (std::size_t j = 0; j < width; ++j) sums[j] = mac(sums[j], factors[k], b_row[j]);
        }
        Real* const out_row = out.row(h, i) + first;
        for (std::size_t j = 0; j < width; ++j) out_row[j] = finish(sums[j]);
      });
    }
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
  execute<Real>(phase, {{Op::mac, format_of<Real>, matmul_macs(a, out)}}, reads(a, b) + writes(out),
                [&] { multiply_rows<Real>(a, b, out, [](Real sum) { return sum; }); });
}

/// out = factor * (a b): a multiplication more for every number of out.
template <class Real>
void scaled_matmul(Phase& phase, Input<Real> a, Input<Real> b, float factor, View<Real> out) {
  demand_matmul(a.cols == b.rows, a.rows == out.rows, b.cols == out.cols,
                a.heads == out.heads && a.heads % b.heads == 0);
  const Real scale(factor);
  execute<Real>(
      phase,
      {{Op::mac, format_of<Real>, matmul_macs(a, out)}, {Op::mul, format_of<Real>, out.elements()}},
      reads(a, b) + writes(out),
      [&] { multiply_rows<Real>(a, b, out, [&](Real sum) { return scale * sum; }); });
}

/// In place: x_j = exp(x_j - max_j x_j) / sum_j exp(...) over each row of w numbers:
/// w - 1 comparisons, w subtractions, w exponentials, w - 1 additions, w divisions.
template <class Real>
void softmax_rows(Phase& phase, View<Real> x) {
  constexpr Format format = format_of<Real>;
  const std::uint64_t numbers = x.elements();
  const std::uint64_t all_but_one_a_row = numbers - product(x.heads, x.rows);
  execute<Real>(phase,
                {{Op::compare, format, all_but_one_a_row},
                 {Op::add, format, sum(numbers, all_but_one_a_row)},
                 {Op::exp, format, numbers},
                 {Op::div, format, numbers}},
                reads(x) + writes(x), [&] {
                  for (std::size_t h = 0; h < x.heads; ++h) {
                    for (std::size_t i = 0; i < x.rows; ++i) {
                      Real* const row = x.row(h, i);
                      const std::size_t width = x.width(i);
                      Real top = row[0];
                      for (std::size_t j = 1; j < width; ++j) top = max(top, row[j]);
                      for (std::size_t j = 0; j < width; ++j) row[j] = exp(row[j] - top);
                      Real total = row[0];
                      for (std::size_t j = 1; j < width; ++j) total += row[j];
                      for (std::size_t j = 0; j < width; ++j) row[j] /= total;
                    }
                  }
                });
}

/// out_i = x_i / max(||x_i||, 1e-12): for each row of d numbers d macs, a square root, a
/// comparison, d divisions. A row of zeros stays zero.
template <class Real>
void normalise_rows(Phase& phase, Input<Real> x, View<Real> out) {
  constexpr Format format = format_of<Real>;
  const std::uint64_t rows = product(x.heads, x.rows);
  const Real smallest(1e-12F);
  execute<Real>(phase,
                {{Op::mac, format, x.elements()},
                 {Op::sqrt, format, rows},
                 {Op::compare, format, rows},
                 {Op::div, format, x.elements()}},
                reads(x) + writes(out), [&] {
                  for (std::size_t h = 0; h < x.heads; ++h) {
                    for (std::size_t i = 0; i < x.rows; ++i) {
                      const Real* const from = x.row(h, i);
                      Real squares(0);
                      for (std::size_t c = 0; c < x.cols; ++c) {
                        squares = mac(squares, from[c], from[c]);
                      }
                      const Real norm = max(sqrt(squares), smallest);
                      for (std::size_t c = 0; c < x.cols; ++c) out(h, i, c) = from[c] / norm;
                    }
                  }
                });
}

/// out_ij = ||x_i - p_j||^2: [h, n, d], points as columns [h, d, m] -> [h, n, m]; n m d
/// subtractions and n m d macs a head.
template <class Real>
void squared_distances(Phase& phase, Input<Real> x, Input<Real> points, View<Real> out) {
  demand(x.cols == points.rows && points.cols == out.cols && x.rows == out.rows &&
             x.heads == out.heads && x.heads % points.heads == 0,
         "squared_distances: expected shapes [h, n, d], [h, d, m] -> [h, n, m], found others");
  const std::uint64_t differences = product(out.elements(), x.cols);
  execute<Real>(phase,
                {{Op::add, format_of<Real>, differences}, {Op::mac, format_of<Real>, differences}},
                reads(x, points) + writes(out), [&] {
                  for (std::size_t h = 0; h < x.heads; ++h) {
                    const std::size_t hp = shared_head(h, x.heads, points.heads);
                    for (std::size_t i = 0; i < x.rows; ++i) {
                      const Real* const from = x.row(h, i);
                      by_column_tiles(out.cols, [&](std::size_t first, auto width) {
                        std::array<Real, column_tile> sums;
                        for (std::size_t j = 0; j < width; ++j) sums[j] = Real(0);
                        for (std::size_t c = 0; c < x.cols; ++c) {
                          const Real* const coordinates = points.row(hp, c) + first;
                          for (std::size_t j = 0; j < width; ++j) {
                            const Real difference = from[c] - coordinates[j];
                            sums[j] = mac(sums[j], difference, difference);
                          }
                        }
                        Real* const out_row = out.row(h, i) + first;
                        for (std::size_t j = 0; j < width; ++j) out_row[j] = sums[j];
                      });
                    }
                  }
                });
}

/// The sum of n > 0 numbers in n - 1 additions, pairwise, so that its rounding error grows with
/// log n instead of n.
template <class Real>
Real pairwise_sum(const Real* numbers, std::size_t n) {
  constexpr std::size_t summed_in_a_row = 64;
  if (n > summed_in_a_row) {
    const std::size_t half = std::bit_floor(n - 1);
    return pairwise_sum(numbers, half) + pairwise_sum(numbers + half, n - half);
  }
  Real total = numbers[0];
  for (std::size_t i = 1; i < n; ++i) total += numbers[i];
  return total;
}

/// out = mean over all rows and columns: [h, n, m] -> [h, 1, 1]; n m - 1 additions and a division
/// a head.
template <class Real>
void mean_of_head(Phase& phase, Input<Real> x, View<Real> out) {
  demand(x.row_stride == x.cols && !x.triangular(), "mean_of_head: expected a whole tensor");
  const std::uint64_t numbers = x.elements();
  execute<Real>(phase,
                {{Op::add, format_of<Real>, numbers - x.heads},
                 {Op::div, format_of<Real>, std::uint64_t{x.heads}}},
                reads(x) + writes(out), [&] {
                  const std::size_t n = x.rows * x.cols;
                  for (std::size_t h = 0; h < x.heads; ++h) {
                    out(h, 0, 0) = pairwise_sum(x.row(h, 0), n) / Real(static_cast<float>(n));
                  }
                });
}

/// out = sum over rows: [h, n, e] -> [h, 1, e]; (n - 1) e additions a head.
template <class Real>
void sum_of_rows(Phase& phase, Input<Real> x, View<Real> out) {
  execute<Real>(phase, {{Op::add, format_of<Real>, x.elements() - product(x.heads, x.cols)}},
                reads(x) + writes(out), [&] {
                  for (std::size_t h = 0; h < x.heads; ++h) {
                    Real* const total = out.row(h, 0);
                    for (std::size_t c = 0; c < x.cols; ++c) total[c] = x(h, 0, c);
                    for (std::size_t i = 1; i < x.rows; ++i) {
                      const Real* const row = x.row(h, i);
                      for (std::size_t c = 0; c < x.cols; ++c) total[c] += row[c];
                    }
                  }
                });
}

/// In place: x = factor * x.
template <class Real>
void scale(Phase& phase, View<Real> x, float factor) {
  const Real by(factor);
  execute<Real>(phase, {{Op::mul, format_of<Real>, x.elements()}}, reads(x) + writes(x), [&] {
    for (std::size_t h = 0; h < x.heads; ++h) {
      for (std::size_t i = 0; i < x.rows; ++i) {
        for (std::size_t c = 0; c < x.cols; ++c) x(h, i, c) *= by;
      }
    }
  });
}

/// In place: out_i += factor * x_i, a mac for every number; x may have fewer heads.
template <class Real>
void add_scaled(Phase& phase, Input<Real> x, float factor, View<Real> out) {
  const Real by(factor);
  execute<Real>(phase, {{Op::mac, format_of<Real>, out.elements()}}, reads(x, out) + writes(out),
                [&] {
                  for (std::size_t h = 0; h < out.heads; ++h) {
                    const std::size_t hx = shared_head(h, out.heads, x.heads);
                    for (std::size_t i = 0; i < out.rows; ++i) {
                      for (std::size_t c = 0; c < out.cols; ++c) {
                        out(h, i, c) = mac(out(h, i, c), by, x(hx, i, c));
                      }
                    }
                  }
                });
}

/// In place: every row of out += the one row of x [h, 1, e]; an addition for every number.
template <class Real>
void add_to_rows(Phase& phase, Input<Real> x, View<Real> out) {
  execute<Real>(phase, {{Op::add, format_of<Real>, out.elements()}}, reads(x, out) + writes(out),
                [&] {
                  for (std::size_t h = 0; h < out.heads; ++h) {
                    const Real* const row = x.row(shared_head(h, out.heads, x.heads), 0);
                    for (std::size_t i = 0; i < out.rows; ++i) {
                      for (std::size_t c = 0; c < out.cols; ++c) out(h, i, c) += row[c];
                    }
                  }
                });
}

/// out_i = x_i / divisors_i, [h, n, e] by integers [h, n, 1]; a division for every number.
template <class Real>
void divide_rows(Phase& phase, Input<Real> x, Input<Integer<Real>> divisors, View<Real> out) {
  execute<Real>(phase, {{Op::div, format_of<Real>, out.elements()}},
                reads(x, divisors) + writes(out), [&] {
                  for (std::size_t h = 0; h < out.heads; ++h) {
                    for (std::size_t i = 0; i < out.rows; ++i) {
                      const Real divisor = real_of<Real>(divisors(h, i, 0));
                      for (std::size_t c = 0; c < out.cols; ++c) {
                        out(h, i, c) = x(h, i, c) / divisor;
                      }
                    }
                  }
                });
}

}  // namespace wattention
