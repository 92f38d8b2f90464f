#include "reports/findings/estimates.hpp"

#include <algorithm>

#include "sim/provenance.hpp"

namespace wattention {
namespace {

void add(std::vector<Estimate>& estimates, const std::string& price, const Range& energy_pj,
         const std::string& source) {
  auto known = std::ranges::find(estimates, price, &Estimate::price);
  if (known == estimates.end()) known = estimates.insert(known, {price, {}, source});
  known->energy_pj += energy_pj;
}

}  // namespace

std::vector<EnergyGroup> energy_by_price(const std::vector<OperationLine>& operations,
                                         const std::vector<TrafficLine>& traffic) {
  std::vector<EnergyGroup> groups;
  for (const OperationLine& line : operations) add_to_group(groups, line.kind, line.energy_pj);
  for (const TrafficLine& line : traffic) {
    if (line.energy_pj != Range{}) add_to_group(groups, line.kind, line.energy_pj);
  }
  std::ranges::stable_sort(groups, {}, [](const EnergyGroup& group) {
    return std::ranges::find(names_of<Kind>, group.name) - names_of<Kind>.begin();
  });
  return groups;
}

std::vector<Estimate> estimates_of(const std::vector<OperationLine>& operations,
                                   const std::vector<TrafficLine>& traffic) {
  std::vector<Estimate> estimates;
  for (const OperationLine& line : operations) {
    if (line.kind == "estimated") {
      add(estimates, line.format + "." + line.op, line.energy_pj, line.source);
    }
  }
  for (const TrafficLine& line : traffic) {
    if (line.kind == "estimated") add(estimates, line.level, line.energy_pj, line.source);
  }
  std::ranges::stable_sort(estimates, std::greater{},
                           [](const Estimate& estimate) { return estimate.energy_pj.middle(); });
  return estimates;
}

}  // namespace wattention
