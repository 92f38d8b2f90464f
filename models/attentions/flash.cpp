// Exact attention by tiles of keys (Dao et al., FlashAttention: Fast and Memory-Efficient Exact
// Attention with IO-Awareness, NeurIPS 2022, algorithm 1)
//
//     out_i = sum_j p_ij v_j,   p_i = softmax_j(<q_i, k_j> / sqrt(d)),
//
// with a running maximum, sum and output that each further tile rescales (sim/tile_kernels.hpp).
// q [H, N, d], k [G, M, d], v [G, M, e] -> [H, N, e], G divides H. Operations O(H N M (d + e)):
// for every pair d + e macs, a scaling, an exponential; the division by the sum is left to the e
// numbers of the output. For each of the ceil(M / tile) - 1 further tiles a query's rescaling takes
// an exponential, a subtraction and e + 1 multiplications. Scores and weights are never written:
// traffic is that of q, k, v and the output, each once where a memory holds the queries, and memory
// O(H (N + M)).

#include "models/attention.hpp"
#include "sim/tile_kernels.hpp"
#include "sim/window_kernels.hpp"

namespace wattention {
namespace {

struct Flash {
  static constexpr std::array<std::string_view, 3> phases{"scores", "softmax", "output"};
  static constexpr std::size_t rows_per_block = 64;

  std::size_t tile = 64;

  void bind(Options& options) {
    options.integer("tile", tile, 1, 1048576, "keys of a tile; the last one may have fewer");
  }

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    const float factor = 1.0F / std::sqrt(static_cast<float>(x.head_dim()));
    const Tensor<Real> keys = transposed(x.k);  // [G, d, M]
    Tensor<Real> out(x.heads(), x.queries(), x.value_dim());

    by_independent_rows<Real>(
        ledger, x.heads(), x.queries(), rows_per_block, [&](const auto& rows) {
          using R = typename std::remove_cvref_t<decltype(rows)>::Real;
          move_tiles<R>(ledger["scores"], ledger["output"], rows(x.q), rows.whole(keys.view()),
                        rows.whole(x.v), rows(out.view()));
          const View<const R> queries = unmoved(rows(x.q));
          const View<const R> all_keys = unmoved(rows.whole(keys.view()));
          const View<const R> values = unmoved(rows.whole(x.v));
          RunningSoftmax<R> running(rows.heads(x.heads()), rows.count(), x.value_dim());
          Tensor<R> held = rows.tensor(x.heads(), std::min(tile, x.keys()), Residence::local);
          for (std::size_t first = 0; first < x.keys(); first += tile) {
            const std::size_t width = std::min(tile, x.keys() - first);
            const View<R> scores = columns(held.view(), 0, width);  // [H, rows, width]
            scaled_matmul<R>(ledger["scores"], queries, columns(all_keys, first, width), factor,
                             scores);
            running_softmax<R>(ledger["softmax"], scores, running);
            add_weighted_tile<R>(ledger["output"], scores, values.slice(first, width), running);
          }
          divide_by_total<R>(ledger["output"], running, unmoved(rows(out.view())));
        });
    return out;
  }
};

const Registration<Attention, Model<Flash>> registration{
    "flash", "exact attention by tiles of keys, scores never written"};

}  // namespace
}  // namespace wattention
