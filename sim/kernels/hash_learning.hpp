#pragma once

// Kernels of hash learning (models/hash_learning.hpp). The code bit of n tokens is one row of n
// signs or, relaxed, of n numbers: [h, 1, n]; the bits learnt so far are packed rows [h, r, n].
// Learning is in fp32, whose sums are as wide as their terms.

#include "sim/kernels/codes.hpp"
#include "sim/kernels/rows.hpp"
#include "sim/kernels/work.hpp"

namespace wattention {

/// out_ij = exp(g d_ij): a multiplication and an exponential for every number.
template <class Real>
void gaussian(Phase& phase, Input<Real> distances, Input<Real> factor, View<Real> out) {
  const std::uint64_t numbers = out.elements();
  const Work<Real> work(phase,
                        {{Op::mul, format_of<Real>, numbers}, {Op::exp, format_of<Real>, numbers}},
                        reads(distances, factor) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < out.heads; ++h) {
    const Real g = factor(h, 0, 0);
    for (std::size_t i = 0; i < out.rows; ++i) {
      const Real* const d = distances.row(h, i);
      Real* const to = out.row(h, i);
      for (std::size_t j = 0; j < out.cols; ++j) to[j] = exp(g * d[j]);
    }
  }
}

/// The mean of each row, [h, m, n] -> [h, 1, m]: n - 1 additions and a multiplication each.
template <class Real>
void means_of_rows(Phase& phase, Input<Real> x, View<Real> out) {
  const std::uint64_t means = out.elements();
  const Work<Real> work(
      phase, {{Op::add, format_of<Real>, x.elements() - means}, {Op::mul, format_of<Real>, means}},
      reads(x) + writes(out));
  if constexpr (!computes<Real>) return;
  const Real factor(1.0F / static_cast<float>(x.cols));
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t j = 0; j < x.rows; ++j) {
      out(h, 0, j) = pairwise_sum(x.row(h, j), x.cols) * factor;
    }
  }
}

/// In place: every row of out -= the one row of x [h, 1, m]; a subtraction for every number.
template <class Real>
void subtract_from_rows(Phase& phase, Input<Real> x, View<Real> out) {
  const Work<Real> work(phase, {{Op::add, format_of<Real>, out.elements()}},
                        reads(x, out) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < out.heads; ++h) {
    for (std::size_t i = 0; i < out.rows; ++i) {
      for (std::size_t c = 0; c < out.cols; ++c) out(h, i, c) -= x(h, 0, c);
    }
  }
}

/// y = 2 s(z) - 1 and slope = s(z) (1 - s(z)), half its derivative, with the sigmoid s. From
/// t = 1 / (1 + exp(z)) = 1 - s(z) both follow without a negation: an exponential, a division,
/// three additions and a multiplication for every number.
template <class Real>
void relaxed_signs(Phase& phase, Input<Real> z, View<Real> y, View<Real> slope) {
  constexpr Format format = format_of<Real>;
  const std::uint64_t numbers = z.elements();
  const Work<Real> work(phase,
                        {{Op::exp, format, numbers},
                         {Op::div, format, numbers},
                         {Op::add, format, product(std::uint64_t{3}, numbers)},
                         {Op::mul, format, numbers}},
                        reads(z) + writes(y, slope));
  if constexpr (!computes<Real>) return;
  const Real one(1.0F);
  for (std::size_t h = 0; h < z.heads; ++h) {
    for (std::size_t i = 0; i < z.cols; ++i) {
      const Real t = one / (one + exp(z(h, 0, i)));
      const Real s = one - t;
      y(h, 0, i) = s - t;
      slope(h, 0, i) = s * t;
    }
  }
}

