// The part of a text comparison that several cost tables add: ranks, where they change, and what
// they rest on.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "reports/columns.hpp"
#include "reports/estimates.hpp"
#include "reports/labels.hpp"
#include "reports/numbers.hpp"
#include "reports/rankings.hpp"
#include "reports/text_parts.hpp"

namespace wattention {
namespace {

using Align = Columns::Align;

constexpr std::size_t tables_side_by_side = 3;

/// A row an attention, a column a cost table; below each other where there are many.
std::string grid(const Rankings& rankings, const std::string& title,
                 const std::function<std::string(const Ranking&, std::size_t)>& cell) {
  constexpr std::size_t widest_cell = 21;
  std::string text;
  for (std::size_t begin = 0; begin < rankings.tables.size(); begin += tables_side_by_side) {
    const std::size_t end = std::min(begin + tables_side_by_side, rankings.tables.size());
    std::vector<Columns::Column> columns{{title, Align::left, 0}};
    for (std::size_t t = begin; t < end; ++t) {
      columns.push_back({shortened(printable(rankings.tables[t].table.name), widest_cell),
                         Align::right, widest_cell});
    }
    Columns table(columns);
    for (std::size_t i = 0; i < rankings.labels.size(); ++i) {
      std::vector<std::string> cells{printable(rankings.labels[i])};
      for (std::size_t t = begin; t < end; ++t) cells.push_back(cell(rankings.tables[t], i));
      table.row(std::move(cells));
    }
    text += "\n" + table.text();
  }
  return text;
}

std::string rank_cell(const Ranking& ranking, std::size_t i) {
  return fmt::format("{:>2}  {}", ranking.ranks[i],
                     si_energy(ranking.runs[i]->energy_pj.total, ranking.table.unit));
}

std::string estimated_cell(const Ranking& ranking, std::size_t i) {
  const Run& run = *ranking.runs[i];
  Range estimated;
  for (const Estimate& estimate : estimates_of(run.operations, run.traffic)) {
    estimated += estimate.energy_pj;
  }
  return share_of(estimated, run.energy_pj.total);
}

std::string change_text(const Rankings& rankings, const OrderChange& change) {
  const std::string& first = rankings.labels[change.first];
  const std::string& second = rankings.labels[change.second];
  std::vector<std::string> parts;
  const auto say = [&parts](const std::string& less, const std::vector<std::string>& tables) {
    if (!tables.empty()) {
      parts.push_back(fmt::format("{} under {}", less, fmt::join(tables, ", ")));
    }
  };
  say(first + " takes less", change.first_lower);
  say(second + " takes less", change.second_lower);
  say("it depends on where in their ranges prices lie", change.undecided);
  return fmt::format("{} and {}: {}", first, second, fmt::join(parts, "; "));
}

}  // namespace

std::string rankings_text(const Report& report) {
  const auto rankings = rankings_of(report);
  if (!rankings) return "";
  std::string text = "\nranking under each cost table\n";
  for (const Ranking& ranking : rankings->tables) {
    text += paragraph("  ", table_text(ranking.table));
  }
  text += grid(*rankings, "rank, energy", rank_cell);
  text += "\nwhere the order changes\n";
  if (rankings->changes.empty()) text += paragraph("  * ", "nowhere");
  for (const OrderChange& change : rankings->changes) {
    text += paragraph("  * ", change_text(*rankings, change));
  }
  return text + grid(*rankings, "estimated, of the energy", estimated_cell);
}

}  // namespace wattention
