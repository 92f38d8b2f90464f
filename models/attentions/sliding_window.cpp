// Sliding-window attention with global tokens (Beltagy et al., Longformer: The Long-Document
// Transformer, 2020, section 3.1; one sequence, no dilation, one projection for all tokens)
//
//     out_i = sum_j p_ij v_j,   p_i = softmax_j(<q_i, k_j> / sqrt(d)),
//     i sees j where |i - j| <= floor(w / 2), or i < g, or j < g
//
// q [H, N, d], k [G, N, d], v [G, N, e] -> [H, N, e], G divides H. Only pairs that are seen are
// computed and counted. With m = N - g and r = floor(w / 2) < m they are, for each head,
//
//     P = g (N + m) + m (2 r + 1) - r (r + 1)
//
// Operations O(H P (d + e)), linear in N; scores and weights of the P pairs are written and read;
// memory O(H N).

#include <fmt/format.h>

#include "models/attention.hpp"
#include "sim/kernels/windows.hpp"

namespace wattention {
namespace {

struct SlidingWindow {
  static constexpr std::array<std::string_view, 3> phases{"scores", "softmax", "output"};
  static constexpr std::size_t rows_per_block = 64;

  std::size_t window = 512;
  std::size_t global_tokens = 0;

  void bind(Options& options) {
    options.integer(
        "window", window, 1, 1048576,
        "Width of the window: a token sees half as many tokens on each side. The paper has "
        "512.");
    options.integer("global_tokens", global_tokens, 0, 1048576,
                    "Number of first tokens that see all tokens and that all tokens see.");
  }

  void prepare(const Qkv<float>& x, const Parameters& /*parameters*/) const {
    if (x.queries() != x.keys()) {
      throw InputError("sliding-window", "keys",
                       fmt::format("as many keys as queries ({})", x.queries()),
                       fmt::format("{} keys", x.keys()));
    }
    if (global_tokens > x.queries()) {
      throw InputError("sliding-window", "global_tokens",
                       fmt::format("at most the {} tokens", x.queries()),
                       fmt::format("{}", global_tokens));
    }
  }

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    const float factor = 1.0F / std::sqrt(static_cast<float>(x.head_dim()));
    const std::size_t others = x.queries() - global_tokens;
    const Tensor<Real> keys = transposed(x.k);  // [G, d, N]
    Tensor<Real> out(x.heads(), x.queries(), x.value_dim());

    if (global_tokens > 0) {
      softmax_attention_over<Real>(ledger, x.q.slice(0, global_tokens), keys, x.v, factor,
                                   out.view().slice(0, global_tokens));
    }
    if (others == 0) return out;
    const Band seen{global_tokens, others, x.keys(), window / 2, global_tokens};
    const View<const Real> queries = x.q.slice(global_tokens, others);
    const View<Real> outputs = out.view().slice(global_tokens, others);
    by_rows<Real>(ledger, others, rows_per_block, [&]<class R>(const RowBlock<R>& rows) {
      const Band band = seen.slice(rows.first(), rows.count());
      Tensor<R> scores = rows.tensor(x.heads(), band.widest(), Residence::memory);
      band_scores<R>(ledger["scores"], band, rows(queries), rows.whole(keys.view()), factor,
                     scores);
      band_softmax<R>(ledger["softmax"], band, scores);
      band_output<R>(ledger["output"], band, scores, rows.whole(x.v), rows(outputs));
    });
    return out;
  }
};

const Registration<Attention, Model<SlidingWindow>> registration{
    "sliding-window", "A token sees its neighbours and global tokens; linear in tokens."};

}  // namespace
}  // namespace wattention