/// out_r = factor * sum_i sign_ri y_i: n signed additions and a multiplication for every bit r.
template <class Real>
void signed_sums(Phase& phase, Codes<Real> signs, Input<Real> y, float factor, View<Real> out) {
  const std::uint64_t additions = signs.elements();
  const Work<Real> work(phase,
                        {{Op::add, format_of<Real>, additions},
                         {Op::logic, Format::bit, additions},
                         {Op::mul, format_of<Real>, out.elements()}},
                        reads(signs, y) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < y.heads; ++h) {
    const Real* const from = y.row(h, 0);
    for (std::size_t r = 0; r < signs.rows; ++r) {
      Real total(0);
      for (std::size_t i = 0; i < signs.width; ++i) {
        total = add_signed(total, signs.positive(h, r, i), from[i]);
      }
      out(h, 0, r) = Real(factor) * total;
    }
  }
}

/// In place: out_i -= sum_r sign_ri x_r; n signed additions for every bit r.
template <class Real>
void subtract_signed(Phase& phase, Codes<Real> signs, Input<Real> x, View<Real> out) {
  const std::uint64_t additions = signs.elements();
  const Work<Real> work(
      phase, {{Op::add, format_of<Real>, additions}, {Op::logic, Format::bit, additions}},
      reads(signs, x, out) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < out.heads; ++h) {
    Real* const to = out.row(h, 0);
    for (std::size_t r = 0; r < signs.rows; ++r) {
      const Real term = x(h, 0, r);
      for (std::size_t i = 0; i < signs.width; ++i) {
        to[i] = add_signed(to[i], !signs.positive(h, r, i), term);
      }
    }
  }
}

/// In place: out *= x, number by number.
template <class Real>
void multiply_by(Phase& phase, Input<Real> x, View<Real> out) {
  const Work<Real> work(phase, {{Op::mul, format_of<Real>, out.elements()}},
                        reads(x, out) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < out.heads; ++h) {
    for (std::size_t i = 0; i < out.rows; ++i) {
      for (std::size_t c = 0; c < out.cols; ++c) out(h, i, c) *= x(h, i, c);
    }
  }
}

/// Nesterov's step in place: velocity = momentum velocity + gradient (the gradient itself in the
/// first step), x -= rate (gradient + momentum velocity): three macs for every number, or two.
template <class Real>
void nesterov_step(Phase& phase, Input<Real> gradient, float rate, float momentum, bool first,
                   View<Real> velocity, View<Real> x) {
  const std::uint64_t macs = product(std::uint64_t{first ? 2U : 3U}, x.elements());
  const Work<Real> work(
      phase, {{Op::mac, format_of<Real>, macs}},
      (first ? reads(gradient, x) : reads(gradient, velocity, x)) + writes(velocity, x));
  if constexpr (!computes<Real>) return;
  const Real keep(momentum);
  const Real step(-rate);
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t j = 0; j < x.cols; ++j) {
      const Real g = gradient(h, 0, j);
      Real& v = velocity(h, 0, j);
      v = first ? g : mac(g, keep, v);
      x(h, 0, j) = mac(x(h, 0, j), step, mac(g, keep, v));
    }
  }
}

/// out = factor * sum_h (sum_r dots_hr^2 - bits * agreement_h), [1, 1, 1]: a mac for every term and
/// a multiplication.
template <class Real>
void sign_loss(Phase& phase, Input<Integer<Real>> agreement, Input<Integer<Real>> dots,
               std::size_t bits, float factor, View<Real> out) {
  const Work<Real> work(phase,
                        {{Op::mac, format_of<Real>, sum(dots.elements(), agreement.elements())},
                         {Op::mul, format_of<Real>, 1}},
                        reads(agreement, dots) + writes(out));
  if constexpr (!computes<Real>) return;
  const Real minus_bits(-static_cast<float>(bits));
  Real total(0);
  for (std::size_t h = 0; h < agreement.heads; ++h) {
    for (std::size_t r = 0; r < dots.cols; ++r) {
      const Real dot = real_of<Real>(dots(h, 0, r));
      total = mac(total, dot, dot);
    }
    total = mac(total, minus_bits, real_of<Real>(agreement(h, 0, 0)));
  }
  out(0, 0, 0) = Real(factor) * total;
}

}  // namespace wattention
