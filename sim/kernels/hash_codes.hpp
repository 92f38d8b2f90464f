#pragma once

// EcoFormer's hash of tokens to binary codes (Liu et al., NeurIPS 2022, section 3.1) and its
// output from such codes, as kernels of several phases. Each is stated in other kernels, which is
// what is charged; the machine's own float takes one pass over the tokens, with the same numbers
// bit for bit (sim/kernels/fast/hash_codes.hpp).

#include "sim/kernels/codes.hpp"
#include "sim/kernels/distances.hpp"
#include "sim/kernels/fast/hash_codes.hpp"
#include "sim/kernels/products.hpp"
#include "sim/kernels/row_blocks.hpp"
#include "sim/kernels/rows.hpp"

namespace wattention {

/// How ||x' - a_j||^2 is computed: as the sum of (x' - a_j)^2, or as
/// ||x'||^2 - 2 <x', a_j> + ||a_j||^2, a product of matrices. What is charged is what is computed.
enum class DistanceForm : std::uint8_t { direct, expanded };

/// Hash functions in the arithmetic of a run; tokens of h heads use those of g, g divides h.
template <class Real>
struct CodeHash {
  View<const Real> anchors;       // columns: [g, d, m]
  View<const Real> coefficients;  // columns: [g, m, b]
  View<const Real> mean;          // [g, 1, m]
  View<const Real> factor;        // -1 / (2 sigma), [g, 1, 1], or no head: sigma is the input's
  DistanceForm form = DistanceForm::direct;

