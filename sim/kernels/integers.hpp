#pragma once

// Kernels between real numbers and small integers: binarising and 8-bit quantisation, products of
// 8-bit integers in 32-bit sums, and scaling sums back to real numbers by one factor a head.
// Batched over heads, as sim/kernels/products.hpp.
//
// Scales of 8-bit codes are fp32 whatever Real is, as they are stored in practice: sums of 8-bit
// products outgrow the range of fp16. Rounding to an integer is a change of format, no operation,
// and saturates as conversion instructions do. Codes: Zafrir et al., Q8BERT, 2019, eqs. 1 and 2.

#include <array>
#include <limits>

#include "sim/kernels/codes.hpp"
#include "sim/kernels/products.hpp"

namespace wattention {

template <class Real>
using Int8 = typename Rebound<Real>::template to<std::int8_t>;
template <class Real>
using UInt8 = typename Rebound<Real>::template to<std::uint8_t>;
template <class Real>
using Fp32 = typename Rebound<Real>::template to<float>;

/// The largest code of a format: codes are -127 to 127, or 0 to 255 where they are unsigned.
template <class Code>
inline constexpr std::int32_t largest_code = std::numeric_limits<Plain<Code>>::max();

/// The nearest code, ties to even; numbers out of range become the last code on their side.
template <class Code, class Number>
Code nearest_code(Number x) {
  using Plain8 = Plain<Code>;
  constexpr auto most = static_cast<float>(largest_code<Code>);
  constexpr float least = std::is_signed_v<Plain8> ? -most : 0.0F;
  constexpr float shift = 0x1.8p23F;  // its last digit is 1
  float code = plain(x);
  code = code < most ? code : most;
  code = code > least ? code : least;
  return Code(static_cast<Plain8>(static_cast<std::int32_t>((code + shift) - shift)));
}

/// codes = nearest_code of factor x, of one head. Uncharged: what kernels that declare the
/// multiplications do.
template <class Real, class Factor, class Code>
void nearest_codes(const View<const Real>& x, std::size_t head, Factor factor,
                   const View<Code>& codes) {
  if constexpr (std::is_same_v<Real, float>) {
    fast::nearest_codes(x, head, factor, codes);
  } else {
    for (std::size_t i = 0; i < x.rows; ++i) {
      const Real* const from = x.row(head, i);
      Code* const to = codes.row(head, i);
      for (std::size_t c = 0; c < x.cols; ++c) {
        to[c] = nearest_code<Code>(real_of<Factor>(from[c]) * factor);
      }
    }
  }
}

/// Bit c of code i is 1 where x_ic >= 0, and magnitudes are |x|: a comparison and a bit operation
/// for every number.
template <class Real>
void binarise(Phase& phase, Input<Real> x, BitView<PackedBits<Real>> codes, View<Real> magnitudes) {
  const Work<Real> work(
      phase, {{Op::compare, format_of<Real>, x.elements()}, {Op::logic, Format::bit, x.elements()}},
      reads(x) + writes(codes, magnitudes));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      PackedBits<Real>* const words = codes.row(h, i);
      for (std::size_t c = 0; c < x.cols; ++c) {
        set_bit(words[c / word_bits], c % word_bits, !is_negative(x(h, i, c)));
        magnitudes(h, i, c) = abs(x(h, i, c));
      }
    }
  }
}

/// out = max(max |x|, 1e-12) per head, [h, n, d] -> [h, 1, 1]: a bit operation and a comparison
/// for every number.
template <class Real>
void largest_magnitude(Phase& phase, Input<Real> x, View<Fp32<Real>> out) {
  const std::uint64_t heads = x.heads;
  const Work<Real> work(phase,
                        {{Op::logic, Format::bit, x.elements()},
                         {Op::compare, format_of<Real>, x.elements() - heads},
                         {Op::compare, Format::fp32, heads}},
                        reads(x) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < x.heads; ++h) {
    Real largest = abs(x(h, 0, 0));
    for (std::size_t i = 0; i < x.rows; ++i) {
      for (std::size_t c = i == 0 ? 1 : 0; c < x.cols; ++c) {
        largest = max(largest, abs(x(h, i, c)));
      }
    }
    out(h, 0, 0) = max(real_of<Fp32<Real>>(largest), Fp32<Real>(1e-12F));
  }
}

/// codes = round(x 127 / largest), with largest [h, 1, 1]: a division a head and a multiplication
/// for every number.
template <class Real>
void quantise(Phase& phase, Input<Real> x, Input<Fp32<Real>> largest, View<Int8<Real>> codes) {
  using Scale = Fp32<Real>;
  const Work<Real> work(
      phase,
      {{Op::div, Format::fp32, std::uint64_t{x.heads}}, {Op::mul, Format::fp32, x.elements()}},
      reads(x, largest) + writes(codes));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < x.heads; ++h) {
    const Scale factor = Scale(static_cast<float>(largest_code<Int8<Real>>)) / largest(h, 0, 0);
    nearest_codes<Real>(x, h, factor, codes);
  }
}

/// codes = round(255 p) of numbers in [0, 1]: a multiplication for every number.
template <class Real>
void quantise_weights(Phase& phase, Input<Real> p, View<UInt8<Real>> codes) {
  const Real factor(static_cast<float>(largest_code<UInt8<Real>>));
  const Work<Real> work(phase, {{Op::mul, format_of<Real>, p.elements()}},
                        reads(p) + writes(codes));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < p.heads; ++h) {
    nearest_codes<Real>(p, h, factor, codes);
  }
}

