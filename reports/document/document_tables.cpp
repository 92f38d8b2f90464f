// Tables that documents of runs and of networks share.

#include <fmt/format.h>

#include <cmath>
#include <string>

#include "reports/document/phrases.hpp"
#include "reports/findings/estimates.hpp"
#include "reports/wording/numbers.hpp"

namespace wattention {
namespace {

using Kind = Column::Kind;

std::string operations_cell(const std::vector<OperationLine>& operations) {
  std::string text;
  for (const OperationLine& line : operations) {
    const std::string format = line.format == "fp32" ? "" : " " + line.format;
    text +=
        fmt::format("{}{} {}{}", text.empty() ? "" : ", ", si_count(line.count), line.op, format);
  }
  return text.empty() ? "-" : text;
}

/// `more` less than `less`; 0 where they differ by no more than rounding.
std::string difference(const Range& more, const Range& less, const std::string& unit) {
  constexpr double rounding = 1e-12;
  const double pj = more.middle() - less.middle();
  if (std::abs(pj) <= rounding * (more.middle() + less.middle())) return "0";
  return (pj < 0.0 ? "-" : "+") + si_energy(Range::exactly(std::abs(pj)), unit);
}

}  // namespace

Table operations_table(std::string_view caption, std::string_view group,
                       const std::vector<OperationLine>& lines, const Energy& energy,
                       const std::string& unit) {
  Table table{std::string(caption),
              std::string(group),
              {{std::string(group), Kind::name, 0},
               {"op", Kind::text, 10},
               {"format", Kind::text, 8},
               {"count", Kind::number, 9},
               {"energy", Kind::number, 17},
               {"share", Kind::number, 6},
               {"price", Kind::text, 12}},
              {},
              ""};
  const Range& total = energy.total;
  for (std::size_t begin = 0, end = 0; begin < lines.size(); begin = end) {
    Range subtotal;
    for (end = begin; end < lines.size() && lines[end].phase == lines[begin].phase; ++end) {
      const OperationLine& line = lines[end];
      table.row({end == begin ? line.phase : "", line.op, line.format, si_count(line.count),
                 si_energy(line.energy_pj, unit), share_of(line.energy_pj, total), line.kind});
      subtotal += line.energy_pj;
    }
    table.row({"", "subtotal", "", "", si_energy(subtotal, unit), share_of(subtotal, total), ""});
    table.rule();
  }
  table.row({fmt::format("all {}s", group == "layers" ? "layer" : group), "", "", "",
             si_energy(energy.compute, unit), share_of(energy.compute, total), ""});
  return table;
}

Table reconciliation_table(const std::vector<ReconciledItem>& items, const Run::Table& cost_table,
                           const std::string& label) {
  const std::string& unit = cost_table.unit;
  Table table{fmt::format("Executed, and what the published accounting charges ({})", label),
              "",
              {{"executed", Kind::name, 0},
               {"energy", Kind::number, 12},
               {"paper's mul", Kind::number, 11},
               {"add", Kind::number, 7},
               {"energy", Kind::number, 12},
               {"executed more", Kind::number, 13},
               {"paper", Kind::text, 12}},
              {},
              ""};
  Range executed;
  Range paper;
  std::string kind;
  for (const ReconciledItem& item : items) {
    if (kind != item.kind) {
      if (!kind.empty()) table.rule();
      table.heading(item.kind);
    }
    kind = item.kind;
    table.row(
        {fmt::format("{}: {}", item.item, operations_cell(item.executed)),
         si_energy(item.executed_pj, unit), si_count(item.paper_multiplications),
         si_count(item.paper_additions), si_energy(item.paper_pj, unit),
         difference(item.executed_pj, item.paper_pj, unit), std::string(text_of(item.verdict))},
        true);
    executed += item.executed_pj;
    paper += item.paper_pj;
  }
  table.rule();
  table.row({"all", si_energy(executed, unit), "", "", si_energy(paper, unit),
             difference(executed, paper, unit), ""});
  return table;
}

Table estimates_table(const std::vector<OperationLine>& operations,
                      const std::vector<TrafficLine>& traffic, const Run::Table& cost_table,
                      const Range& total) {
  Table table{"Estimates, by the energy that rests on them",
              "",
              {{"estimated price", Kind::name, 0},
               {"energy", Kind::number, 17},
               {"share", Kind::number, 6},
               {"source", Kind::text, 50}},
              {},
              ""};
  for (const Estimate& estimate : estimates_of(operations, traffic)) {
    table.row({estimate.price, si_energy(estimate.energy_pj, cost_table.unit),
               share_of(estimate.energy_pj, total), estimate.source});
  }
  return table;
}

}  // namespace wattention