  bool brings_factor() const { return factor.heads != 0; }
};

template <class Real>
BitMatrix<PackedBits<Real>> hash_codes_by_kernels(Ledger& ledger, const View<const Real>& x,
                                                  const CodeHash<Real>& hash) {
  constexpr std::size_t rows_per_block = 512;
  const std::size_t anchor_count = hash.anchors.cols;
  const std::size_t bits = hash.coefficients.cols;
  Tensor<Real> anchor_norms(hash.anchors.heads, 1, anchor_count);
  if (hash.form == DistanceForm::expanded) {
    squared_norms_of_columns<Real>(ledger["kernel"], hash.anchors, anchor_norms);
  }

  const auto distances_of = [&]<class R>(const RowBlock<R>& rows, auto out) {
    Tensor<R> unit = rows.tensor(x.heads, x.cols, Residence::local);
    normalise_rows<R>(ledger["normalise"], rows(x), unit.view());
    if (hash.form == DistanceForm::expanded) {
      expanded_squared_distances<R>(ledger["kernel"], unit, rows.whole(hash.anchors),
                                    rows.whole(anchor_norms.view()), out);
    } else {
      squared_distances<R>(ledger["kernel"], unit, rows.whole(hash.anchors), out);
    }
  };

  Tensor<Real> kept_distances;
  Tensor<Real> factor_of_input;
  if (!hash.brings_factor()) {
    kept_distances = Tensor<Real>(x.heads, x.rows, anchor_count);
    by_independent_rows<Real>(ledger, x.heads, x.rows, rows_per_block, [&](const auto& rows) {
      distances_of(rows, rows(kept_distances.view()));
    });
    Tensor<Real> sigma(x.heads, 1, 1, Residence::local);
    factor_of_input = Tensor<Real>(x.heads, 1, 1);
    mean_of_head<Real>(ledger["kernel"], kept_distances, sigma);
    gaussian_factor<Real>(ledger["kernel"], sigma, factor_of_input);
  }
  const View<const Real> factor = hash.brings_factor() ? hash.factor : factor_of_input.input();

  BitMatrix<PackedBits<Real>> codes(x.heads, x.rows, bits);
  by_independent_rows<Real>(
      ledger, x.heads, x.rows, rows_per_block, [&]<class R>(const RowBlock<R>& rows) {
        Tensor<R> kernel = rows.tensor(x.heads, anchor_count, Residence::local);
        Tensor<R> projection = rows.tensor(x.heads, bits, Residence::local);
        const auto gaussian_of = [&](View<const R> distances) {
          centred_gaussian<R>(ledger["kernel"], distances, rows.whole(factor),
                              rows.whole(hash.mean), kernel.view());
        };
        if (hash.brings_factor()) {
          Tensor<R> distances = rows.tensor(x.heads, anchor_count, Residence::local);
          distances_of(rows, distances.view());
          gaussian_of(distances);
        } else {
          gaussian_of(rows(kept_distances.view()));
        }
        matmul_in_order<R>(ledger["hash"], kernel, rows.whole(hash.coefficients),
                           projection.view());
        pack_signs<R>(ledger["hash"], projection, rows(codes.view()));
      });
  return codes;
}

/// Codes [h, n, b] of x [h, n, d], in the phases "normalise", "kernel" and "hash":
///
///     x' = x / ||x||,  kappa_j = exp(factor ||x' - a_j||^2) - mean_j,  code = sign(kappa C)
///
/// Where sigma is the input's, the distances [h, n, m] are kept and read again.
template <class Real>
BitMatrix<PackedBits<Real>> hash_codes(Ledger& ledger, const View<const Real>& x,
                                       const CodeHash<Real>& hash) {
  if constexpr (std::is_same_v<Real, float>) {
    using Sizes = const Shape<float>;
    const auto declared = hash_codes_by_kernels<Shape<float>>(
        ledger, shape_as<Sizes>(x),
        {shape_as<Sizes>(hash.anchors), shape_as<Sizes>(hash.coefficients),
         shape_as<Sizes>(hash.mean), shape_as<Sizes>(hash.factor), hash.form});
    BitMatrix<Word> codes(x.heads, x.rows, hash.coefficients.cols);
    codes.set_id(declared.view().id);
    Tensor<float> norms;
    if (hash.form == DistanceForm::expanded) {
      norms = Tensor<float>(hash.anchors.heads, 1, hash.anchors.cols);
      sum_squares_of_columns<float>(hash.anchors, norms);
    }
    fast::hash_codes(x, {hash.anchors, hash.coefficients, hash.mean, hash.factor, norms},
                     codes.view());
    return codes;
  } else {
    return hash_codes_by_kernels<Real>(ledger, x, hash);
  }
}

/// What EcoFormer adds to each numerator: factor times a row of its own, [h, n, e], or, where
/// there is one (a view with a head), the same row for all, [g, 1, e].
template <class Real>
struct AddedRows {
  View<const Real> own;
  float factor = 1.0F;
  View<const Real> common;
};

/// out_i = (numerator_i + added_i) / divisors_i: add_scaled or add_to_rows, and divide_rows.
template <class Real>
void divide_added(Phase& phase, View<Real> numerator, const AddedRows<Real>& added,
                  Input<Integer<Real>> divisors, View<Real> out) {
  if (added.common.heads != 0) {
    add_to_rows<Real>(phase, added.common, numerator);
  } else {
    add_scaled<Real>(phase, added.own, added.factor, numerator);
  }
  divide_rows<Real>(phase, numerator, divisors, out);
}

/// out_i = (sum_b code_ib context_b + added_i) / (<code_i, sums> + constant): codes [h, n, b],
/// context [g, b, e], sums of codes [g, 1, b] -> [h, n, e]. signed_sum_of_integers in the phase
/// "normaliser"; signed_matmul and divide_added in "output".
template <class Real>
void output_of_codes(Ledger& ledger, Codes<Real> codes, Input<Real> context,
                     Input<Integer<Real>> sums, std::int32_t constant, const AddedRows<Real>& added,
                     View<Real> out) {
  if constexpr (std::is_same_v<Real, float>) {
    const bool one_row = added.common.heads != 0;
    using R = Shape<float>;
    output_of_codes<R>(
        ledger, shape_as<const PackedBits<R>>(codes), shape_as<const R>(context),
        shape_as<const Integer<R>>(sums), constant,
        {shape_as<const R>(added.own), added.factor, shape_as<const R>(added.common)},
        shape_as<R>(out));
    View<const float> rows = one_row ? added.common : added.own;
    if (one_row) rows.row_stride = 0;
    fast::output_of_codes(codes, context, sums, constant, one_row ? 1.0F : added.factor, rows, out);
  } else {
    Tensor<Real> numerator(codes.heads, codes.rows, out.cols, Residence::local);
    Tensor<Integer<Real>> denominator(codes.heads, codes.rows, 1, Residence::local);
    signed_sum_of_integers<Real>(ledger["normaliser"], codes, sums, constant, denominator);
    signed_matmul<Real>(ledger["output"], codes, context, numerator);
    divide_added<Real>(ledger["output"], numerator, added, denominator.input(), out);
  }
}

}  // namespace wattention
