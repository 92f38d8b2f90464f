// The document of one run: every phase and operation with its price, traffic, error and time.

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/document_parts.hpp"
#include "reports/numbers.hpp"
#include "reports/phrases.hpp"
#include "reports/settings.hpp"

namespace wattention {
namespace {

using Kind = Column::Kind;

Table traffic_table(const Run& run) {
  const bool priced = memory_is_priced(run);
  Table table{"Tensor traffic",
              "",
              {{"phase", Kind::name, 0}, {"read", Kind::number, 9}, {"written", Kind::number, 9}},
              {},
              ""};
  if (priced) {
    table.columns.push_back({"level", Kind::text, 20});
    table.columns.push_back({"energy", Kind::number, 17});
    table.columns.push_back({"share", Kind::number, 6});
  }
  const TrafficLine* previous = nullptr;
  for (const TrafficLine& line : run.traffic) {
    const bool same_phase = previous != nullptr && previous->phase == line.phase;
    std::vector<std::string> cells{same_phase ? "" : line.phase, iec_bytes(line.read_bytes),
                                   iec_bytes(line.write_bytes)};
    if (priced) {
      cells.push_back(line.level);
      cells.push_back(si_energy(line.energy_pj));
      cells.push_back(share_of(line.energy_pj, run.energy_pj.total));
    }
    table.row(std::move(cells));
    previous = &line;
  }
  return table;
}

}  // namespace

Document document_of_run(const Report& report) {
  const Run& run = report.runs.front();
  Document document{label_of(run), {Facts{"", facts_of(run)}}};
  document.blocks.emplace_back(
      operations_table("Operations", "phase", run.operations, run.energy_pj));
  if (!run.traffic.empty()) document.blocks.emplace_back(traffic_table(run));
  document.blocks.emplace_back(findings_of(run));
  add_reconciliations<Run>(document, report.runs, {label_of(run)});
  add_notes_and_sources(document, report);
  return document;
}

}  // namespace wattention
