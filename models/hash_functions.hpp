#pragma once

// EcoFormer's hash functions (Liu et al., NeurIPS 2022, section 3.1): for every head m anchors, b
// rows of coefficients over them, and the mean of the kernel over the training data.
//
//     x' = x / ||x||,  kappa_j = exp(-||x' - a_j||^2 / (2 sigma)) - mean_j,  code = sign(C kappa)
//
// sigma is the mean of ||x' - a_j||^2 over all tokens and anchors of a head unless the functions
// bring their own; then a second pass over the distances, which are kept, is needed.

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "models/qkv.hpp"
#include "sim/kernels/codes.hpp"
#include "sim/kernels/distances.hpp"
#include "sim/kernels/fast/hash_codes.hpp"
#include "sim/kernels/products.hpp"
#include "sim/kernels/row_blocks.hpp"
#include "sim/kernels/rows.hpp"
#include "sim/tensor/array.hpp"
#include "sim/tensor/bit_matrix.hpp"

namespace wattention {

struct HashFunctions {
  Tensor<float> anchors;       // columns: [H, d, m]
  Tensor<float> coefficients;  // columns: [H, m, b]
  Tensor<float> mean;          // [H, 1, m]
  Tensor<float> sigma;         // [H, 1, 1], or no head where it follows from the input
  std::string origin;          // for the report

