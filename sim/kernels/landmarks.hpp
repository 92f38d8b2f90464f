#pragma once

// Kernels that replace many tokens by few: means of consecutive tokens, a learned projection along
// the sequence, and the steps of an iterative pseudo-inverse between them. Batched over heads, as
// sim/kernels/products.hpp.

#include <vector>

#include "sim/kernels/products.hpp"
#include "sim/kernels/rows.hpp"

namespace wattention {

/// out_s = mean of the rows from s n / l up to (s + 1) n / l: [h, n, d] -> [h, l, d], l <= n. Sizes
/// of segments differ by one at most. n - l additions and l multiplications a column of a head.
template <class Real>
void segment_means(Phase& phase, Input<Real> x, View<Real> out) {
  demand(out.rows <= x.rows, "segment_means: expected no more segments than rows");
  constexpr Format format = format_of<Real>;
  const Work<Real> work(phase,
                        {{Op::add, format_of<Sum<Real>>, x.elements() - out.elements()},
                         {Op::mul, format, out.elements()}},
                        reads(x) + writes(out));
  if constexpr (!computes<Real>) return;
  std::vector<Sum<Real>> totals(x.cols);
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t s = 0; s < out.rows; ++s) {
      const std::size_t first = s * x.rows / out.rows;
      const std::size_t last = (s + 1) * x.rows / out.rows;
      const Real factor(1.0F / static_cast<float>(last - first));
      Real* const mean = out.row(h, s);
      for (std::size_t c = 0; c < x.cols; ++c) {
        totals[c] = real_of<Sum<Real>>(x(h, first, c));
      }
      for (std::size_t i = first + 1; i < last; ++i) {
        const Real* const row = x.row(h, i);
        for (std::size_t c = 0; c < x.cols; ++c) totals[c] += real_of<Sum<Real>>(row[c]);
      }
      for (std::size_t c = 0; c < x.cols; ++c) {
        mean[c] = factor * real_of<Real>(totals[c]);
      }
    }
  }
}

/// out = p x: one projection [1, r, n] for all heads, [h, n, d] -> [h, r, d]; r n d macs a head.
template <class Real>
void project_tokens(Phase& phase, Input<Real> projection, Input<Real> x, View<Real> out) {
  demand(projection.heads == 1 && projection.cols == x.rows && projection.rows == out.rows &&
             x.cols == out.cols && x.heads == out.heads,
         "project_tokens: expected shapes [1, r, n] x [h, n, d] -> [h, r, d], found others");
  View<const Real> for_each_head = projection;
  for_each_head.heads = x.heads;
  for_each_head.head_stride = 0;
  const Work<Real> work(phase, {{Op::mac, format_of<Real>, product(out.elements(), x.rows)}},
                        product_of(projection, x, out, {x.heads, out.rows, x.cols, x.rows}));
  if constexpr (!computes<Real>) return;
  product_of_matrices<Real>(work, for_each_head, x, out);
}

