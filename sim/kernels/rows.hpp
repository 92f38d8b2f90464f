#pragma once

// Kernels that work along rows or over them: softmax, norms, means, sums, scaling, division.
// Batched over heads, as sim/kernels/products.hpp. Sums are kept in Sum<Real>.

#include <algorithm>
#include <cstddef>

#include "sim/kernels/fast/vector_kernels.hpp"
#include "sim/kernels/work.hpp"
#include "sim/scalar/sums.hpp"

namespace wattention {

/// In place: x_j = exp(x_j - max_j x_j) over each row of w numbers: w - 1 comparisons, w
/// subtractions, w exponentials.
template <class Real>
void exponentiate_rows(Phase& phase, View<Real> x) {
  constexpr Format format = format_of<Real>;
  const std::uint64_t numbers = x.elements();
  const Work<Real> work(phase,
                        {{Op::compare, format, numbers - product(x.heads, x.rows)},
                         {Op::add, format, numbers},
                         {Op::exp, format, numbers}},
                        reads(x) + writes(x));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::exponentiate_rows(x);
  }
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      Real* const row = x.row(h, i);
      const std::size_t width = x.width(i);
      Real top = row[0];
      for (std::size_t j = 1; j < width; ++j) top = max(top, row[j]);
      for (std::size_t j = 0; j < width; ++j) row[j] = exp(row[j] - top);
    }
  }
}

/// In place: x_j = exp(x_j - max_j x_j) / sum_j exp(...) over each row of w numbers:
/// w - 1 comparisons, w subtractions, w exponentials, w - 1 additions, a division, w
/// multiplications by its result.
template <class Real>
void softmax_rows(Phase& phase, View<Real> x) {
  constexpr Format format = format_of<Real>;
  const std::uint64_t numbers = x.elements();
  const std::uint64_t all_but_one_a_row = numbers - product(x.heads, x.rows);
  const Work<Real> work(phase,
                        {{Op::compare, format, all_but_one_a_row},
                         {Op::add, format, numbers},
                         {Op::add, format_of<Sum<Real>>, all_but_one_a_row},
                         {Op::exp, format, numbers},
                         {Op::div, format, product(x.heads, x.rows)},
                         {Op::mul, format, numbers}},
                        reads(x) + writes(x));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::softmax_rows(x);
  }
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      Real* const row = x.row(h, i);
      const std::size_t width = x.width(i);
      Real top = row[0];
      for (std::size_t j = 1; j < width; ++j) top = max(top, row[j]);
      for (std::size_t j = 0; j < width; ++j) row[j] = exp(row[j] - top);
      const Real total = real_of<Real>(sum_in_order(row, width));
      const Real reciprocal = Real(1) / total;
      for (std::size_t j = 0; j < width; ++j) row[j] *= reciprocal;
    }
  }
}

/// In place: softmax over each row, as softmax_rows, which also keeps what attention over other
/// keys is joined by: the maximum of each row and the sum of exp(x_j - max), both [h, n, 1].
template <class Real>
void softmax_rows_keeping_sums(Phase& phase, View<Real> x, View<Real> top, View<Sum<Real>> total) {
  constexpr Format format = format_of<Real>;
  demand(!x.triangular(), "softmax_rows_keeping_sums: expected a rectangle");
  const std::uint64_t numbers = x.elements();
  const std::uint64_t rows = product(x.heads, x.rows);
  const Work<Real> work(phase,
                        {{Op::compare, format, numbers - rows},
                         {Op::add, format, numbers},
                         {Op::add, format_of<Sum<Real>>, numbers - rows},
                         {Op::exp, format, numbers},
                         {Op::div, format, rows},
                         {Op::mul, format, numbers}},
                        reads(x) + writes(x, top, total));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    fast::running_softmax(x, true, top, total, {});
    fast::divide_rows(x, View<const float>(total), x);
    return;
  }
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      Real* const row = x.row(h, i);
      Real highest = row[0];
      for (std::size_t j = 1; j < x.cols; ++j) highest = max(highest, row[j]);
      for (std::size_t j = 0; j < x.cols; ++j) row[j] = exp(row[j] - highest);
      const Sum<Real> of_row = sum_in_order(row, x.cols);
      const Real reciprocal = Real(1) / real_of<Real>(of_row);
      for (std::size_t j = 0; j < x.cols; ++j) row[j] *= reciprocal;
      top(h, i, 0) = highest;
      total(h, i, 0) = of_row;
    }
  }
}

/// out_i = x_i / max(||x_i||, 1e-12): for each row of d numbers d macs, a square root, a
/// comparison, a division, d multiplications by its result. A row of zeros stays zero.
template <class Real>
void normalise_rows(Phase& phase, Input<Real> x, View<Real> out) {
  constexpr Format format = format_of<Real>;
  const std::uint64_t rows = product(x.heads, x.rows);
  [[maybe_unused]] const Real smallest(std::max(1e-12F, phase.arithmetic().least_divisor()));
  const Work<Real> work(phase,
                        {{Op::mac, format, x.elements()},
                         {Op::sqrt, format, rows},
                         {Op::compare, format, rows},
                         {Op::div, format, rows},
                         {Op::mul, format, x.elements()}},
                        reads(x) + writes(out));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::normalise_rows(x, out);
  }
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      const Real* const from = x.row(h, i);
      const auto squares = real_of<Real>(sum_of_squares(from, x.cols));
      const Real norm = max(sqrt(squares), smallest);
      const Real reciprocal = Real(1) / norm;
      for (std::size_t c = 0; c < x.cols; ++c) {
        out(h, i, c) = from[c] * reciprocal;
      }
    }
  }
}

