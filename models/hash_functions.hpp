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
#include "sim/kernels/hash_codes.hpp"
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
  /// -1 / (2 sigma), [H, 1, 1], known before any input; no head where sigma follows from it.
  Tensor<float> factor() const;
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

/// Codes [h, n, b] of x [h, n, d] by hash_codes in sim/kernels/hash_codes.hpp, whose phases the
/// ledger has. h is a multiple of the hash functions' heads.
template <class Real>
BitMatrix<PackedBits<Real>> hash_codes(const View<const Real>& x, const HashFunctions& functions,
                                       Ledger& ledger, DistanceForm form = DistanceForm::direct) {
  const Arithmetic& arithmetic = ledger.arithmetic();
  const InArithmetic<Real> anchors(functions.anchors, arithmetic);
  const InArithmetic<Real> coefficients(functions.coefficients, arithmetic);
  const InArithmetic<Real> mean(functions.mean, arithmetic);
  const Tensor<float> factor_of_sigma = functions.factor();
  const InArithmetic<Real> factor(factor_of_sigma, arithmetic);
  return hash_codes<Real>(ledger, x, {anchors, coefficients, mean, factor, form});
}

}  // namespace wattention
