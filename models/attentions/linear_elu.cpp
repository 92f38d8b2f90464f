// Linear attention with elu features (Katharopoulos et al., Transformers are RNNs: Fast
// Autoregressive Transformers with Linear Attention, ICML 2020, eqs. 5 to 7)
//
//     out_i = f(q_i)^T (sum_j f(k_j) v_j^T) / <f(q_i), sum_j f(k_j)>,   f(x) = elu(x) + 1
//
// q [H, N, d], k [G, M, d], v [G, M, e] -> [H, N, e], G divides H. f is computed without a branch
// as max(x, 0) + exp(min(x, 0)). Operations O((N + M) d e) a head: d e + d macs a query, d e macs
// and d additions a key. Features are never written; memory beyond input and output is the context
// [G, d, e] and the sum of features [G, d].

#include "models/attention.hpp"
#include "models/linear_attention.hpp"

namespace wattention {
namespace {

struct LinearElu {
  static constexpr std::array<std::string_view, 4> phases{"features", "context", "normaliser",
                                                          "output"};

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    const auto features_of = [&]<class R>(const RowBlock<R>& rows, const View<const Real>& tokens,
                                          auto out) {
      elu_features<R>(ledger["features"], rows(tokens), out);
    };
    return linear_attention<Real>(
        x, x.head_dim(), ledger, [&](const auto& rows, auto out) { features_of(rows, x.k, out); },
        [&](const auto& rows, auto out) { features_of(rows, x.q, out); });
  }
};

const Registration<Attention, Model<LinearElu>> registration{
    "linear-elu", "Features elu(x) + 1; linear in tokens."};

}  // namespace
}  // namespace wattention
