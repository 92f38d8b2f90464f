// The text report of one run: every phase and operation with its price, traffic, error and time.

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/columns.hpp"
#include "reports/energy_groups.hpp"
#include "reports/labels.hpp"
#include "reports/numbers.hpp"
#include "reports/text_parts.hpp"

namespace wattention {
namespace {

using Align = Columns::Align;

std::string operations_table(const Run& run) {
  Columns table({{"phase", Align::left, 0},
                 {"op", Align::left, 10},
                 {"format", Align::left, 8},
                 {"count", Align::right, 9},
                 {"energy", Align::right, 17},
                 {"share", Align::right, 6},
                 {"price", Align::left, 12}});
  const Range total = run.energy_pj.total;
  const auto& lines = run.operations;
  for (std::size_t begin = 0, end = 0; begin < lines.size(); begin = end) {
    Range subtotal;
    for (end = begin; end < lines.size() && lines[end].phase == lines[begin].phase; ++end) {
      const OperationLine& line = lines[end];
      table.row({end == begin ? printable(line.phase) : "", printable(line.op),
                 printable(line.format), si_count(line.count),
                 si_energy(line.energy_pj, run.table.unit), share_of(line.energy_pj, total),
                 printable(line.kind)});
      subtotal += line.energy_pj;
    }
    table.row({"", "subtotal", "", "", si_energy(subtotal, run.table.unit),
               share_of(subtotal, total), ""});
    table.rule();
  }
  const Range compute = run.energy_pj.compute;
  table.row(
      {"all phases", "", "", "", si_energy(compute, run.table.unit), share_of(compute, total), ""});
  return table.text();
}

std::string error_text(const Run& run) {
  if (!run.error_vs_softmax) return "not computed";
  const OutputError& error = *run.error_vs_softmax;
  return fmt::format("max abs {:.3g}, rmse {:.3g}, relative L2 {:.3g}, cosine {:.6f}",
                     error.max_abs, error.rmse, error.relative_l2, error.cosine);
}

}  // namespace

std::string text_of_run(const Report& report) {
  const Run& run = report.runs.front();
  std::string text = heading(label_of(run));
  for (const Fact& fact : facts_of(run)) text += fact_line(fact);
  text += '\n' + operations_table(run) + memory_block(memory_facts(run), run.operations) + '\n';
  text += fact_line({"totals", totals_text(run.totals)});
  text += fact_line({"energy", energy_text(run.energy_pj, run.table.unit)});
  text += area_line(run.area_um2);
  if (const std::string shares = price_shares(run.operations, run.traffic); !shares.empty()) {
    text += fact_line({"prices", fmt::format("{} of {}", shares, priced_energy(run.energy_pj))});
  }
  text +=
      fact_line({"error", error_text(run) +
                              (run.error_vs_softmax ? ", against exact softmax attention" : "")});
  if (run.host_seconds) {
    text += fact_line({"host time", si_seconds(*run.host_seconds) +
                                        " on this machine, not on the hardware above"});
  }
  text += estimates_table(run.operations, run.traffic, run.table, run.energy_pj.total);
  return text + reconciliation_table(run.reconciliation, run.table, label_of(run)) +
         notes_block(report) + sources_block(report);
}

}  // namespace wattention
