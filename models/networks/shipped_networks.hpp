#pragma once

// The files of models/zoo as they ship in the binary (cmake/embed_files.cmake defines the
// function).

#include <span>

#include "sim/files/shipped_text.hpp"

namespace wattention {

/// Ordered by name.
std::span<const ShippedText> shipped_network_files();

}  // namespace wattention
