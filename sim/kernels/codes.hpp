#pragma once

// Kernels on binary codes in {-1, +1}, packed one bit each (sim/tensor/bit_matrix.hpp). A code
// times a number is never a multiplication: it is one addition in the number's format and one bit
// operation, the flip of its sign. A sum of codes is integer additions.

#include <algorithm>

#include "sim/kernels/fast/vector_kernels.hpp"
#include "sim/kernels/work.hpp"

namespace wattention {

template <class Real>
using Codes = BitView<const PackedBits<Real>>;

/// g = -1 / (2 max(sigma, 1e-12)) per head, [h, 1, 1]: a comparison, a multiplication, a division.
template <class Real>
void gaussian_factor(Phase& phase, Input<Real> sigma, View<Real> out) {
  constexpr Format format = format_of<Real>;
  const std::uint64_t heads = sigma.heads;
  const Work<Real> work(
      phase, {{Op::compare, format, heads}, {Op::mul, format, heads}, {Op::div, format, heads}},
      reads(sigma) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < sigma.heads; ++h) {
    out(h, 0, 0) = Real(-1) / (Real(2) * max(sigma(h, 0, 0), Real(1e-12F)));
  }
}

/// out_ij = exp(g d_ij) - mean_j with squared distances d [h, n, m], factor g [h, 1, 1] and mean
/// [h, 1, m]: a multiplication, an exponential and a subtraction for every number.
template <class Real>
void centred_gaussian(Phase& phase, Input<Real> distances, Input<Real> factor, Input<Real> mean,
                      View<Real> out) {
  constexpr Format format = format_of<Real>;
  const std::uint64_t numbers = out.elements();
  const Work<Real> work(
      phase, {{Op::mul, format, numbers}, {Op::exp, format, numbers}, {Op::add, format, numbers}},
      reads(distances, factor, mean) + writes(out));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::centred_gaussian(distances, factor, mean, out);
  }
  for (std::size_t h = 0; h < out.heads; ++h) {
    const Real g = factor(shared_head(h, out.heads, factor.heads), 0, 0);
    const Real* const centre = mean.row(shared_head(h, out.heads, mean.heads), 0);
    for (std::size_t i = 0; i < out.rows; ++i) {
      const Real* const d = distances.row(h, i);
      Real* const to = out.row(h, i);
      for (std::size_t j = 0; j < out.cols; ++j) {
        to[j] = exp(g * d[j]) - centre[j];
      }
    }
  }
}

/// Bit c of code i is 1 where x_ic > 0: a comparison for every number.
template <class Real>
void pack_signs(Phase& phase, View<const Real> x, BitView<PackedBits<Real>> out) {
  const Work<Real> work(phase, {{Op::compare, format_of<Real>, x.elements()}},
                        reads(x) + writes(out));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::pack_signs(x, out);
  }
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      PackedBits<Real>* const words = out.row(h, i);
      for (std::size_t c = 0; c < x.cols; ++c) {
        set_bit(words[c / word_bits], c % word_bits, is_positive(x(h, i, c)));
      }
    }
  }
}

/// out = sum_j code_j v_j^T: [h, n, b] x [h, n, e] -> [h, b, e]; n b e signed additions a head.
template <class Real>
void signed_outer_sum(Phase& phase, Codes<Real> codes, Input<Real> v, View<Real> out) {
  demand(codes.heads == v.heads && codes.rows == v.rows,
         "signed_outer_sum: expected a code for every value");
  const std::uint64_t additions = product(codes.elements(), v.cols);
  const Work<Real> work(
      phase, {{Op::add, format_of<Sum<Real>>, additions}, {Op::logic, Format::bit, additions}},
      product_of(codes, v, out, {v.heads, codes.width, v.cols, v.rows}));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::signed_outer_sum(codes, v, out);
  }
  Tensor<Sum<Real>> sums(1, out.rows, out.cols);
  for (std::size_t h = 0; h < out.heads; ++h) {
    std::fill_n(sums.data(), sums.size(), Sum<Real>(0));
    for (std::size_t j = 0; j < v.rows; ++j) {
      const Real* const value = v.row(h, j);
      for (std::size_t b = 0; b < out.rows; ++b) {
        const bool positive = codes.positive(h, j, b);
        Sum<Real>* const total = sums.view().row(0, b);
        for (std::size_t c = 0; c < out.cols; ++c) {
          total[c] = add_signed(total[c], positive, value[c]);
        }
      }
    }
    for (std::size_t b = 0; b < out.rows; ++b) {
      for (std::size_t c = 0; c < out.cols; ++c) {
        out(h, b, c) = real_of<Real>(sums(0, b, c));
      }
    }
  }
}

/// out_i = sum_b code_ib context_b: [h, n, b] x [h, b, e] -> [h, n, e]; n b e signed additions a
/// head. The context may have fewer heads.
template <class Real>
void signed_matmul(Phase& phase, Codes<Real> codes, Input<Real> context, View<Real> out) {
  const std::uint64_t additions = product(out.elements(), codes.width);
  const Work<Real> work(
      phase, {{Op::add, format_of<Sum<Real>>, additions}, {Op::logic, Format::bit, additions}},
      product_of(codes, context, out));
  if constexpr (!computes<Real>) return;
  Tensor<Sum<Real>> sums(1, 1, out.cols);
  for (std::size_t h = 0; h < out.heads; ++h) {
    const std::size_t hc = shared_head(h, out.heads, context.heads);
    for (std::size_t i = 0; i < out.rows; ++i) {
      std::fill_n(sums.data(), out.cols, Sum<Real>(0));
      for (std::size_t b = 0; b < codes.width; ++b) {
        const bool positive = codes.positive(h, i, b);
        const Real* const from = context.row(hc, b);
        for (std::size_t c = 0; c < out.cols; ++c) {
          sums.data()[c] = add_signed(sums.data()[c], positive, from[c]);
        }
      }
      for (std::size_t c = 0; c < out.cols; ++c) {
        out(h, i, c) = real_of<Real>(sums.data()[c]);
      }
    }
  }
}

