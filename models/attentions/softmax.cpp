// Softmax attention (Vaswani et al., Attention Is All You Need, NeurIPS 2017, eq. 1)
//
//     out_i = sum_j p_ij v_j,   p_i = softmax_j(<q_i, k_j> / sqrt(d))
//
// q [H, N, d], k [G, M, d], v [G, M, e] -> [H, N, e], G divides H. Operations O(H N M (d + e)): for
// every pair of a query and a key that it sees d + e macs, a scaling, an exponential, a division.
// The algorithm writes and reads scores and weights [H, N, M]; this execution holds them for a
// block of rows: memory O(H (N + M)). Causal: the last query sees all keys, each one before it one
// key fewer; pairs that are not seen are neither computed nor counted.

#include <fmt/format.h>

#include "models/attention.hpp"
#include "sim/kernels/products.hpp"
#include "sim/kernels/row_blocks.hpp"
#include "sim/kernels/rows.hpp"

namespace wattention {
namespace {

struct Softmax {
  static constexpr std::array<std::string_view, 3> phases{"scores", "softmax", "output"};

  bool causal = false;

  void bind(Options& options) {
    options.flag("causal", causal, "Whether a query sees only the keys up to its own place.");
  }

  void prepare(const Qkv<float>& x, const Parameters& /*parameters*/) const {
    if (causal && x.queries() > x.keys()) {
      throw InputError("softmax", "causal=true",
                       fmt::format("at least as many keys as queries ({})", x.queries()),
                       fmt::format("{} keys", x.keys()));
    }
  }

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    const float factor = 1.0F / std::sqrt(static_cast<float>(x.head_dim()));
    const Tensor<Real> keys = transposed(x.k);  // [G, d, M]
    Tensor<Real> out(x.heads(), x.queries(), x.value_dim());

    by_independent_rows<Real>(
        ledger, x.heads(), x.queries(), rows_in_cache(x.keys()),
        [&]<class R>(const RowBlock<R>& rows) {
          Tensor<R> scores = rows.tensor(x.heads(), x.keys(), Residence::memory);  // [H, rows, M]
          const View<R> seen =
              causal ? scores.view().triangle(x.keys() - x.queries() + rows.first() + 1)
                     : scores.view();
          scaled_matmul<R>(ledger["scores"], rows(x.q), rows.whole(keys.view()), factor, seen);
          softmax_rows<R>(ledger["softmax"], seen);
          matmul<R>(ledger["output"], seen, rows.whole(x.v), rows(out.view()));
        });
    return out;
  }
};

const Registration<Attention, Model<Softmax>> registration{"softmax",
                                                           "Exact attention; quadratic in tokens."};

}  // namespace
}  // namespace wattention
