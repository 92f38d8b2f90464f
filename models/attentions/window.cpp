// Attention inside windows (Liu et al., Swin Transformer, ICCV 2021, eq. 4, without shift and
// position bias; the blocks of Qiu et al., Blockwise Self-Attention, 2020)
//
//     out_i = sum_j p_ij v_j,   p_i = softmax_j(<q_i, k_j> / sqrt(d)),   j in the window of i
//
// Windows are `window` consecutive tokens; the last one has what remains. q [H, N, d], k [G, N, d],
// v [G, N, e] -> [H, N, e], G divides H. Operations O(H N w (d + e)) as for softmax attention over
// w keys; scores and weights [H, N, w] are written and read; memory O(H N).

#include <fmt/format.h>

#include "models/attention.hpp"
#include "sim/kernels/windows.hpp"

namespace wattention {
namespace {

struct Window {
  static constexpr std::array<std::string_view, 3> phases{"scores", "softmax", "output"};

  std::size_t window = 49;

  void bind(Options& options) {
    options.integer("window", window, 1, 1048576,
                    "Number of tokens of a window. The last may have fewer. 49 are Swin's 7 x 7.");
  }

  static void prepare(const Qkv<float>& x, const Parameters& /*parameters*/) {
    if (x.queries() != x.keys()) {
      throw InputError("window", "keys", fmt::format("as many keys as queries ({})", x.queries()),
                       fmt::format("{} keys", x.keys()));
    }
  }

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    const float factor = 1.0F / std::sqrt(static_cast<float>(x.head_dim()));
    const Tensor<Real> keys = transposed(x.k);  // [G, d, N]
    Tensor<Real> out(x.heads(), x.queries(), x.value_dim());
    for (std::size_t first = 0; first < x.queries(); first += window) {
      const std::size_t count = std::min(window, x.queries() - first);
      softmax_attention_over<Real>(ledger, x.q.slice(first, count),
                                   columns(keys.view(), first, count), x.v.slice(first, count),
                                   factor, out.view().slice(first, count));
    }
    return out;
  }
};

const Registration<Attention, Model<Window>> registration{
    "window", "Exact attention inside windows of consecutive tokens; linear in tokens."};

}  // namespace
}  // namespace wattention
