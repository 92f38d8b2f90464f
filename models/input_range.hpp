#pragma once

// What an attention demands of the size of its input's numbers, so that nothing overflows on the
// way to an output that looks like any other.

#include <string_view>

#include "sim/tensor/tensor.hpp"

namespace wattention {

/// Throws InputError where the numbers of a row are finite and their squared norm, which the
/// attention computes, is beyond fp32. `tensor` is "queries" or "keys"; a view without data passes.
void demand_squared_norms(std::string_view attention, std::string_view tensor,
                          const View<const float>& x);

/// Throws InputError where the largest magnitudes of queries and keys are finite and their product,
/// which scales 8-bit codes back, is beyond fp32. Views without data pass.
void demand_product_of_scales(std::string_view attention, const View<const float>& q,
                              const View<const float>& k);

}  // namespace wattention
