#include "sim/prices/price.hpp"

#include <fmt/format.h>

#include "sim/error.hpp"
#include "sim/names.hpp"

namespace wattention {

std::vector<PricedOperation> price(const Ledger& ledger, const EnergyTable& table) {
  std::vector<std::string> missing;
  ledger.declared().for_each([&](Op op, Format format, std::uint64_t) {
    if (!table.price(op, format)) {
      missing.push_back(fmt::format("{}.{}", name_of(format), name_of(op)));
    }
  });
  if (!missing.empty()) {
    throw InputError(table.name(), "/operations", "a price for every operation that is executed",
                     "none for " + joined(missing));
  }

  std::vector<PricedOperation> priced;
  for (const Phase& phase : ledger.phases()) {
    phase.declared().for_each([&](Op op, Format format, std::uint64_t count) {
      const Price& one = *table.price(op, format);
      priced.push_back(
          {phase.name(), op, format, count, one, static_cast<double>(count) * one.energy_pj});
    });
  }
  return priced;
}

Range total_energy(const std::vector<PricedOperation>& operations) {
  Range total;
  for (const PricedOperation& operation : operations) total += operation.energy_pj;
  return total;
}

Hierarchy hierarchy_of(const EnergyTable& table) {
  Hierarchy hierarchy;
  for (const MemoryLevel& level : table.memory()) {
    hierarchy.levels.push_back({level.capacity_bytes, (level.access_bits + 7) / 8});
  }
  if (table.array()) hierarchy.array = {table.array()->rows, table.array()->cols};
  return hierarchy;
}

std::vector<PricedTraffic> price(const LevelTraffic& traffic, const EnergyTable& table) {
  const auto accesses = [](std::uint64_t bytes, std::uint64_t access_bits) {
    const std::uint64_t bits = product(bytes, std::uint64_t{8});
    const std::uint64_t whole = bits / access_bits + (bits % access_bits != 0 ? 1 : 0);
    return whole;
  };
  std::vector<PricedTraffic> lines;
  for (std::size_t phase = 0; phase < traffic.size(); ++phase) {
    for (std::size_t level = 0; level < traffic[phase].size(); ++level) {
      const Traffic& bytes = traffic[phase][level];
      if (bytes == Traffic{}) continue;
      const MemoryLevel& prices = table.memory()[level];
      const std::uint64_t reads = accesses(bytes.read_bytes, prices.access_bits);
      const std::uint64_t writes = accesses(bytes.write_bytes, prices.access_bits);
      Range energy = static_cast<double>(reads) * prices.read_pj;
      energy += static_cast<double>(writes) * prices.write_pj;
      lines.push_back({phase, level, bytes, reads, writes, energy});
    }
  }
  return lines;
}

}  // namespace wattention
