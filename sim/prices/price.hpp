#pragma once

// What a ledger's declared operations cost under a table, in picojoules: count times price, line by
// line. An operation that the table does not price is an error that lists all missing ones; it is
// never 0.

#include <string>
#include <vector>

#include "sim/ledger/ledger.hpp"
#include "sim/memory/hierarchy.hpp"
#include "sim/prices/energy_table.hpp"

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

/// The memory levels of a table; empty where it has none.
Hierarchy hierarchy_of(const EnergyTable& table);

/// What one phase moves at one level: whole accesses times their price.
struct PricedTraffic {
  std::size_t phase = 0;
  std::size_t level = 0;
  Traffic traffic;
  std::uint64_t read_accesses = 0;
  std::uint64_t write_accesses = 0;
  Range energy_pj;
};

/// Phase by phase, from the innermost level outward; lines without traffic are left out.
std::vector<PricedTraffic> price(const LevelTraffic& traffic, const EnergyTable& table);

}  // namespace wattention