/// out = a^T / (largest row sum * largest column sum) for every head, a >= 0: [h, l, l]; with that
/// start the iteration for a's inverse converges (Xiong et al., 2021, eq. 11). 2 l (l - 1)
/// additions, 2 (l - 1) comparisons, a multiplication and a division a head, and a multiplication
/// for every number.
template <class Real>
void start_of_inverse(Phase& phase, Input<Real> a, View<Real> out) {
  demand(a.rows == a.cols, "start_of_inverse: expected square matrices");
  using Wide = Sum<Real>;
  constexpr Format format = format_of<Real>;
  constexpr Format wide = format_of<Wide>;
  const std::uint64_t heads = a.heads;
  const std::uint64_t all_but_one_a_row = a.elements() - product(heads, a.rows);
  const std::uint64_t all_but_one_a_head = product(heads, a.rows) - heads;
  const Work<Real> work(phase,
                        {{Op::add, wide, product(all_but_one_a_row, 2U)},
                         {Op::compare, wide, product(all_but_one_a_head, 2U)},
                         {Op::mul, wide, heads},
                         {Op::mul, format, a.elements()},
                         {Op::div, wide, heads}},
                        reads(a) + writes(out));
  if constexpr (!computes<Real>) return;
  std::vector<Wide> of_row(a.rows);
  std::vector<Wide> of_column(a.cols);
  for (std::size_t h = 0; h < a.heads; ++h) {
    for (std::size_t i = 0; i < a.rows; ++i) {
      const Real* const row = a.row(h, i);
      of_row[i] = sum_in_order(row, a.cols);
      for (std::size_t j = 0; j < a.cols; ++j) {
        const Wide number = real_of<Wide>(row[j]);
        of_column[j] = i == 0 ? number : of_column[j] + number;
      }
    }
    Wide largest_row = of_row[0];
    Wide largest_column = of_column[0];
    for (std::size_t i = 1; i < a.rows; ++i) {
      largest_row = max(largest_row, of_row[i]);
      largest_column = max(largest_column, of_column[i]);
    }
    const auto factor = real_of<Real>(Wide(1) / (largest_row * largest_column));
    for (std::size_t i = 0; i < a.rows; ++i) {
      for (std::size_t j = 0; j < a.cols; ++j) out(h, i, j) = factor * a(h, j, i);
    }
  }
}

/// out = x + number * I: [h, l, l], perhaps in place; l additions a head.
template <class Real>
void add_identity(Phase& phase, Input<Real> x, float number, View<Real> out) {
  const Real on_diagonal(number);
  const Work<Real> work(phase, {{Op::add, format_of<Real>, product(x.heads, x.rows)}},
                        reads(x) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      for (std::size_t j = 0; j < x.cols; ++j) out(h, i, j) = x(h, i, j);
      out(h, i, i) += on_diagonal;
    }
  }
}

/// out_i += sum_t kernel_t v_(i + t - (k - 1) / 2) over the taps t that meet a token: values
/// [g, n, e], a kernel [h, 1, k] of odd length for every head -> [h, n, e]. A mac for every number
/// of the output and tap that meets a token. The values may have fewer heads.
template <class Real>
void add_convolved_tokens(Phase& phase, Input<Real> v, Input<Real> kernels, View<Real> out) {
  demand(v.rows == out.rows && v.cols == out.cols && kernels.heads == out.heads &&
             kernels.rows == 1 && kernels.cols % 2 == 1 && out.heads % v.heads == 0,
         "add_convolved_tokens: expected shapes [g, n, e], [h, 1, odd] -> [h, n, e], found others");
  const std::size_t radius = kernels.cols / 2;
  const auto begin = [&](std::size_t i) { return i - std::min(i, radius); };
  const auto end = [&](std::size_t i) { return std::min(v.rows, i + radius + 1); };
  std::uint64_t taps = 0;
  for (std::size_t i = 0; i < out.rows; ++i) taps += end(i) - begin(i);
  const Work<Real> work(phase, {{Op::mac, format_of<Real>, product(out.heads, taps, out.cols)}},
                        reads(v, kernels, out) + writes(out));
  if constexpr (!computes<Real>) return;
  std::vector<Sum<Real>> sums(out.cols);
  for (std::size_t h = 0; h < out.heads; ++h) {
    const std::size_t hv = shared_head(h, out.heads, v.heads);
    const Real* const kernel = kernels.row(h, 0);
    for (std::size_t i = 0; i < out.rows; ++i) {
      Real* const to = out.row(h, i);
      for (std::size_t c = 0; c < out.cols; ++c) sums[c] = real_of<Sum<Real>>(to[c]);
      for (std::size_t j = begin(i); j < end(i); ++j) {
        const Real* const value = v.row(hv, j);
        const Real by = kernel[j + radius - i];
        for (std::size_t c = 0; c < out.cols; ++c) {
          sums[c] = mac(sums[c], by, value[c]);
        }
      }
      for (std::size_t c = 0; c < out.cols; ++c) to[c] = real_of<Real>(sums[c]);
    }
  }
}

}  // namespace wattention
