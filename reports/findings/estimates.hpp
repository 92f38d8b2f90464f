#pragma once

// What an energy rests on: how much of it comes from prices that were published, derived, estimated
// or the user's, and which estimates carry most.

#include <string>
#include <vector>

#include "reports/findings/energy_groups.hpp"
#include "reports/report.hpp"

namespace wattention {

/// Energy by where its prices come from, in this order: published, derived, estimated, user, any
/// other. Traffic counts where it is priced.
std::vector<EnergyGroup> energy_by_price(const std::vector<OperationLine>& operations,
                                         const std::vector<TrafficLine>& traffic);

/// A price that was estimated, and all energy that has it.
struct Estimate {
  std::string price;  // "fp32.exp", or the name of a memory level
  Range energy_pj;
  std::string source;
};

/// The most first, by the middle of the range.
std::vector<Estimate> estimates_of(const std::vector<OperationLine>& operations,
                                   const std::vector<TrafficLine>& traffic);

}  // namespace wattention
