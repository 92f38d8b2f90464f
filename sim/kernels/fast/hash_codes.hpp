#pragma once

// EcoFormer's hash of float rows in one pass, 2 vectors of tokens at a time with a token in each
// lane, or in two passes over kept distances where sigma follows from the input. Every number is
// that of the kernels which sim/kernels/hash_codes.hpp is stated in, bit for bit.

#include "sim/tensor/bit_matrix.hpp"
#include "sim/tensor/tensor.hpp"

namespace wattention::fast {

/// The hash functions of one head, and which form of distances they take.
struct HashOfHead {
  std::size_t dim;
  std::size_t anchors;
  std::size_t bits;
  std::size_t words;        // of a code
  const float* of_anchors;  // [dim, anchors]
  std::size_t anchor_stride;
  const float* anchor_norms;     // [anchors], or none where distances are direct
  const float* of_coefficients;  // [anchors, bits]
  std::size_t coefficient_stride;
  const float* mean;  // [anchors]
  float factor;
};

/// Tokens of one head, one after the other.
struct Tokens {
  const float* data;
  std::size_t stride;
  std::size_t count;
};

struct Hash {
  View<const float> anchors;       // columns: [g, d, m]
  View<const float> coefficients;  // columns: [g, m, b]
  View<const float> mean;          // [g, 1, m]
  View<const float> factor;        // -1 / (2 sigma), [g, 1, 1], or no head: sigma is that of x
  View<const float>
      anchor_norms;  // ||a||^2, [g, 1, m], for ||x||^2 - 2 <x, a> + ||a||^2; or no head
};

/// x [h, n, d] -> codes [h, n, b], g divides h. On as many threads as there may be.
void hash_codes(const View<const float>& x, const Hash& hash, const BitView<Word>& codes);

}  // namespace wattention::fast
