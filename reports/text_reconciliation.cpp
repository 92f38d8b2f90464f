// What is executed beside what the published accounting charges, as text.

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "reports/columns.hpp"
#include "reports/labels.hpp"
#include "reports/numbers.hpp"
#include "reports/text_parts.hpp"

namespace wattention {
namespace {

using Align = Columns::Align;

std::string operations_cell(const std::vector<OperationLine>& operations) {
  std::string text;
  for (const OperationLine& line : operations) {
    const std::string format = line.format == "fp32" ? "" : " " + line.format;
    text +=
        fmt::format("{}{} {}{}", text.empty() ? "" : ", ", si_count(line.count), line.op, format);
  }
  return text.empty() ? "-" : text;
}

std::string verdict_text(ReconciledItem::Verdict verdict) {
  switch (verdict) {
    case ReconciledItem::Verdict::same:
      return "same";
    case ReconciledItem::Verdict::different:
      return "differs";
    case ReconciledItem::Verdict::left_out:
      return "left out";
    case ReconciledItem::Verdict::not_executed:
      break;
  }
  return "not executed";
}

std::string signed_energy(double pj, const std::string& unit) {
  return (pj < 0.0 ? "-" : "+") + si_energy(Range::exactly(std::abs(pj)), unit);
}

}  // namespace

std::string reconciliation_table(const std::vector<ReconciledItem>& items,
                                 const Run::Table& cost_table, const std::string& label) {
  if (items.empty()) return "";
  const std::string& unit = cost_table.unit;
  Columns table({{"executed", Align::left, 0},
                 {"energy", Align::right, 12},
                 {"paper's mul", Align::right, 11},
                 {"add", Align::right, 7},
                 {"energy", Align::right, 12},
                 {"executed more", Align::right, 13},
                 {"paper", Align::left, 12}});
  Range executed;
  Range paper;
  std::string kind;
  for (const ReconciledItem& item : items) {
    if (kind != item.kind) {
      if (!kind.empty()) table.rule();
      table.line(printable(item.kind));
    }
    kind = item.kind;
    const bool same = item.verdict == ReconciledItem::Verdict::same;
    const double more = same ? 0.0 : item.executed_pj.middle() - item.paper_pj.middle();
    table.row({fmt::format("  {}: {}", printable(item.item), operations_cell(item.executed)),
               si_energy(item.executed_pj, unit), si_count(item.paper_multiplications),
               si_count(item.paper_additions), si_energy(item.paper_pj, unit),
               more == 0.0 ? "0" : signed_energy(more, unit), verdict_text(item.verdict)});
    executed += item.executed_pj;
    paper += item.paper_pj;
  }
  table.rule();
  table.row({"all", si_energy(executed, unit), "", "", si_energy(paper, unit),
             signed_energy(executed.middle() - paper.middle(), unit), ""});
  return fmt::format("\nExecuted, and what the published accounting charges ({})\n{}", label,
                     table.text());
}

std::string area_line(const std::optional<double>& area_um2) {
  if (!area_um2) return "";
  return fact_line({"area", fmt::format("{} mm2, as the paper adds it up: one unit an operation",
                                        three_digits(*area_um2 / 1e6))});
}

}  // namespace wattention
