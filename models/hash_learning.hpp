#pragma once

// EcoFormer's kernel-based supervised hashing (Liu et al., NeurIPS 2022, section 3.2, after Liu et
// al., Supervised Hashing with Kernels, CVPR 2012): coefficients of hash functions from tokens.
//
//     K_ij = exp(-||x'_i - a_j||^2 / (2 sigma)) - mean_i(...),  x' = x / ||x||
//     S = b L - sum of y y^T over the bits learnt so far,  L_ij = +1 for the `top` most similar
//     tokens j of i, -1 for the `top` least similar, else 0
//     bit r: minimise -y^T S y / (N b), y = 2 sigmoid(K c) - 1, by Nesterov SGD from the start;
//     keep the result only where it lowers the same loss of y = sign(K c); then S -= y y^T
//
// Losses and gradients are means over heads and sequences; all bits of a sequence use its own sigma
// and mean, as a run on it does. S is never formed: L is 2 top partners a token and the y are
// packed signs, so a product with S takes O(N (top + bits)) and memory is O(N (d + m + top)) a
// head. Similarities take O(N^2 d) operations once, a block of rows at a time.

#include <functional>
#include <span>
#include <vector>

#include "models/hash_functions.hpp"

namespace wattention {

struct LearningOptions {
  std::size_t bits = 16;
  std::size_t anchors = 25;
  std::size_t top = 10;
  std::size_t iterations = 100;
  float rate = 5e-4F;
  float momentum = 0.9F;
  std::uint64_t seed = 1;  // of anchors and first coefficients
};

/// Losses of a bit's signs: with the first coefficients, after the descent, and of what was kept.
struct BitLoss {
  float start = 0.0F;
  float optimised = 0.0F;
  float kept = 0.0F;
  bool improved = false;  // whether the optimised coefficients were kept
};

struct LearnedHash {
  HashFunctions functions;  // without sigma; the mean is that over the sequences
  std::vector<BitLoss> losses;
  Ledger ledger;  // learning's own operations
};

/// Called after each bit.
using LearningProgress = std::function<void(std::size_t bit, const BitLoss& loss)>;

/// Throws InputError, naming `name`, where a number of x [H, N, d] is infinite or no number, or
/// where there are too many tokens to label.
void demand_learnable(const View<const float>& x, const LearningOptions& options,
                      const std::string& name);

/// From anchors and first coefficients drawn by seed. Sequences [H, N, d] agree in H and d.
LearnedHash learn_hash(std::span<const View<const float>> sequences, const LearningOptions& options,
                       const LearningProgress& progress = {});

/// Learned on the keys of inputs with the other options as they are; the origin says what that
/// took. Without data in the keys: sizes.
HashFunctions learn_hash_functions(std::span<const View<const float>> sequences,
                                   std::size_t anchors, std::size_t bits, std::uint64_t seed);

/// From given anchors [H, d, m] and first coefficients [H, m, b] (columns, as HashFunctions), which
/// replace those options. Real is float, or Counted<float> to observe what the ledger declares.
template <class Real>
LearnedHash learn_hash_from(std::span<const View<const float>> sequences,
                            const HashFunctions& start, const LearningOptions& options,
                            const LearningProgress& progress = {});

}  // namespace wattention
