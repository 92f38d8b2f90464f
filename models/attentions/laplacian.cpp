// Laplacian attention (Gao and Xu, EcoTransformer: Attention without Multiplication, 2025)
//
//     out_i = sum_j p_ij v_j,   p_i = softmax_j(-||q_i - k_j||_1 / sqrt(d))
//
// q [H, N, d], k [G, M, d], v [G, M, e] -> [H, N, e], G divides H. The factor 1 / sqrt(d) is taken
// into q and k, ||q - k||_1 s = ||q s - k s||_1, N d + M d multiplications a head, so that scores
// contain none: for every pair d subtractions, d cleared signs, d subtractions. Then softmax and
// output as in softmax attention: for every pair an exponential, a division, e macs. Operations
// O(H N M (d + e)). It writes the scaled q and k (once where they are one tensor), and writes and
// reads scores and weights [H, N, M]; this execution holds them for a block of rows: memory
// O(H (N + M)). fused=true: scores are tiles with a running maximum and are never written
// (models/fused_attention.hpp).

#include "models/attention.hpp"
#include "models/fused_attention.hpp"
#include "sim/kernels/distances.hpp"
#include "sim/kernels/row_blocks.hpp"
#include "sim/kernels/rows.hpp"

namespace wattention {
namespace {

struct Laplacian {
  static constexpr std::array<std::string_view, 4> phases{"scale", "scores", "softmax", "output"};

  bool fused = false;
  std::size_t tile = 64;

  void bind(Options& options) {
    options.flag("fused", fused,
                 "Whether scores stay in the innermost memory, tile by tile, as in flash.");
    options.integer("tile", tile, 1, 1048576, "Number of keys of a tile, where fused=true.");
  }

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    const float factor = 1.0F / std::sqrt(static_cast<float>(x.head_dim()));
    Tensor<Real> scaled_queries(x.heads(), x.queries(), x.head_dim());
    scaled<Real>(ledger["scale"], x.q, factor, scaled_queries);
    Tensor<Real> scaled_keys;
    if (!x.shared) {
      scaled_keys = Tensor<Real>(x.k.heads, x.keys(), x.head_dim());
      scaled<Real>(ledger["scale"], x.k, factor, scaled_keys);
    }
    const View<const Real> queries = scaled_queries.input();
    const Tensor<Real> keys = transposed(x.shared ? queries : scaled_keys.input());  // [G, d, M]
    Tensor<Real> out(x.heads(), x.queries(), x.value_dim());

    if (fused) {
      fused_attention<Real>(ledger, queries, keys.view(), x.v, out.view(), tile,
                            bytes_of<Real>(ledger.arithmetic(), 1),
                            [&]<class R>(const RowBlock<R>& rows, std::size_t first,
                                         std::size_t width, const auto& scores) {
                              negated_manhattan_distances<R>(
                                  ledger["scores"], rows(queries),
                                  columns(rows.whole(keys.view()), first, width), scores);
                            });
      return out;
    }
    by_independent_rows<Real>(
        ledger, x.heads(), x.queries(), rows_in_cache(x.keys()),
        [&]<class R>(const RowBlock<R>& rows) {
          Tensor<R> scores = rows.tensor(x.heads(), x.keys(), Residence::memory);  // [H, rows, M]
          negated_manhattan_distances<R>(ledger["scores"], rows(queries), rows.whole(keys.view()),
                                         scores);
          softmax_rows<R>(ledger["softmax"], scores);
          matmul<R>(ledger["output"], scores, rows.whole(x.v), rows(out.view()));
        });
    return out;
  }
};

const Registration<Attention, Model<Laplacian>> registration{
    "laplacian", "Scores from L1 distances, without multiplications; quadratic in tokens."};

}  // namespace
}  // namespace wattention
