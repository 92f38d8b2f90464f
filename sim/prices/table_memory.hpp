#pragma once

// The memory levels of a cost table, the points that SRAM energies are interpolated from, and the
// array of processing elements.

#include <vector>

#include "sim/prices/table_fields.hpp"

namespace wattention {

/// What a table may add to the SRAM levels that it lists: energies of other capacities.
std::vector<SramPoint> read_sram_points(const JsonCursor& cursor, const References& references);

/// Levels with "interpolate" get their energies from `points` and from the SRAM levels that state
/// theirs.
std::vector<MemoryLevel> read_memory(const JsonCursor& cursor, const References& references,
                                     std::vector<SramPoint> points);

ProcessingArray read_array(const JsonCursor& cursor, const References& references);

std::vector<Overhead> read_overheads(const JsonCursor& cursor, const References& references);

}  // namespace wattention
