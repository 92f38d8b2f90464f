#pragma once

// Exact softmax attention by tiles of keys, without ever holding a row of scores (Milakov and
// Gimelshein, Online normalizer calculation for softmax, 2018; Dao et al., FlashAttention, NeurIPS
// 2022). Each row keeps a running maximum m, a running sum s and running outputs o; a further tile
// of scores x changes them to
//
//     m' = max(m, max_j x_j),  c = exp(m - m'),  s' = c s + sum_j exp(x_j - m'),
//     o' = c o + sum_j exp(x_j - m') v_j
//
// and the end is o / s. Sums and outputs are kept in Sum<Real>.

#include <cstddef>

#include "sim/kernels/fast/vector_kernels.hpp"
#include "sim/kernels/products.hpp"

namespace wattention {

/// What a row of queries carries from tile to tile; local.
template <class Real>
struct RunningSoftmax {
  Tensor<Real> top;            // [h, n, 1]
  Tensor<Sum<Real>> total;     // [h, n, 1]
  Tensor<Real> correction;     // [h, n, 1], of the last tile
  Tensor<Sum<Real>> weighted;  // [h, n, e]
  std::size_t tiles = 0;       // seen so far

  RunningSoftmax(std::size_t heads, std::size_t rows, std::size_t value_dim)
      : top(heads, rows, 1, Residence::local),
        total(heads, rows, 1, Residence::local),
        correction(heads, rows, 1, Residence::local),
        weighted(heads, rows, value_dim, Residence::local) {}
};

/// What a running softmax holds for a query.
template <class Real>
std::uint64_t bytes_of_running_softmax(const Arithmetic& arithmetic, std::size_t value_dim) {
  return bytes_of<Real>(arithmetic, 1) + bytes_of<Sum<Real>>(arithmetic, value_dim + 1);
}

/// Declares what an attention by tiles of keys moves between memories, once for all its tiles: q
/// [h, n, d], k of [g, m, d] and v [g, m, e], in whatever layout or code, and the output.
/// `state_bytes` is what a query carries from tile to tile, `pair_bytes` what a query and a key
/// take while they meet: the score, and what is made of it. The kernels of the tiles follow under
/// Ledger::Fused.
template <class Q, class K, class V, class Out>
void declare_tiles(Phase& scores, Phase& output, const Q& q, const K& k, const V& v, const Out& out,
                   std::uint64_t state_bytes, std::uint64_t pair_bytes) {
  const auto each = [](std::uint64_t bytes, std::uint64_t count) {
    return count == 0 ? 0 : (bytes + count - 1) / count;
  };
  const Arithmetic& arithmetic = scores.arithmetic();
  FusedAttention attention;
  attention.heads = v.heads;
  attention.queries = product(out.heads / v.heads, out.rows);
  attention.keys = v.rows;
  attention.query_bytes = each(bytes_of_view(arithmetic, q), product(out.heads, out.rows));
  attention.key_bytes = each(bytes_of_view(arithmetic, k), product(v.heads, v.rows));
  attention.value_bytes = each(bytes_of_view(arithmetic, v), product(v.heads, v.rows));
  attention.state_bytes = state_bytes;
  attention.pair_bytes = pair_bytes;
  Movement of_scores = reads(q, k);
  of_scores.set_fused(attention, FusedPart::scores);
  scores.declare({}, of_scores);
  Movement of_output = reads(v) + writes(out);
  of_output.set_fused(attention, FusedPart::output);
  output.declare({}, of_output);
}

/// What a running softmax [h, n, 1] reads of the tiles before, and writes for those to come.
template <class Real>
Movement carried(const RunningSoftmax<Real>& running) {
  Movement written = writes(running.top.view(), running.total.view());
  if (running.tiles == 0) return written;
  return reads(running.top.view(), running.total.view()) + written +
         writes(running.correction.view());
}

/// In place: scores of a tile [h, n, w] become exp(x - m'). For each row w comparisons, w
/// subtractions, w exponentials, w additions; a further tile rescales: a subtraction, an
/// exponential, a multiplication. The first tile has a comparison and an addition less.
template <class Real>
void running_softmax(Phase& phase, View<Real> scores, RunningSoftmax<Real>& running) {
  constexpr Format format = format_of<Real>;
  constexpr Format wide = format_of<Sum<Real>>;
  const bool first_tile = running.tiles == 0;
  const std::uint64_t numbers = scores.elements();
  const std::uint64_t rows = product(scores.heads, scores.rows);
  const std::uint64_t rescaled = first_tile ? 0 : rows;
  const std::uint64_t joined = first_tile ? numbers - rows : numbers;
  const Work<Real> work(phase,
                        {{Op::compare, format, joined},
                         {Op::add, format, sum(numbers, rescaled)},
                         {Op::add, wide, joined},
                         {Op::exp, format, sum(numbers, rescaled)},
                         {Op::mul, wide, rescaled}},
                        reads(scores) + writes(scores) + carried(running));
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::running_softmax(scores, first_tile, running.top, running.total,
                                 running.correction);
  }
  for (std::size_t h = 0; h < scores.heads; ++h) {
    for (std::size_t i = 0; i < scores.rows; ++i) {
      Real* const row = scores.row(h, i);
      const std::size_t width = scores.cols;
      Real& top = running.top(h, i, 0);
      Sum<Real>& total = running.total(h, i, 0);
      Real highest = first_tile ? row[0] : max(top, row[0]);
      for (std::size_t j = 1; j < width; ++j) highest = max(highest, row[j]);
      for (std::size_t j = 0; j < width; ++j) row[j] = exp(row[j] - highest);
      if (first_tile) {
        total = real_of<Sum<Real>>(row[0]);
      } else {
        const Real correction = exp(top - highest);
        running.correction(h, i, 0) = correction;
        total = total * real_of<Sum<Real>>(correction) + real_of<Sum<Real>>(row[0]);
      }
      for (std::size_t j = 1; j < width; ++j) {
        total += real_of<Sum<Real>>(row[j]);
      }
      top = highest;
    }
  }
}

