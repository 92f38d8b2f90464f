#pragma once

// Attention in which a query sees some of the keys only. Where a block of queries sees one range of
// keys (windows, chunks), the dense kernels work on views of that range: `columns` and
// `softmax_attention_over`. Where every query sees a range of its own, a `Band` says which, and the
// scores of row r are the first width(r) numbers of that row. Pairs that are not seen are neither
// computed nor counted.

#include <algorithm>
#include <array>
#include <cstddef>

#include "sim/kernels/products.hpp"
#include "sim/kernels/row_blocks.hpp"
#include "sim/kernels/rows.hpp"

namespace wattention {

/// Columns [first, first + count) of a rectangular view.
template <class T>
View<T> columns(View<T> view, std::size_t first, std::size_t count) {
  demand(!view.triangular(), "columns: expected a rectangular view");
  if (view.data != nullptr) view.data += first;
  view.cols = count;
  view.first_width = count;
  return view;
}

/// out = softmax(factor q k) v over all rows given: q [h, n, d], keys as columns [g, d, m],
/// v [g, m, e] -> [h, n, e], in the phases "scores", "softmax" and "output". Scores and weights
/// [h, n, m] are traffic; a block of their rows is held. softmax(rows, scores) turns the scores of
/// a block of rows into weights.
template <class Real, class Softmax>
void softmax_attention_over(Ledger& ledger, Input<Real> q, Input<Real> keys, Input<Real> v,
                            float factor, std::type_identity_t<View<Real>> out,
                            const Softmax& softmax) {
  by_independent_rows<Real>(
      ledger, q.heads, q.rows, rows_in_cache(keys.cols), [&]<class R>(const RowBlock<R>& rows) {
        Tensor<R> scores = rows.tensor(q.heads, keys.cols, Residence::memory);
        scaled_matmul<R>(ledger["scores"], rows(q), rows.whole(keys), factor, scores);
        softmax(rows, scores.view());
        matmul<R>(ledger["output"], scores, rows.whole(v), rows(out));
      });
}
template <class Real>
void softmax_attention_over(Ledger& ledger, Input<Real> q, Input<Real> keys, Input<Real> v,
                            float factor, std::type_identity_t<View<Real>> out) {
  softmax_attention_over<Real>(ledger, q, keys, v, factor, out,
                               [&]<class R>(const RowBlock<R>& /*rows*/, auto scores) {
                                 softmax_rows<R>(ledger["softmax"], scores);
                               });
}

/// Row r is the token `first + r` of `tokens`, with first >= common. It sees the `common` first
/// tokens, then those of the others that are at most `radius` away.
struct Band {
  std::size_t first = 0;
  std::size_t rows = 0;
  std::size_t tokens = 0;
  std::size_t radius = 0;
  std::size_t common = 0;

  /// The near tokens of row r: [near_begin, near_end).
  std::size_t near_begin(std::size_t r) const {
    const std::size_t token = first + r;
    return std::max(common, token - std::min(token, radius));
  }
  std::size_t near_end(std::size_t r) const { return std::min(tokens, first + r + radius + 1); }
  std::size_t near(std::size_t r) const { return near_end(r) - near_begin(r); }
  std::size_t width(std::size_t r) const { return common + near(r); }
  std::size_t widest() const { return common + std::min(2 * radius + 1, tokens - common); }

  /// The loops of a product over the pairs, for each of `heads` with `sharing` heads of rows: one
  /// of blocks of rows, as many as one row sees tokens, each with as many tokens. A token is then
  /// read again for every tile of rows of its block, as in a product of the rows with all tokens
  /// where a row sees all.
  LoopNest nest(std::size_t heads, std::size_t sharing, std::size_t head_dim,
                bool of_scores) const {
    const auto divided = [](std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; };
    if (rows == 0) return {};
    const std::uint64_t seen = divided(pairs(), rows);
    const std::uint64_t blocks = std::max<std::uint64_t>(1, rows / seen);
    const std::uint64_t block_rows = product(divided(rows, blocks), sharing);
    return of_scores ? LoopNest{product(heads, blocks), block_rows, seen, head_dim}
                     : LoopNest{product(heads, blocks), block_rows, head_dim, seen};
  }

  /// Pairs of a row and a token that it sees.
  std::uint64_t pairs() const {
    std::uint64_t total = 0;
    for (std::size_t r = 0; r < rows; ++r) total += width(r);
    return total;
  }

