// Laplacian attention (Gao and Xu, EcoTransformer: Attention without Multiplication, 2025)
//
//     out_i = sum_j p_ij v_j,   p_i = softmax_j(-||q_i - k_j||_1 / sqrt(d))
//
// q [H, N, d], k [G, M, d], v [G, M, e] -> [H, N, e], G divides H. The factor 1 / sqrt(d) is taken
// into q and k, ||q - k||_1 s = ||q s - k s||_1, N d + M d multiplications a head, so that scores
// contain none: for every pair d subtractions, d cleared signs, d subtractions. Then softmax and
// output as in softmax attention: for every pair an exponential, a division, e macs. Operations
// O(H N M (d + e)). It writes the scaled q and k, and writes and reads scores and weights
// [H, N, M]; this execution holds them for a block of rows: memory O(H (N + M)).

#include "models/attention.hpp"
#include "sim/distance_kernels.hpp"
#include "sim/row_blocks.hpp"
#include "sim/row_kernels.hpp"

namespace wattention {
namespace {

struct Laplacian {
  static constexpr std::array<std::string_view, 4> phases{"scale", "scores", "softmax", "output"};

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    const float factor = 1.0F / std::sqrt(static_cast<float>(x.head_dim()));
    Tensor<Real> queries = converted<Real>(x.q);
    Tensor<Real> scaled_keys = converted<Real>(x.k);
    scaled<Real>(ledger["scale"], queries, factor, queries);
    scaled<Real>(ledger["scale"], scaled_keys, factor, scaled_keys);
    const Tensor<Real> keys = transposed(scaled_keys.view());  // [G, d, M]
    Tensor<Real> out(x.heads(), x.queries(), x.value_dim());

    by_independent_rows<Real>(
        ledger, x.heads(), x.queries(), rows_in_cache(x.keys()), [&](const auto& rows) {
          using R = typename std::remove_cvref_t<decltype(rows)>::Real;
          Tensor<R> scores = rows.tensor(x.heads(), x.keys(), Residence::memory);  // [H, rows, M]
          negated_manhattan_distances<R>(ledger["scores"], rows(queries.view()),
                                         rows.whole(keys.view()), scores);
          softmax_rows<R>(ledger["softmax"], scores);
          matmul<R>(ledger["output"], scores, rows.whole(x.v), rows(out.view()));
        });
    return out;
  }
};

const Registration<Attention, Model<Laplacian>> registration{
    "laplacian", "scores from L1 distances, without multiplications, quadratic in tokens"};

}  // namespace
}  // namespace wattention
