#include "wattention/hardware.hpp"

#include "sim/files/json_cursor.hpp"

namespace wattention {

OverriddenTable table_with_costs(std::string_view name_or_path,
                                 const std::vector<std::string>& costs) {
  std::vector<CostOverride> parsed;
  parsed.reserve(costs.size());
  for (const std::string& cost : costs) parsed.push_back(parse_cost(cost));
  return with_costs(find_table_document(name_or_path), parsed);
}

}  // namespace wattention
