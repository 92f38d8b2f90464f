#pragma once

// Products of float tensors by oneDNN, whose code is chosen for the machine at run time. Views as
// in sim/kernels/products.hpp; either one may be triangular, which computes the triangle only.
//
// Sums of n products are ordered by oneDNN and may be fused, so a number differs from that of the
// loop in order by at most n 2^-23 times the sum of its terms' magnitudes. One thread a call: the
// result does not depend on how many call.

#include "sim/tensor/tensor.hpp"

namespace wattention::fast {

/// out = factor * (a b): [h, n, k] x [g, k, m] -> [h, n, m], g divides h.
void multiply(const View<const float>& a, const View<const float>& b, float factor,
              const View<float>& out);

}  // namespace wattention::fast
