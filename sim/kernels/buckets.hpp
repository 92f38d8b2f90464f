#pragma once

// Buckets by random rotations (Andoni et al., Practical and Optimal LSH for Angular Distance,
// NeurIPS 2015), the order of tokens by bucket, rows moved into and out of that order, and the join
// of several such rounds. Batched over heads, as sim/kernels/products.hpp.

#include <algorithm>
#include <cstddef>
#include <vector>

#include "sim/kernels/work.hpp"

namespace wattention {

/// out_i = argmax of [p_i, -p_i], the first where several are largest: [h, n, r] -> integers
/// [h, n, 1]. The largest and the smallest of p_i decide: 2 r - 1 comparisons a row, and one bit
/// operation for the sign.
template <class Real>
void buckets_of_rotations(Phase& phase, Input<Real> rotated, View<Integer<Real>> out) {
  const std::uint64_t rows = product(rotated.heads, rotated.rows);
  const Work<Real> work(phase,
                        {{Op::compare, format_of<Real>, product(rows, 2 * rotated.cols - 1)},
                         {Op::logic, Format::bit, rows}},
                        reads(rotated) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < rotated.heads; ++h) {
    for (std::size_t i = 0; i < rotated.rows; ++i) {
      const Real* const p = rotated.row(h, i);
      Real top = p[0];
      Real bottom = p[0];
      std::size_t place_of_top = 0;
      std::size_t place_of_bottom = 0;
      for (std::size_t c = 1; c < rotated.cols; ++c) {
        const Real higher = max(top, p[c]);
        const Real lower = min(bottom, p[c]);
        if (plain(higher) != plain(top)) place_of_top = c;
        if (plain(lower) != plain(bottom)) place_of_bottom = c;
        top = higher;
        bottom = lower;
      }
      const bool negative = plain(max(top, abs(bottom))) != plain(top);
      out(h, i, 0) = Integer<Real>(
          static_cast<std::int32_t>(negative ? rotated.cols + place_of_bottom : place_of_top));
    }
  }
}

/// order = the tokens by (bucket, position), a counting sort: integers [h, n, 1] -> [h, n, 1];
/// n additions to count, buckets - 1 to find where each bucket begins, n to place.
template <class Real>
void order_by_bucket(Phase& phase, Input<Integer<Real>> bucket, std::size_t buckets,
                     View<Integer<Real>> order) {
  using Int = Integer<Real>;
  const std::uint64_t additions = product(bucket.heads, 2 * bucket.rows + buckets - 1);
  const Work<Real> work(phase, {{Op::add, format_of<Int>, additions}},
                        reads(bucket) + writes(order));
  if constexpr (!computes<Real>) return;
  std::vector<Int> places(buckets);
  const auto place_of = [&](std::size_t h, std::size_t i) -> Int& {
    return places[static_cast<std::size_t>(plain(bucket(h, i, 0)))];
  };
  for (std::size_t h = 0; h < bucket.heads; ++h) {
    std::fill(places.begin(), places.end(), Int(0));
    for (std::size_t i = 0; i < bucket.rows; ++i) place_of(h, i) += Int(1);
    Int count = places[0];
    places[0] = Int(0);
    for (std::size_t b = 1; b < buckets; ++b) {
      const Int begin = places[b - 1] + count;
      count = places[b];
      places[b] = begin;
    }
    for (std::size_t i = 0; i < bucket.rows; ++i) {
      Int& place = place_of(h, i);
      order(h, static_cast<std::size_t>(plain(place)), 0) = Int(static_cast<std::int32_t>(i));
      place += Int(1);
    }
  }
}

/// out_i = x_order(i): moves data only.
template <class Real>
void gather_rows(Phase& phase, Input<Real> x, Input<Integer<Real>> order, View<Real> out) {
  const Work<Real> work(phase, {}, reads(x, order) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      const auto from = static_cast<std::size_t>(plain(order(h, i, 0)));
      std::copy_n(x.row(h, from), x.cols, out.row(h, i));
    }
  }
}

/// out_order(i) = x_i: moves data only.
template <class Real>
void scatter_rows(Phase& phase, Input<Real> x, Input<Integer<Real>> order, View<Real> out) {
  const Work<Real> work(phase, {}, reads(x, order) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      const auto to = static_cast<std::size_t>(plain(order(h, i, 0)));
      std::copy_n(x.row(h, i), x.cols, out.row(h, to));
    }
  }
}

/// The softmax over the keys of all rounds, of that over the keys of each:
///
///     out_i = sum_r w_ir o_ir,   w_ir = t_ir exp(m_ir - max_r m_ir) / (the sum of these over r)
///
/// with the output o of each round, [h, n, rounds e], the maximum m of its scores, [h, n, rounds],
/// and the sum t of exp(score - m), [h, n, rounds] -> [h, n, e]. For each row rounds - 1
/// comparisons, rounds subtractions and exponentials, 2 rounds multiplications and rounds - 1
/// additions of sums, a division, and rounds e macs.
template <class Real>
void join_rounds(Phase& phase, Input<Real> outputs, Input<Real> tops, Input<Sum<Real>> totals,
                 View<Real> out) {
  using Wide = Sum<Real>;
  constexpr Format format = format_of<Real>;
  constexpr Format wide = format_of<Wide>;
  const std::size_t rounds = tops.cols;
  demand(outputs.cols == product(rounds, out.cols) && totals.cols == rounds,
         "join_rounds: expected an output, a maximum and a sum of each round");
  const std::uint64_t rows = product(out.heads, out.rows);
  const Work<Real> work(phase,
                        {{Op::compare, format, product(rows, rounds - 1)},
                         {Op::add, format, product(rows, rounds)},
                         {Op::exp, format, product(rows, rounds)},
                         {Op::mul, wide, product(std::uint64_t{2}, rows, rounds)},
                         {Op::add, wide, product(rows, rounds - 1)},
                         {Op::div, wide, rows},
                         {Op::mac, format, outputs.elements()}},
                        reads(outputs, tops, totals) + writes(out));
  if constexpr (!computes<Real>) return;
  std::vector<Wide> shares(rounds);
  std::vector<Real> weights(rounds);
  for (std::size_t h = 0; h < out.heads; ++h) {
    for (std::size_t i = 0; i < out.rows; ++i) {
      const Real* const top = tops.row(h, i);
      Real highest = top[0];
      for (std::size_t r = 1; r < rounds; ++r) highest = max(highest, top[r]);
      for (std::size_t r = 0; r < rounds; ++r) {
        shares[r] = totals(h, i, r) * real_of<Wide>(exp(top[r] - highest));
      }
      Wide total = shares[0];
      for (std::size_t r = 1; r < rounds; ++r) total += shares[r];
      const Wide reciprocal = Wide(1) / total;
      for (std::size_t r = 0; r < rounds; ++r) {
        weights[r] = real_of<Real>(shares[r] * reciprocal);
      }
      for (std::size_t c = 0; c < out.cols; ++c) {
        Wide sum(0);
        for (std::size_t r = 0; r < rounds; ++r) {
          sum = mac(sum, weights[r], outputs(h, i, r * out.cols + c));
        }
        out(h, i, c) = real_of<Real>(sum);
      }
    }
  }
}

}  // namespace wattention
