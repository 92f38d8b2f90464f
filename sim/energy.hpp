#pragma once

// What a ledger's declared operations cost under a table, in picojoules: count times price, line by
// line. An operation that the table does not price is an error that lists all missing ones; it is
// never 0.

#include <string>
#include <vector>

#include "sim/energy_table.hpp"
#include "sim/ledger.hpp"

namespace wattention {

struct PricedOperation {
  std::string phase;
  Op op;
  Format format;
  std::uint64_t count;
  Price price;      // of one operation
  Range energy_pj;  // of all
};

/// In the order of phases, then operations. Throws InputError where prices are missing.
std::vector<PricedOperation> price(const Ledger& ledger, const EnergyTable& table);

Range total_energy(const std::vector<PricedOperation>& operations);

}  // namespace wattention
