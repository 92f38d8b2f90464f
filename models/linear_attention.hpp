#pragma once

// Attention with features f(x) >= 0 in place of a matrix of scores (Katharopoulos et al., ICML
// 2020, eqs. 4 and 5), for every attention that differs in its features alone:
//
//     out_i = f(q_i)^T (sum_j f(k_j) v_j^T) / <f(q_i), sum_j f(k_j)>
//
// Queries [H, N, d], keys [G, M, d], values [G, M, e], m features -> [H, N, e]. Operations
// O((N + M) m e) a head. It keeps running sums, the context [m, e] and the sum of features [m],
// which are read and written for each block of tokens where they do not fit; the features
// themselves live for a block of rows.

#include <algorithm>
#include <optional>
#include <type_traits>

#include "models/qkv.hpp"
#include "sim/kernels/features.hpp"
#include "sim/kernels/row_blocks.hpp"
#include "sim/kernels/rows.hpp"

namespace wattention {

/// Phases "context", "normaliser" and "output". The callables fill a block's features: they are
/// given RowBlock<R> and View<R> [heads, rows, m]. `least_normaliser` bounds the divisor from
/// below.
template <class Real, class KeyFeatures, class QueryFeatures>
Tensor<Real> linear_attention(const Qkv<Real>& x, std::size_t features, Ledger& ledger,
                              const KeyFeatures& key_features, const QueryFeatures& query_features,
                              std::optional<float> least_normaliser = std::nullopt) {
  constexpr std::size_t rows_per_block = 64;
  Tensor<Sum<Real>> sums(x.k.heads, features, x.value_dim());
  Tensor<Sum<Real>> sums_of_features(x.k.heads, features, 1);
  set_to_zero<Sum<Real>>(ledger["context"], sums);
  set_to_zero<Sum<Real>>(ledger["normaliser"], sums_of_features);
  by_rows<Real>(ledger, x.keys(), rows_per_block, [&]<class R>(const RowBlock<R>& rows) {
    Tensor<R> f = rows.tensor(x.k.heads, features, Residence::local);
    key_features(rows, f.view());
    add_outer_products<R>(ledger["context"], f, rows(x.v), rows.whole(sums.view()));
    add_rows<R>(ledger["normaliser"], f, rows.whole(sums_of_features.view()));
  });
  Tensor<Real> total(x.k.heads, features, 1);  // sum_j f(k_j)
  copy_as<Real>(ledger["normaliser"], sums_of_features.input(), total.view());
  Tensor<Real> context(x.k.heads, features, x.value_dim());  // sum_j f(k_j) v_j^T
  copy_as<Real>(ledger["context"], sums.input(), context.view());

  Tensor<Real> out(x.heads(), x.queries(), x.value_dim());
  by_independent_rows<Real>(
      ledger, x.heads(), x.queries(), rows_per_block, [&]<class R>(const RowBlock<R>& rows) {
        Tensor<R> f = rows.tensor(x.heads(), features, Residence::local);
        Tensor<R> numerator = rows.tensor(x.heads(), x.value_dim(), Residence::local);
        Tensor<R> denominator = rows.tensor(x.heads(), 1, Residence::local);
        query_features(rows, f.view());
        matmul<R>(ledger["normaliser"], f, rows.whole(total.view()), denominator);
        if (least_normaliser) {
          at_least<R>(ledger["normaliser"], denominator,
                      std::max(*least_normaliser, ledger.arithmetic().least_divisor()));
        }
        matmul<R>(ledger["output"], f, rows.whole(context.view()), numerator);
        divide_rows<R>(ledger["output"], numerator, denominator.input(), rows(out.view()));
      });
  return out;
}

}  // namespace wattention
