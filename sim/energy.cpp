#include "sim/energy.hpp"

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

}  // namespace wattention
