#pragma once

// Kernels that work along rows or over them: softmax, norms, means, sums, scaling, division.
// Batched over heads, as sim/kernels.hpp. Sums are kept in Sum<Real>.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "sim/execute.hpp"
#include "sim/fast/vector_kernels.hpp"

namespace wattention {

/// The sum of n > 0 numbers in n - 1 additions, one after the other.
template <class Real>
Sum<Real> sum_in_order(const Real* numbers, std::size_t n) {
  auto total = real_of<Sum<Real>>(numbers[0]);
  for (std::size_t i = 1; i < n; ++i) total += real_of<Sum<Real>>(numbers[i]);
  return total;
}

/// The sum of 8 n numbers as that of eight sums in order, of n each, which run side by side.
template <std::size_t n, class Real>
Sum<Real> eight_sums(const Real* numbers) {
  std::array<Sum<Real>, 8> sums;
  for (std::size_t s = 0; s < 8; ++s) sums[s] = real_of<Sum<Real>>(numbers[s * n]);
  for (std::size_t i = 1; i < n; ++i) {
    for (std::size_t s = 0; s < 8; ++s) sums[s] += real_of<Sum<Real>>(numbers[s * n + i]);
  }
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

/// The same pairwise, so that its rounding error grows with log n instead of n.
template <class Real>
Sum<Real> pairwise_sum(const Real* numbers, std::size_t n) {
  constexpr std::size_t summed_in_order = 64;
  if (n <= summed_in_order) return sum_in_order(numbers, n);
  if (n == 8 * summed_in_order) return eight_sums<summed_in_order>(numbers);
  const std::size_t half = std::bit_floor(n - 1);
  return pairwise_sum(numbers, half) + pairwise_sum(numbers + half, n - half);
}

/// The sum of n squares in n macs.
template <class Real>
Sum<Real> sum_of_squares(const Real* numbers, std::size_t n) {
  Sum<Real> total(0);
  for (std::size_t i = 0; i < n; ++i) total = mac(total, numbers[i], numbers[i]);
  return total;
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
                 {Op::add, format, numbers},
                 {Op::add, format_of<Sum<Real>>, all_but_one_a_row},
                 {Op::exp, format, numbers},
                 {Op::div, format, numbers}},
                reads(x) + writes(x), [&] {
                  if constexpr (std::is_same_v<Real, float>) {
                    fast::softmax_rows(x);
                  } else {
                    for (std::size_t h = 0; h < x.heads; ++h) {
                      for (std::size_t i = 0; i < x.rows; ++i) {
                        Real* const row = x.row(h, i);
                        const std::size_t width = x.width(i);
                        Real top = row[0];
                        for (std::size_t j = 1; j < width; ++j) top = max(top, row[j]);
                        for (std::size_t j = 0; j < width; ++j) row[j] = exp(row[j] - top);
                        const Real total = real_of<Real>(sum_in_order(row, width));
                        for (std::size_t j = 0; j < width; ++j) row[j] /= total;
                      }
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
  [[maybe_unused]] const Real smallest(1e-12F);
  execute<Real>(phase,
                {{Op::mac, format, x.elements()},
                 {Op::sqrt, format, rows},
                 {Op::compare, format, rows},
                 {Op::div, format, x.elements()}},
                reads(x) + writes(out), [&] {
                  if constexpr (std::is_same_v<Real, float>) {
                    fast::normalise_rows(x, out);
                  } else {
                    for (std::size_t h = 0; h < x.heads; ++h) {
                      for (std::size_t i = 0; i < x.rows; ++i) {
                        const Real* const from = x.row(h, i);
                        const auto squares = real_of<Real>(sum_of_squares(from, x.cols));
                        const Real norm = max(sqrt(squares), smallest);
                        for (std::size_t c = 0; c < x.cols; ++c) out(h, i, c) = from[c] / norm;
                      }
                    }
                  }
                });
}

/// out = mean over all rows and columns: [h, n, m] -> [h, 1, 1]; n m - 1 additions and a division
/// a head.
template <class Real>
void mean_of_head(Phase& phase, Input<Real> x, View<Real> out) {
  demand(x.row_stride == x.cols && !x.triangular(), "mean_of_head: expected a whole tensor");
  constexpr Format wide = format_of<Sum<Real>>;
  const std::uint64_t heads = x.heads;
  execute<Real>(phase, {{Op::add, wide, x.elements() - heads}, {Op::div, wide, heads}},
                reads(x) + writes(out), [&] {
                  const std::size_t n = x.rows * x.cols;
                  const auto count = Sum<Real>(static_cast<float>(n));
                  for (std::size_t h = 0; h < x.heads; ++h) {
                    out(h, 0, 0) = real_of<Real>(pairwise_sum(x.row(h, 0), n) / count);
                  }
                });
}

/// out = sum over rows: [h, n, e] -> [h, 1, e]; (n - 1) e additions a head.
template <class Real>
void sum_of_rows(Phase& phase, Input<Real> x, View<Real> out) {
  execute<Real>(phase, {{Op::add, format_of<Sum<Real>>, x.elements() - product(x.heads, x.cols)}},
                reads(x) + writes(out), [&] {
                  Tensor<Sum<Real>> totals(1, 1, x.cols);
                  for (std::size_t h = 0; h < x.heads; ++h) {
                    for (std::size_t c = 0; c < x.cols; ++c) {
                      totals.data()[c] = real_of<Sum<Real>>(x(h, 0, c));
                    }
                    for (std::size_t i = 1; i < x.rows; ++i) {
                      const Real* const row = x.row(h, i);
                      for (std::size_t c = 0; c < x.cols; ++c) {
                        totals.data()[c] += real_of<Sum<Real>>(row[c]);
                      }
                    }
                    for (std::size_t c = 0; c < x.cols; ++c)
                      out(h, 0, c) = real_of<Real>(totals.data()[c]);
                  }
                });
}

/// out = factor * x, perhaps in place; a multiplication for every number.
template <class Real>
void scaled(Phase& phase, Input<Real> x, float factor, View<Real> out) {
  const Real by(factor);
  execute<Real>(phase, {{Op::mul, format_of<Real>, x.elements()}}, reads(x) + writes(out), [&] {
    for (std::size_t h = 0; h < x.heads; ++h) {
      for (std::size_t i = 0; i < x.rows; ++i) {
        for (std::size_t c = 0; c < x.cols; ++c) out(h, i, c) = by * x(h, i, c);
      }
    }
  });
}

/// In place: out_i += factor * x_i, a mac for every number; x may have fewer heads.
template <class Real>
void add_scaled(Phase& phase, Input<Real> x, float factor, View<Real> out) {
  [[maybe_unused]] const Real by(factor);
  execute<Real>(phase, {{Op::mac, format_of<Real>, out.elements()}}, reads(x, out) + writes(out),
                [&] {
                  if constexpr (std::is_same_v<Real, float>) {
                    fast::add_scaled(x, factor, out);
                  } else {
                    for (std::size_t h = 0; h < out.heads; ++h) {
                      const std::size_t hx = shared_head(h, out.heads, x.heads);
                      for (std::size_t i = 0; i < out.rows; ++i) {
                        for (std::size_t c = 0; c < out.cols; ++c) {
                          out(h, i, c) =
                              real_of<Real>(mac(real_of<Sum<Real>>(out(h, i, c)), by, x(hx, i, c)));
                        }
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

/// out_i = x_i / divisors_i, [h, n, e] by [h, n, 1]; a division for every number. The divisors are
/// Real or integers.
template <class Real, class Divisor>
void divide_rows(Phase& phase, Input<Real> x, View<const Divisor> divisors, View<Real> out) {
  execute<Real>(phase, {{Op::div, format_of<Real>, out.elements()}},
                reads(x, divisors) + writes(out), [&] {
                  if constexpr (std::is_same_v<Real, float>) {
                    fast::divide_rows(x, divisors, out);
                  } else {
                    for (std::size_t h = 0; h < out.heads; ++h) {
                      for (std::size_t i = 0; i < out.rows; ++i) {
                        const Real divisor = real_of<Real>(divisors(h, i, 0));
                        for (std::size_t c = 0; c < out.cols; ++c) {
                          out(h, i, c) = x(h, i, c) / divisor;
                        }
                      }
                    }
                  }
                });
}

}  // namespace wattention
