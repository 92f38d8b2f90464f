// What several cost tables add to a comparison: ranks, where they change, and what they rest on.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "reports/document/document_parts.hpp"
#include "reports/document/phrases.hpp"
#include "reports/findings/estimates.hpp"
#include "reports/findings/rankings.hpp"
#include "reports/wording/numbers.hpp"

namespace wattention {
namespace {

using Kind = Column::Kind;

constexpr std::size_t tables_side_by_side = 3;

/// A row an attention, a column a cost table; below each other where there are many.
void add_grid(Document& document, const Rankings& rankings, const std::string& caption,
              const std::string& corner,
              const std::function<std::string(const Ranking&, std::size_t)>& cell) {
  constexpr std::size_t widest_cell = 21;
  for (std::size_t begin = 0; begin < rankings.tables.size(); begin += tables_side_by_side) {
    const std::size_t end = std::min(begin + tables_side_by_side, rankings.tables.size());
    Table table{caption, corner, {{"attention", Kind::name, 0}}, {}, ""};
    for (std::size_t t = begin; t < end; ++t) {
      table.columns.push_back({rankings.tables[t].table.name, Kind::number, widest_cell});
    }
    for (std::size_t i = 0; i < rankings.labels.size(); ++i) {
      std::vector<std::string> cells{rankings.labels[i]};
      for (std::size_t t = begin; t < end; ++t) cells.push_back(cell(rankings.tables[t], i));
      table.row(std::move(cells));
    }
    document.blocks.emplace_back(std::move(table));
  }
}

std::string rank_cell(const Ranking& ranking, std::size_t i) {
  return fmt::format("{} ({})", si_energy(ranking.runs[i]->energy_pj.total, ranking.table.unit),
                     ranking.ranks[i]);
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

void add_rankings(Document& document, const Rankings& rankings) {
  List tables{"Ranking under each cost table", {}};
  for (const Ranking& ranking : rankings.tables) tables.items.push_back(table_text(ranking.table));
  document.blocks.emplace_back(std::move(tables));
  add_grid(document, rankings, "Energy under each cost table, and its rank", "energy (rank)",
           rank_cell);
  List changes{"Where the order changes", {}, true};
  for (const OrderChange& change : rankings.changes) {
    changes.items.push_back(change_text(rankings, change));
  }
  if (changes.items.empty()) changes.items.emplace_back("nowhere");
  document.blocks.emplace_back(std::move(changes));
  add_grid(document, rankings, "Share of the energy that rests on estimates",
           "estimated, of the energy", estimated_cell);
}

}  // namespace wattention
