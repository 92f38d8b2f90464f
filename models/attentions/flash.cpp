// Exact attention by tiles of keys (Dao et al., FlashAttention: Fast and Memory-Efficient Exact
// Attention with IO-Awareness, NeurIPS 2022, algorithm 1)
//
//     out_i = sum_j p_ij v_j,   p_i = softmax_j(<q_i, k_j> / sqrt(d)),
//
// with a running maximum, sum and output that each further tile rescales
// (sim/kernels/running_softmax.hpp). q [H, N, d], k [G, M, d], v [G, M, e] -> [H, N, e], G divides
// H. Operations O(H N M (d + e)): for every pair d + e macs, a scaling, an exponential; the
// division by the sum is left to the e numbers of the output. For each of the ceil(M / tile) - 1
// further tiles a query's rescaling takes an exponential, a subtraction and e + 1 multiplications.
// Scores and weights stay in the innermost memory, whose accesses count; between memories move q,
// k, v and the output, keys and values once for each block of queries that fits
// (sim/memory/fused_tiling.hpp). Memory O(H (N + M)).

#include "models/attention.hpp"
#include "models/fused_attention.hpp"
#include "sim/kernels/products.hpp"

namespace wattention {
namespace {

struct Flash {
  static constexpr std::array<std::string_view, 3> phases{"scores", "softmax", "output"};

  std::size_t tile = 64;

  void bind(Options& options) {
    options.integer("tile", tile, 1, 1048576,
                    "Number of keys of a tile. The last one may have fewer.");
  }

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    const float factor = 1.0F / std::sqrt(static_cast<float>(x.head_dim()));
    const Tensor<Real> keys = transposed(x.k);  // [G, d, M]
    Tensor<Real> out(x.heads(), x.queries(), x.value_dim());

    fused_attention<Real>(
        ledger, x.q, keys.view(), x.v, out.view(), tile, bytes_of<Real>(ledger.arithmetic(), 1),
        [&]<class R>(const RowBlock<R>& rows, std::size_t first, std::size_t width,
                     const auto& scores) {
          scaled_matmul<R>(ledger["scores"], rows(x.q),
                           columns(rows.whole(keys.view()), first, width), factor, scores);
        });
    return out;
  }
};

const Registration<Attention, Model<Flash>> registration{
    "flash", "Exact attention by tiles of keys, whose scores are never written."};

}  // namespace
}  // namespace wattention
