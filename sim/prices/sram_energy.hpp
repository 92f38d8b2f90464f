#pragma once

// Energy of an SRAM of a capacity between two that are known. Word and bit lines grow with the
// square root of the capacity C, and so, about, does the energy of an access (10 sqrt(C / 8 KB) pJ
// comes within 13% of Horowitz's three at 45 nm). So, between neighbours C0 and C1,
//
//     E(C) = E0 + (sqrt(C) - sqrt(C0)) / (sqrt(C1) - sqrt(C0)) * (E1 - E0)
//
// which passes through every point that is known. Never beyond the first and the last.

#include <span>
#include <string_view>

#include "sim/prices/energy_table.hpp"

namespace wattention {

/// `points` are ordered by capacity. One of them where the capacity is its own; else a number that
/// is derived from two, which its note names. Throws InputError at `place` in `file` where the
/// capacity lies outside of the points.
SramPoint sram_energy(std::span<const SramPoint> points, std::uint64_t capacity_bytes,
                      std::string_view file, std::string_view place);

}  // namespace wattention