/// out = mean over all rows and columns: [h, n, m] -> [h, 1, 1]; n m - 1 additions and a division
/// a head. Each row is summed pairwise, then so are these sums.
template <class Real>
void mean_of_head(Phase& phase, Input<Real> x, View<Real> out) {
  demand(!x.triangular(), "mean_of_head: expected a rectangle");
  constexpr Format wide = format_of<Sum<Real>>;
  const std::uint64_t heads = x.heads;
  const Work<Real> work(phase, {{Op::add, wide, x.elements() - heads}, {Op::div, wide, heads}},
                        reads(x) + writes(out));
  if constexpr (!computes<Real>) return;
  const auto count = Sum<Real>(static_cast<float>(x.rows * x.cols));
  Tensor<Sum<Real>> sums(1, 1, x.rows);
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      sums.data()[i] = pairwise_sum(x.row(h, i), x.cols);
    }
    out(h, 0, 0) = real_of<Real>(pairwise_sum(sums.data(), x.rows) / count);
  }
}

/// out = sum over rows: [h, n, e] -> [h, 1, e]; (n - 1) e additions a head.
template <class Real>
void sum_of_rows(Phase& phase, Input<Real> x, View<Real> out) {
  const Work<Real> work(phase,
                        {{Op::add, format_of<Sum<Real>>, x.elements() - product(x.heads, x.cols)}},
                        reads(x) + writes(out));
  if constexpr (!computes<Real>) return;
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
    for (std::size_t c = 0; c < x.cols; ++c) out(h, 0, c) = real_of<Real>(totals.data()[c]);
  }
}

/// out = factor * x, perhaps in place; a multiplication for every number.
template <class Real>
void scaled(Phase& phase, Input<Real> x, float factor, View<Real> out) {
  const Real by(factor);
  const Work<Real> work(phase, {{Op::mul, format_of<Real>, x.elements()}}, reads(x) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      for (std::size_t c = 0; c < x.cols; ++c) out(h, i, c) = by * x(h, i, c);
    }
  }
}

/// In place: out_i += factor * x_i, a mac for every number; x may have fewer heads.
template <class Real>
void add_scaled(Phase& phase, Input<Real> x, float factor, View<Real> out) {
  [[maybe_unused]] const Real by(factor);
  const Work<Real> work(phase, {{Op::mac, format_of<Real>, out.elements()}},
                        reads(x, out) + writes(out));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::add_scaled(x, factor, out);
  }
  for (std::size_t h = 0; h < out.heads; ++h) {
    const std::size_t hx = shared_head(h, out.heads, x.heads);
    for (std::size_t i = 0; i < out.rows; ++i) {
      for (std::size_t c = 0; c < out.cols; ++c) {
        out(h, i, c) = real_of<Real>(mac(real_of<Sum<Real>>(out(h, i, c)), by, x(hx, i, c)));
      }
    }
  }
}

/// In place: every row of out += the one row of x [h, 1, e]; an addition for every number.
template <class Real>
void add_to_rows(Phase& phase, Input<Real> x, View<Real> out) {
  const Work<Real> work(phase, {{Op::add, format_of<Real>, out.elements()}},
                        reads(x, out) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < out.heads; ++h) {
    const Real* const row = x.row(shared_head(h, out.heads, x.heads), 0);
    for (std::size_t i = 0; i < out.rows; ++i) {
      for (std::size_t c = 0; c < out.cols; ++c) out(h, i, c) += row[c];
    }
  }
}

/// out_i = x_i / divisors_i, [h, n, e] by [h, n, 1]; a division for every row, and a multiplication
/// by its result for every number, in the format of sums and rounded once: the reciprocal of a
/// small sum is beyond fp16. The divisors are Real or integers.
template <class Real, class Divisor>
void divide_rows(Phase& phase, Input<Real> x, View<const Divisor> divisors, View<Real> out) {
  using Wide = Sum<Real>;
  const Work<Real> work(phase,
                        {{Op::div, format_of<Wide>, product(out.heads, out.rows)},
                         {Op::mul, format_of<Wide>, out.elements()}},
                        reads(x, divisors) + writes(out));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::divide_rows(x, divisors, out);
  }
  for (std::size_t h = 0; h < out.heads; ++h) {
    for (std::size_t i = 0; i < out.rows; ++i) {
      const Wide reciprocal = Wide(1) / work.sum(divisors(h, i, 0));
      for (std::size_t c = 0; c < out.cols; ++c) {
        out(h, i, c) = real_of<Real>(real_of<Wide>(x(h, i, c)) * reciprocal);
      }
    }
  }
}

}  // namespace wattention
