// cosFormer: linear attention re-weighted by distance (Qin et al., cosFormer: Rethinking Softmax in
// Attention, ICLR 2022, eqs. 10 to 12), bidirectional
//
//     s_ij = <relu(q_i), relu(k_j)> cos(pi (i - j) / (2 n)) = <f(q_i), f(k_j)>,   n = max(N, M)
//     f(x_i) = [relu(x_i) cos(pi (i + 1) / (2 n)), relu(x_i) sin(pi (i + 1) / (2 n))]
//     out_i = f(q_i)^T (sum_j f(k_j) v_j^T) / max(<f(q_i), sum_j f(k_j)>, epsilon)
//
// q [H, N, d], k [G, M, d], v [G, M, e] -> [H, N, e], G divides H; 2 d features. Operations
// O((N + M) d e) a head: 2 d e + 2 d macs a query, 2 d e macs and 2 d additions a key. Cosines and
// sines depend on places alone: a table [n, 2], read but not counted. Features are never written;
// memory beyond that is the context [G, 2 d, e] and the sum of features [G, 2 d].

#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/attention.hpp"
#include "models/linear_attention.hpp"

namespace wattention {
namespace {

struct CosFormer {
  static constexpr std::array<std::string_view, 4> phases{"features", "context", "normaliser",
                                                          "output"};

  double epsilon = 1e-6;
  Tensor<float> turns;  // cosine and sine of every place, [1, n, 2]

  void bind(Options& options) {
    options.number("epsilon", epsilon, 1e-12, 1.0,
                   "Least number that divides an output; the released code has 1e-6.");
  }

  void prepare(const Qkv<float>& x, const Parameters& /*parameters*/) {
    const std::size_t places = std::max(x.queries(), x.keys());
    if (x.k.data == nullptr) {
      turns = Tensor<float>::without_data(1, places, 2);
      return;
    }
    turns = Tensor<float>(1, places, 2);
    for (std::size_t i = 0; i < places; ++i) {
      const double angle =
          std::numbers::pi / 2 * static_cast<double>(i + 1) / static_cast<double>(places);
      turns(0, i, 0) = static_cast<float>(std::cos(angle));
      turns(0, i, 1) = static_cast<float>(std::sin(angle));
    }
  }

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    const auto table = converted<Real>(turns.view(), ledger.arithmetic());
    const auto features_of = [&]<class R>(const RowBlock<R>& rows, const View<const Real>& tokens,
                                          auto out) {
      turned_relu_features<R>(ledger["features"], rows(tokens), rows(table.view()), out);
    };
    return linear_attention<Real>(
        x, 2 * x.head_dim(), ledger,
        [&](const auto& rows, auto out) { features_of(rows, x.k, out); },
        [&](const auto& rows, auto out) { features_of(rows, x.q, out); },
        static_cast<float>(epsilon));
  }
};

const Registration<Attention, Model<CosFormer>> registration{
    "cosformer", "Turns ReLU features by place; linear in tokens."};

}  // namespace
}  // namespace wattention
