#pragma once

// Attention whose scores never leave the innermost memory, for every attention that differs in its
// scores alone: tiles of keys, with a running maximum, sum and output
// (sim/kernels/running_softmax.hpp; Dao et al., FlashAttention, NeurIPS 2022, algorithm 1)
//
//     out_i = sum_j p_ij v_j,   p_i = softmax_j(s_ij)
//
// The numbers are those of the unfused form up to rounding. Between memories move q, k, v and the
// output, as often as the best loop over blocks of queries or of keys has it
// (sim/memory/fused_tiling.hpp).

#include <algorithm>
#include <type_traits>

#include "sim/kernels/row_blocks.hpp"
#include "sim/kernels/running_softmax.hpp"
#include "sim/kernels/windows.hpp"

namespace wattention {

/// Phases "scores", "softmax" and "output". q [H, N, d] and k of [G, M, d], in whatever layout or
/// code, v [G, M, e] -> out [H, N, e]. score_tile(rows, first, width, scores) computes the scores
/// [h, n, width] of a block of queries, RowBlock<R>, and the keys from `first` on. `pair_bytes` is
/// what a query and a key take while they meet.
template <class Real, class Q, class K, class ScoreTile>
void fused_attention(Ledger& ledger, const Q& q, const K& k, const View<const Real>& v,
                     const View<Real>& out, std::size_t tile, std::uint64_t pair_bytes,
                     const ScoreTile& score_tile) {
  constexpr std::size_t rows_per_block = 64;
  by_independent_rows<Real>(
      ledger, out.heads, out.rows, rows_per_block, [&]<class R>(const RowBlock<R>& rows) {
        declare_tiles(ledger["scores"], ledger["output"], rows(q), rows.whole(k), rows.whole(v),
                      rows(out), bytes_of_running_softmax<R>(ledger.arithmetic(), v.cols),
                      pair_bytes);
        const Ledger::Fused fused(ledger);
        RunningSoftmax<R> running(rows.heads(out.heads), rows.count(), v.cols);
        Tensor<R> held = rows.tensor(out.heads, std::min(tile, v.rows), Residence::local);
        for (std::size_t first = 0; first < v.rows; first += tile) {
          const std::size_t width = std::min(tile, v.rows - first);
          const View<R> scores = columns(held.view(), 0, width);  // [H, rows, width]
          score_tile(rows, first, width, scores);
          running_softmax<R>(ledger["softmax"], scores, running);
          add_weighted_tile<R>(ledger["output"], scores, rows.whole(v).slice(first, width),
                               running);
        }
        divide_by_total<R>(ledger["output"], running, rows(out));
      });
}

}  // namespace wattention
