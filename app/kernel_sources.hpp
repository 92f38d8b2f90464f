#pragma once

// The headers of sim/kernels as they ship in the binary (cmake/embed_files.cmake defines the
// function).

#include <span>

#include "sim/files/shipped_text.hpp"

namespace wattention {

/// Ordered by name.
std::span<const ShippedText> kernel_sources();

}  // namespace wattention
