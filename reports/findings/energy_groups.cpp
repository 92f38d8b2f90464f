#include "reports/findings/energy_groups.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace wattention {
namespace {

constexpr std::string_view other = "other";

/// Those of `groups` named in `order`, in that order, then the rest.
std::vector<EnergyGroup> in_order(std::vector<EnergyGroup> groups,
                                  std::initializer_list<std::string_view> order) {
  std::stable_sort(groups.begin(), groups.end(), [&](const auto& a, const auto& b) {
    const auto place = [&](const EnergyGroup& group) {
      return std::find(order.begin(), order.end(), group.name);
    };
    return place(a) < place(b);
  });
  return groups;
}

}  // namespace

std::string_view kind_of_operation(std::string_view op) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kinds{
      {{"mac", "mac"},
       {"mul", "mul"},
       {"add", "add"},
       {"exp", "exp"},
       {"div", "div, sqrt"},
       {"sqrt", "div, sqrt"},
       {"compare", "compare"},
       {"logic", "bit operations"},
       {"popcount", "bit operations"}}};
  for (const auto& [name, kind] : kinds) {
    if (name == op) return kind;
  }
  return other;
}

void add_to_group(std::vector<EnergyGroup>& groups, std::string_view name, const Range& energy_pj) {
  auto group = std::find_if(groups.begin(), groups.end(),
                            [&](const EnergyGroup& known) { return known.name == name; });
  if (group == groups.end()) {
    groups.push_back({std::string(name), {}});
    group = std::prev(groups.end());
  }
  group->energy_pj += energy_pj;
}

std::vector<EnergyGroup> energy_by_phase(const Result& run) {
  std::vector<EnergyGroup> groups;
  for (const OperationLine& line : run.operations) add_to_group(groups, line.phase, line.energy_pj);
  for (const TrafficLine& line : run.traffic) add_to_group(groups, line.phase, line.energy_pj);
  return groups;
}

std::vector<EnergyGroup> energy_by_kind(const Result& run) {
  std::vector<EnergyGroup> groups;
  for (const OperationLine& line : run.operations) {
    add_to_group(groups, kind_of_operation(line.op), line.energy_pj);
  }
  const Range& memory = run.energy_pj.memory;
  if (memory.high > 0.0) add_to_group(groups, "memory", memory);
  return in_order(std::move(groups), {"mac", "mul", "add", "exp", "div, sqrt", "compare",
                                      "bit operations", other, "memory"});
}

}  // namespace wattention
