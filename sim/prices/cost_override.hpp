#pragma once

// Prices that the user sets: "fp32.mul=2.2", "fp32.exp=15..20",
// "dram.read=1300". They replace those of a table before it is read, so that compositions of the
// operation follow; kind and source say that they are the user's.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/prices/energy_table.hpp"

namespace wattention {

struct Json;

struct CostOverride {
  std::string text;  // as it was written
  std::string of;    // a format, or a memory level
  std::string what;  // an operation, or read or write
  Range energy_pj;
};

/// Throws InputError where `text` is not FORMAT.OPERATION=PJ or LEVEL.read|write=PJ, with PJ a
/// number or LOW..HIGH.
CostOverride parse_cost(std::string_view text);

struct OverriddenTable {
  EnergyTable table;
  std::vector<std::string> notes;  // what each price was before
};

/// Throws InputError where the document is no table, or has no such memory level.
OverriddenTable with_costs(Json document, std::span<const CostOverride> costs);

}  // namespace wattention