/// In place: scores of a tile [h, n, w] become exp(x - m') as above, without their sum. For each
/// row w comparisons, subtractions and exponentials; a further tile has a subtraction and an
/// exponential more, for the correction. The first tile has a comparison less.
template <class Real>
void running_exponentials(Phase& phase, View<Real> scores, bool first_tile, View<Real> top,
                          View<Real> correction) {
  constexpr Format format = format_of<Real>;
  const std::uint64_t numbers = scores.elements();
  const std::uint64_t rows = product(scores.heads, scores.rows);
  const std::uint64_t rescaled = first_tile ? 0 : rows;
  Movement movement = reads(scores) + writes(scores, top);
  if (!first_tile) movement = movement + reads(top) + writes(correction);
  const Work<Real> work(phase,
                        {{Op::compare, format, first_tile ? numbers - rows : numbers},
                         {Op::add, format, sum(numbers, rescaled)},
                         {Op::exp, format, sum(numbers, rescaled)}},
                        movement);
  if constexpr (!computes<Real>) return;
  if constexpr (std::is_same_v<Real, float>) {
    return fast::running_exponentials(scores, first_tile, top, correction);
  }
  for (std::size_t h = 0; h < scores.heads; ++h) {
    for (std::size_t i = 0; i < scores.rows; ++i) {
      Real* const row = scores.row(h, i);
      Real highest = first_tile ? row[0] : max(top(h, i, 0), row[0]);
      for (std::size_t j = 1; j < scores.cols; ++j) {
        highest = max(highest, row[j]);
      }
      for (std::size_t j = 0; j < scores.cols; ++j) {
        row[j] = exp(row[j] - highest);
      }
      if (!first_tile) correction(h, i, 0) = exp(top(h, i, 0) - highest);
      top(h, i, 0) = highest;
    }
  }
}

/// Adds a tile of weights [h, n, w] times its values [g, w, e]: w e macs a row, and e
/// multiplications, in the format of the sums, to rescale what earlier tiles gave.
template <class Real>
void add_weighted_tile(Phase& phase, Input<Real> weights, Input<Real> v,
                       RunningSoftmax<Real>& running) {
  View<Sum<Real>> out = running.weighted.view();
  demand(weights.cols == v.rows && weights.rows == out.rows && v.cols == out.cols &&
             weights.heads == out.heads && out.heads % v.heads == 0,
         "add_weighted_tile: expected shapes [h, n, w] x [g, w, e] -> [h, n, e], found others");
  const bool first_tile = running.tiles++ == 0;
  const std::uint64_t rescaled = first_tile ? 0 : out.elements();
  Movement movement = product_of(weights, v, out);
  if (!first_tile) movement = movement + reads(out, running.correction.view());
  const Work<Real> work(phase,
                        {{Op::mac, format_of<Real>, product(weights.elements(), v.cols)},
                         {Op::mul, format_of<Sum<Real>>, rescaled}},
                        movement);
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < out.heads; ++h) {
    for (std::size_t i = 0; i < out.rows; ++i) {
      Sum<Real>* const sums = out.row(h, i);
      if (first_tile) {
        for (std::size_t c = 0; c < out.cols; ++c) sums[c] = Sum<Real>(0);
      } else {
        const auto by = real_of<Sum<Real>>(running.correction(h, i, 0));
        for (std::size_t c = 0; c < out.cols; ++c) sums[c] *= by;
      }
    }
  }
  add_product_in_order<Real>(work, weights, v, out);
}

/// out = o / s: a division for every row, and a multiplication by its result for every number, in
/// the format of sums and rounded once, as divide_rows.
template <class Real>
void divide_by_total(Phase& phase, const RunningSoftmax<Real>& running, View<Real> out) {
  using Wide = Sum<Real>;
  const Work<Real> work(phase,
                        {{Op::div, format_of<Wide>, product(out.heads, out.rows)},
                         {Op::mul, format_of<Wide>, out.elements()}},
                        reads(running.total.view(), running.weighted.view()) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < out.heads; ++h) {
    for (std::size_t i = 0; i < out.rows; ++i) {
      const Wide reciprocal = Wide(1) / running.total(h, i, 0);
      for (std::size_t c = 0; c < out.cols; ++c) {
        out(h, i, c) = real_of<Real>(running.weighted(h, i, c) * reciprocal);
      }
    }
  }
}

}  // namespace wattention
