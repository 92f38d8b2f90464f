#pragma once

// What is executed beside what the published accounting charges, item by item: every operation that
// the one has and the other lacks.

#include <vector>

#include "models/networks/network.hpp"
#include "reports/report.hpp"
#include "sim/energy_table.hpp"

namespace wattention {

/// Items are types of layers and phases of attentions, each within its kind of layer. `ledgers`
/// hold one input.
std::vector<ReconciledItem> reconcile(const Network& network, std::span<const Ledger> ledgers,
                                      const EnergyTable& table);

}  // namespace wattention
