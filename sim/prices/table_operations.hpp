#pragma once

// The operations of a cost table: read, and their compositions resolved.

#include <array>
#include <optional>

#include "sim/prices/table_fields.hpp"

namespace wattention {

using Prices = std::array<std::array<std::optional<Price>, op_count>, format_count>;

/// By format, then operation. A composition's energy is the sum of its parts, which are resolved
/// first; that of two compositions spans both, whichever of them is the cheaper. Its kind is what
/// the table says, but where it is derived from a number that is estimated or the user's, it is
/// that.
Prices read_operations(const JsonCursor& cursor, const References& references);

}  // namespace wattention