  Band slice(std::size_t from, std::size_t count) const {
    Band part = *this;
    part.first += from;
    part.rows = count;
    return part;
  }
};

/// Scores of a band that come from or go to a memory.
template <class Real>
std::uint64_t moved_scores(const View<Real>& scores, std::uint64_t pairs) {
  return scores.residence == Residence::local ? 0 : product(scores.heads, pairs);
}

inline void demand_band(bool fits) {
  demand(fits, "band: expected a row for each row of the band, as wide as the widest");
}

/// out = factor <q_r, k_j> for the pairs of the band: [h, n, d], keys as columns [g, d, m] ->
/// [h, n, widest]; d macs and a multiplication a pair.
template <class Real>
void band_scores(Phase& phase, const Band& band, Input<Real> q, Input<Real> keys, float factor,
                 View<Real> out) {
  demand_band(q.rows == band.rows && out.rows == band.rows && out.cols == band.widest() &&
              keys.cols == band.tokens && q.heads % keys.heads == 0);
  const Real scale(factor);
  const std::uint64_t pairs = band.pairs();
  const std::uint64_t scores = product(q.heads, pairs);
  Movement movement = reads(q, keys) + moves_part(out, moved_scores(out, pairs), true);
  movement.set_nest(band.nest(keys.heads, q.heads / keys.heads, q.cols, true));
  const Work<Real> work(
      phase,
      {{Op::mac, format_of<Real>, product(scores, q.cols)}, {Op::mul, format_of<Real>, scores}},
      movement);
  if constexpr (!computes<Real>) return;
  const auto scaled = [&](Real sum) { return scale * sum; };
  for (std::size_t r = 0; r < band.rows; ++r) {
    const View<const Real> query = q.slice(r, 1);
    const View<Real> row = out.slice(r, 1);
    const std::size_t near = band.near(r);
    multiply_rows<Real>(work, query, columns(keys, 0, band.common), columns(row, 0, band.common),
                        scaled);
    multiply_rows<Real>(work, query, columns(keys, band.near_begin(r), near),
                        columns(row, band.common, near), scaled);
  }
}

/// In place: the softmax of each row of the band, as softmax_rows; rows of one width together.
template <class Real>
void band_softmax(Phase& phase, const Band& band, View<Real> scores) {
  demand_band(scores.rows == band.rows && scores.cols == band.widest());
  for (std::size_t r = 0, end = 0; r < band.rows; r = end) {
    const std::size_t width = band.width(r);
    for (end = r + 1; end < band.rows && band.width(end) == width;) ++end;
    softmax_rows<Real>(phase, columns(scores.slice(r, end - r), 0, width));
  }
}

/// out_r = sum_j weight_rj v_j over the pairs of the band: [h, n, widest] x [g, m, e] ->
/// [h, n, e]; e macs a pair.
template <class Real>
void band_output(Phase& phase, const Band& band, Input<Real> weights, Input<Real> v,
                 View<Real> out) {
  demand_band(weights.rows == band.rows && out.rows == band.rows && weights.cols == band.widest() &&
              v.rows == band.tokens && out.heads % v.heads == 0);
  const std::uint64_t pairs = band.pairs();
  Movement movement =
      moves_part(weights, moved_scores(weights, pairs), false) + reads(v) + writes(out);
  movement.set_nest(band.nest(v.heads, out.heads / v.heads, out.cols, false));
  const Work<Real> work(phase, {{Op::mac, format_of<Real>, product(out.heads, pairs, out.cols)}},
                        movement);
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < out.heads; ++h) {
    const std::size_t hv = shared_head(h, out.heads, v.heads);
    for (std::size_t r = 0; r < band.rows; ++r) {
      const Real* const factors = weights.row(h, r);
      const std::size_t past_common = band.near_begin(r) - band.common;
      by_column_tiles(out.cols, [&](std::size_t first, auto width) {
        std::array<Sum<Real>, column_tile> sums;
        for (std::size_t c = 0; c < width; ++c) sums[c] = Sum<Real>(0);
        for (std::size_t j = 0; j < band.width(r); ++j) {
          const std::size_t token = j < band.common ? j : j + past_common;
          const Real* const value = v.row(hv, token) + first;
          for (std::size_t c = 0; c < width; ++c) {
            sums[c] = mac(sums[c], factors[j], value[c]);
          }
        }
        Real* const to = out.row(h, r) + first;
        for (std::size_t c = 0; c < width; ++c) to[c] = real_of<Real>(sums[c]);
      });
    }
  }
}

}  // namespace wattention