/// out_b = sum_j code_jb: [h, n, b] -> integers [h, 1, b]; n b integer additions a head.
template <class Real>
void sum_of_codes(Phase& phase, Codes<Real> codes, View<Integer<Real>> out) {
  using Int = Integer<Real>;
  const Work<Real> work(phase, {{Op::add, format_of<Int>, codes.elements()}},
                        reads(codes) + writes(out));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::sum_of_codes(codes, out);
  }
  for (std::size_t h = 0; h < codes.heads; ++h) {
    Int* const totals = out.row(h, 0);
    std::fill_n(totals, codes.width, Int(0));
    for (std::size_t j = 0; j < codes.rows; ++j) {
      for (std::size_t b = 0; b < codes.width; ++b) {
        totals[b] += code_value<Int>(codes.positive(h, j, b));
      }
    }
  }
}

/// out_i = sum_b code_ib x_b + constant: integers [h, 1, b] -> [h, n, 1]; n b signed integer
/// additions and n additions a head. x may have fewer heads.
template <class Real>
void signed_sum_of_integers(Phase& phase, Codes<Real> codes, Input<Integer<Real>> x,
                            std::int32_t constant, View<Integer<Real>> out) {
  using Int = Integer<Real>;
  const std::uint64_t signed_additions = codes.elements();
  const Work<Real> work(phase,
                        {{Op::add, format_of<Int>, sum(signed_additions, out.elements())},
                         {Op::logic, Format::bit, signed_additions}},
                        reads(codes, x) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < out.heads; ++h) {
    const Int* const from = x.row(shared_head(h, out.heads, x.heads), 0);
    for (std::size_t i = 0; i < out.rows; ++i) {
      Int total(0);
      for (std::size_t b = 0; b < codes.width; ++b) {
        total = add_signed(total, codes.positive(h, i, b), from[b]);
      }
      out(h, i, 0) = total + Int(constant);
    }
  }
}

/// out_ij = <p_i, q_j> = b - 2 popcount(p_i xor q_j): [h, n, b], [h, m, b] -> integers [h, n, m];
/// for each pair b xor bits, b popcount bits, a shift and a subtraction. q may have fewer heads.
template <class Real>
void code_similarities(Phase& phase, Codes<Real> p, Codes<Real> q, View<Integer<Real>> out) {
  using Int = Integer<Real>;
  constexpr Format format = format_of<Int>;
  const std::uint64_t pairs = out.elements();
  const std::uint64_t bits = product(pairs, p.width);
  const std::uint64_t partial_sums = product(pairs, p.words() - 1);  // codes over 64 bits
  const Work<Real> work(phase,
                        {{Op::logic, Format::bit, bits},
                         {Op::popcount, Format::bit, bits},
                         {Op::shift, format, pairs},
                         {Op::add, format, sum(pairs, partial_sums)}},
                        product_of(p, q, out));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::code_similarities(p, q, out);
  }
  const Int width(static_cast<std::int32_t>(p.width));
  for (std::size_t h = 0; h < out.heads; ++h) {
    const std::size_t hq = shared_head(h, out.heads, q.heads);
    for (std::size_t i = 0; i < out.rows; ++i) {
      const auto* const a = p.row(h, i);
      for (std::size_t j = 0; j < out.cols; ++j) {
        const auto* const b = q.row(hq, j);
        Int different = differing_bits(a[0], b[0], p.used_bits(0));
        for (std::size_t w = 1; w < p.words(); ++w) {
          different += differing_bits(a[w], b[w], p.used_bits(w));
        }
        out(h, i, j) = width - doubled(different);
      }
    }
  }
}

/// out_i = sum_j x_ij + constant: integers [h, n, m] -> [h, n, 1]; n m integer additions a head.
template <class Real>
void sums_of_integers(Phase& phase, Input<Integer<Real>> x, std::int32_t constant,
                      View<Integer<Real>> out) {
  using Int = Integer<Real>;
  const Work<Real> work(phase, {{Op::add, format_of<Int>, x.elements()}}, reads(x) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      Int total(constant);
      for (std::size_t j = 0; j < x.cols; ++j) total += x(h, i, j);
      out(h, i, 0) = total;
    }
  }
}

/// Integers in the arithmetic of a run. A change of format is no operation.
template <class Real>
Tensor<Real> as_reals(Input<Integer<Real>> x, const Arithmetic& arithmetic) {
  Tensor<Real> out(x.heads, x.rows, x.cols, x.residence);
  out.set_id(x.id);
  if constexpr (computes<Real>) {
    const Setup setup;
    for (std::size_t h = 0; h < x.heads; ++h) {
      for (std::size_t i = 0; i < x.rows; ++i) {
        for (std::size_t c = 0; c < x.cols; ++c) {
          out(h, i, c) = real_of<Real>(x(h, i, c), arithmetic);
        }
      }
    }
  }
  return out;
}

}  // namespace wattention
