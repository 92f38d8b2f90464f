// Efficient attention (Shen et al., Efficient Attention: Attention with Linear Complexities, WACV
// 2021, eqs. 3 and 4)
//
//     out = rho_q(Q) (rho_k(K)^T V)
//
// rho_q is softmax over the d features of a query, rho_k softmax over the M tokens of a feature; no
// further division. q [H, N, d], k [G, M, d], v [G, M, e] -> [H, N, e], G divides H. Operations
// O((N + M) d e) a head: d e macs, d exponentials and d divisions for a query and for a key. rho_k
// needs all tokens of a feature, so keys are laid out [G, d, M] and their weights are written and
// read; those of the queries live for a block of rows. Memory O(G M d).

#include "models/attention.hpp"
#include "sim/kernels/features.hpp"
#include "sim/kernels/row_blocks.hpp"
#include "sim/kernels/rows.hpp"

namespace wattention {
namespace {

struct Efficient {
  static constexpr std::array<std::string_view, 4> phases{"key weights", "context", "query weights",
                                                          "output"};
  static constexpr std::size_t rows_per_block = 64;

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    Tensor<Real> key_weights = transposed(x.k);  // [G, d, M]
    softmax_rows<Real>(ledger["key weights"], key_weights);
    Tensor<Real> context(x.k.heads, x.head_dim(), x.value_dim());
    matmul<Real>(ledger["context"], key_weights, x.v, context);

    Tensor<Real> out(x.heads(), x.queries(), x.value_dim());
    by_independent_rows<Real>(
        ledger, x.heads(), x.queries(), rows_per_block, [&]<class R>(const RowBlock<R>& rows) {
          Tensor<R> query_weights = rows.tensor(x.heads(), x.head_dim(), Residence::local);
          copy_as<R>(ledger["query weights"], rows(x.q), query_weights.view());
          softmax_rows<R>(ledger["query weights"], query_weights);
          matmul<R>(ledger["output"], query_weights, rows.whole(context.view()), rows(out.view()));
        });
    return out;
  }
};

const Registration<Attention, Model<Efficient>> registration{
    "efficient", "Softmax over features and over tokens apart; linear in tokens."};

}  // namespace
}  // namespace wattention
