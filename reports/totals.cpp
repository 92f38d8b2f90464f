#include "reports/totals.hpp"

namespace wattention {

Totals totals_of(const OpCounts& counts) {
  Totals totals;
  for (const TotalGroup& group : total_groups) {
    for (const std::optional<Op> op : group.ops) {
      if (op) totals[group.total] = sum(totals[group.total], counts.total(*op));
    }
  }
  return totals;
}

}  // namespace wattention
