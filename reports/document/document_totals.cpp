// Operations that comparisons have no column for, in a table of their own where any run has some.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "reports/document/document_parts.hpp"
#include "reports/wording/numbers.hpp"

namespace wattention {

void add_further_operations(Document& document, const std::vector<const Result*>& runs,
                            const std::vector<std::string>& labels,
                            const std::vector<Total>& shown) {
  using Kind = Column::Kind;
  Table table{"Further operations", "further operations", {{"attention", Kind::name, 0}}, {}, ""};
  std::vector<Total> columns;
  for (const TotalGroup& group : total_groups) {
    const bool some = std::ranges::any_of(
        runs, [&group](const Result* run) { return run->totals[group.total] != 0; });
    const bool elsewhere =
        group.total == Total::macs || std::ranges::find(shown, group.total) != shown.end();
    if (!some || elsewhere) continue;
    columns.push_back(group.total);
    table.columns.push_back({std::string(group.heading), Kind::number, 7});
  }
  if (columns.empty()) return;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::vector<std::string> cells{labels[i]};
    for (const Total column : columns) cells.push_back(si_count(runs[i]->totals[column]));
    table.row(std::move(cells));
  }
  document.blocks.emplace_back(std::move(table));
}

}  // namespace wattention