/// out = a b of 8-bit integers in 32-bit sums, [h, n, k] x [h, k, m] -> [h, n, m]: n m k
/// multiplications of 8 bits and n m k additions of 32 bits a head. b may have fewer heads.
template <class Real, class A>
void integer_matmul(Phase& phase, View<const A> a, Input<Int8<Real>> b, View<Integer<Real>> out) {
  demand_matmul(a.cols == b.rows, a.rows == out.rows, b.cols == out.cols,
                a.heads == out.heads && a.heads % b.heads == 0);
  using Int = Integer<Real>;
  const Work<A> work(phase, {{Op::mac, format_of<A>, matmul_macs(a, out)}}, product_of(a, b, out));
  if constexpr (!computes<A>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::integer_matmul(a, b, out);
  }
  combine_rows(
      a, b, out, [](Int sum, A x, Int8<Real> y) { return mac(sum, x, y); },
      [](Int sum) { return sum; });
}

/// out = constant a b of scales [h, 1, 1], where b may have fewer heads: two multiplications a
/// head.
template <class Real>
void product_of_scales(Phase& phase, Input<Real> a, Input<Real> b, float constant, View<Real> out) {
  const Real by(constant);
  const Work<Real> work(phase, {{Op::mul, format_of<Real>, product(2, out.elements())}},
                        reads(a, b) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < out.heads; ++h) {
    const std::size_t hb = shared_head(h, out.heads, b.heads);
    out(h, 0, 0) = a(h, 0, 0) * b(hb, 0, 0) * by;
  }
}

/// out = factor x of integers [h, n, m], with a factor [h, 1, 1] a head in the format that
/// multiplies; a multiplication for every number. The factor may have fewer heads.
template <class Real, class Factor>
void scaled_integers(Phase& phase, Input<Integer<Real>> x, View<const Factor> factor,
                     View<Real> out) {
  const Work<Real> work(phase, {{Op::mul, format_of<Factor>, out.elements()}},
                        reads(x, factor) + writes(out));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::scaled_integers(x, factor, out);
  }
  for (std::size_t h = 0; h < out.heads; ++h) {
    const Factor by = factor(shared_head(h, out.heads, factor.heads), 0, 0);
    for (std::size_t i = 0; i < out.rows; ++i) {
      const Integer<Real>* const from = x.row(h, i);
      Real* const to = out.row(h, i);
      for (std::size_t c = 0; c < out.cols; ++c) {
        to[c] = work.real(by * real_of<Factor>(from[c]));
      }
    }
  }
}

/// out_i = sum_j codes_ij: unsigned 8-bit codes [h, n, m] -> integers [h, n, 1]; m - 1 integer
/// additions a row.
template <class Real>
void sums_of_weights(Phase& phase, Input<UInt8<Real>> codes, View<Integer<Real>> out) {
  using Int = Integer<Real>;
  const Work<Real> work(phase, {{Op::add, format_of<Int>, codes.elements() - out.elements()}},
                        reads(codes) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < codes.heads; ++h) {
    for (std::size_t i = 0; i < codes.rows; ++i) {
      const UInt8<Real>* const row = codes.row(h, i);
      Int total(static_cast<std::int32_t>(plain(row[0])));
      for (std::size_t j = 1; j < codes.cols; ++j) {
        total += Int(static_cast<std::int32_t>(plain(row[j])));
      }
      out(h, i, 0) = total;
    }
  }
}

/// sums = correction sums + x of the integers of a further tile: x [h, n, e], correction [h, n, 1],
/// sums [h, n, e] in fp32; a multiplication and an addition for every number. The first tile's
/// integers are the sums.
template <class Real>
void add_tile_of_integers(Phase& phase, Input<Integer<Real>> x, Input<Real> correction,
                          bool first_tile, View<Fp32<Real>> sums) {
  const std::uint64_t numbers = first_tile ? 0 : sums.elements();
  const Work<Real> work(
      phase, {{Op::mul, Format::fp32, numbers}, {Op::add, Format::fp32, numbers}},
      first_tile ? reads(x) + writes(sums) : reads(x, correction, sums) + writes(sums));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < sums.heads; ++h) {
    for (std::size_t i = 0; i < sums.rows; ++i) {
      const Integer<Real>* const from = x.row(h, i);
      Fp32<Real>* const to = sums.row(h, i);
      if (first_tile) {
        for (std::size_t c = 0; c < sums.cols; ++c) {
          to[c] = real_of<Fp32<Real>>(from[c]);
        }
        continue;
      }
      const auto by = real_of<Fp32<Real>>(correction(h, i, 0));
      for (std::size_t c = 0; c < sums.cols; ++c) {
        to[c] = by * to[c] + real_of<Fp32<Real>>(from[c]);
      }
    }
  }
}

/// out_i = x_i (scale / totals_i): x [h, n, e] and totals [h, n, 1] are integers or fp32, scale
/// [g, 1, 1]; a division in fp32 for every row and a multiplication for every number. The scale may
/// have fewer heads.
template <class Real, class Number>
void scaled_by_quotients(Phase& phase, View<const Number> x, View<const Number> totals,
                         Input<Fp32<Real>> scale, View<Real> out) {
  using Wide = Fp32<Real>;
  const Work<Real> work(phase,
                        {{Op::div, Format::fp32, product(out.heads, out.rows)},
                         {Op::mul, Format::fp32, out.elements()}},
                        reads(x, totals, scale) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < out.heads; ++h) {
    const Wide of_head = scale(shared_head(h, out.heads, scale.heads), 0, 0);
    for (std::size_t i = 0; i < out.rows; ++i) {
      const Wide by = of_head / real_of<Wide>(totals(h, i, 0));
      const Number* const from = x.row(h, i);
      Real* const to = out.row(h, i);
      for (std::size_t c = 0; c < out.cols; ++c) {
        to[c] = work.real(by * real_of<Wide>(from[c]));
      }
    }
  }
}

}  // namespace wattention
