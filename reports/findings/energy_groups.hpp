#pragma once

// A run's energy, summed by phase and by kind of operation, for tables and pictures. It only adds
// up what the report holds: picojoules, as ranges. Traffic counts under its phase, and under the
// kind "memory".

#include <string>
#include <string_view>
#include <vector>

#include "reports/report.hpp"

namespace wattention {

struct EnergyGroup {
  std::string name;
  Range energy_pj;
};

/// Adds to the group of that name, which joins at the end where there is none.
void add_to_group(std::vector<EnergyGroup>& groups, std::string_view name, const Range& energy_pj);

/// In the order in which the phases appear; of a network, in that of the kinds of layers.
std::vector<EnergyGroup> energy_by_phase(const Result& run);

/// The kind of an operation, of those below.
std::string_view kind_of_operation(std::string_view op);

/// "mac", "mul", "add", "exp", "div, sqrt", "compare", "bit operations", "other", "memory": those
/// that occur, in this order.
std::vector<EnergyGroup> energy_by_kind(const Result& run);

}  // namespace wattention