  std::size_t bits() const { return coefficients.cols(); }
  bool brings_sigma() const { return sigma.heads() != 0; }
};

/// From a safetensors file with anchors [H, m, d], coefficients [H, b, m], mean [H, m] and perhaps
/// sigma [H]; throws InputError where one is missing, surplus or misshapen.
HashFunctions load_hash_functions(const std::string& file, std::size_t heads, std::size_t head_dim);

/// The same from tensors that are loaded; `file` is the name for messages.
HashFunctions hash_functions_of(const std::map<std::string, Array>& arrays, const std::string& file,
                                std::size_t heads, std::size_t head_dim);

/// The tensors of such a file.
std::map<std::string, Array> hash_tensors(const HashFunctions& functions);

/// Anchors and coefficients alone, from which hash functions are learned: anchors are distinct
/// tokens of all sequences [H, N, d], normalised (repeated only where there are fewer tokens than
/// anchors), coefficients are normal numbers.
HashFunctions draw_hash_start(std::span<const View<const float>> sequences, std::size_t anchors,
                              std::size_t bits, std::uint64_t seed);

/// Anchors are distinct keys of all sequences [H, M, d], normalised (repeated only where there are
/// fewer keys than anchors); coefficients are normal numbers; the mean is that of the keys (of
/// 16,384 a sequence, evenly spaced, where there are more), each sequence with its own sigma.
/// Without data in the keys: sizes.
HashFunctions draw_hash_functions(std::span<const View<const float>> sequences, std::size_t anchors,
                                  std::size_t bits, std::uint64_t seed);

/// How ||x' - a_j||^2 is computed: as the sum of (x' - a_j)^2, or as
/// ||x'||^2 - 2 <x', a_j> + ||a_j||^2, a product of matrices. What is charged is what is computed.
enum class DistanceForm : std::uint8_t { direct, expanded };

/// -1 / (2 sigma) of functions that bring their sigma, [H, 1, 1]: known before any input.
template <class Real>
Tensor<Real> given_factor(const HashFunctions& functions) {
  Tensor<Real> factor(functions.sigma.heads(), 1, 1);
  if constexpr (computes<Real>) {
    const Setup setup;
    for (std::size_t h = 0; h < factor.heads(); ++h) {
      factor(h, 0, 0) = Real(-0.5F / std::max(functions.sigma(h, 0, 0), 1e-12F));
    }
  }
  return factor;
}

/// The hash kernel by kernel.
template <class Real>
BitMatrix<PackedBits<Real>> hash_codes_by_kernels(const View<const Real>& x,
                                                  const HashFunctions& functions, Ledger& ledger,
                                                  DistanceForm form) {
  constexpr std::size_t rows_per_block = 512;
  const auto anchors = converted<Real>(functions.anchors.view());
  const auto coefficients = converted<Real>(functions.coefficients.view());
  const auto mean = converted<Real>(functions.mean.view());
  const std::size_t anchor_count = anchors.cols();
  Tensor<Real> anchor_norms(anchors.heads(), 1, anchor_count);
  if (form == DistanceForm::expanded) {
    squared_norms_of_columns<Real>(ledger["kernel"], anchors, anchor_norms);
  }

  const auto distances_of = [&]<class R>(const RowBlock<R>& rows, auto out) {
    Tensor<R> unit = rows.tensor(x.heads, x.cols, Residence::local);
    normalise_rows<R>(ledger["normalise"], rows(x), unit.view());
    if (form == DistanceForm::expanded) {
      expanded_squared_distances<R>(ledger["kernel"], unit, rows.whole(anchors.view()),
                                    rows.whole(anchor_norms.view()), out);
    } else {
      squared_distances<R>(ledger["kernel"], unit, rows.whole(anchors.view()), out);
    }
  };

  Tensor<Real> kept_distances;
  Tensor<Real> factor;
  if (functions.brings_sigma()) {
    factor = given_factor<Real>(functions);
  } else {
    kept_distances = Tensor<Real>(x.heads, x.rows, anchor_count);
    by_independent_rows<Real>(ledger, x.heads, x.rows, rows_per_block, [&](const auto& rows) {
      distances_of(rows, rows(kept_distances.view()));
    });
    Tensor<Real> sigma(x.heads, 1, 1, Residence::local);
    factor = Tensor<Real>(x.heads, 1, 1);
    mean_of_head<Real>(ledger["kernel"], kept_distances, sigma);
    gaussian_factor<Real>(ledger["kernel"], sigma, factor);
  }

  BitMatrix<PackedBits<Real>> codes(x.heads, x.rows, functions.bits());
  by_independent_rows<Real>(
      ledger, x.heads, x.rows, rows_per_block, [&]<class R>(const RowBlock<R>& rows) {
        Tensor<R> kernel = rows.tensor(x.heads, anchor_count, Residence::local);
        Tensor<R> projection = rows.tensor(x.heads, functions.bits(), Residence::local);
        const auto gaussian_of = [&](View<const R> distances) {
          centred_gaussian<R>(ledger["kernel"], distances, rows.whole(factor.view()),
                              rows.whole(mean.view()), kernel.view());
        };
        if (functions.brings_sigma()) {
          Tensor<R> distances = rows.tensor(x.heads, anchor_count, Residence::local);
          distances_of(rows, distances.view());
          gaussian_of(distances);
        } else {
          gaussian_of(rows(kept_distances.view()));
        }
        matmul_in_order<R>(ledger["hash"], kernel, rows.whole(coefficients.view()),
                           projection.view());
        pack_signs<R>(ledger["hash"], projection, rows(codes.view()));
      });
  return codes;
}

/// Codes [h, n, b] of x [h, n, d]; phases "normalise", "kernel" and "hash". h is a multiple of the
/// hash functions' heads.
template <class Real>
BitMatrix<PackedBits<Real>> hash_codes(const View<const Real>& x, const HashFunctions& functions,
                                       Ledger& ledger, DistanceForm form = DistanceForm::direct) {
  if constexpr (std::is_same_v<Real, float>) {
    const auto declared = hash_codes_by_kernels<Shape<float>>(shape_as<const Shape<float>>(x),
                                                              functions, ledger, form);
    BitMatrix<Word> codes(x.heads, x.rows, functions.bits());
    codes.set_id(declared.view().id);
    Tensor<float> factor;
    if (functions.brings_sigma()) factor = given_factor<float>(functions);
    Tensor<float> norms;
    if (form == DistanceForm::expanded) {
      Phase declared_above("kernel");
      norms = Tensor<float>(functions.anchors.heads(), 1, functions.anchors.cols());
      squared_norms_of_columns<float>(declared_above, functions.anchors, norms);
    }
    fast::hash_codes(x, {functions.anchors, functions.coefficients, functions.mean, factor, norms},
                     codes.view());
    return codes;
  } else {
    return hash_codes_by_kernels<Real>(x, functions, ledger, form);
  }
}

}  // namespace wattention
