// The text report of several runs side by side: operations and energy, error, energy by phase.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "reports/columns.hpp"
#include "reports/energy_groups.hpp"
#include "reports/labels.hpp"
#include "reports/numbers.hpp"
#include "reports/text_parts.hpp"

namespace wattention {
namespace {

using Align = Columns::Align;

/// The share of `first` that `run` does without; negative where it costs more. A range where the
/// prices are ranges: both runs at their low ends, and both at their high ends.
std::string saved(const Range& run, const Range& first) {
  const double at_low = 1.0 - run.low / first.low;
  const double at_high = 1.0 - run.high / first.high;
  const std::string least = percent(std::min(at_low, at_high));
  const std::string most = percent(std::max(at_low, at_high));
  return least == most ? least : fmt::format("{} to {}", least, most);
}

std::string operations_table(const Report& report) {
  Columns table({{"attention", Align::left, 0},
                 {"mul", Align::right, 6},
                 {"add", Align::right, 6},
                 {"exp", Align::right, 6},
                 {"div", Align::right, 6},
                 {"compare", Align::right, 7},
                 {"bit ops", Align::right, 7},
                 {"energy", Align::right, 17},
                 {"saved", Align::right, 18}});
  const Range first = report.runs.front().energy_pj.total;
  for (const Run& run : report.runs) {
    const Totals& totals = run.totals;
    const Range total = run.energy_pj.total;
    table.row({label_of(run), si_count(totals.multiplications), si_count(totals.additions),
               si_count(totals.exponentials), si_count(totals.divisions),
               si_count(totals.comparisons), si_count(totals.bit_operations), si_energy(total),
               &run == &report.runs.front() ? "-" : saved(total, first)});
  }
  return table.text() +
         paragraph("", fmt::format("mul and add include those of macs; saved: energy against {}, "
                                   "negative where a run costs more",
                                   label_of(report.runs.front())));
}

std::string error_table(const Report& report) {
  Columns table({{"error against exact softmax", Align::left, 0},
                 {"max abs", Align::right, 9},
                 {"rmse", Align::right, 9},
                 {"relative L2", Align::right, 11},
                 {"cosine", Align::right, 9},
                 {"host time", Align::right, 9}});
  for (const Run& run : report.runs) {
    std::vector<std::string> cells{label_of(run), "-", "-", "-", "-", "-"};
    if (run.error_vs_softmax) {
      const OutputError& error = *run.error_vs_softmax;
      cells[1] = fmt::format("{:.3g}", error.max_abs);
      cells[2] = fmt::format("{:.3g}", error.rmse);
      cells[3] = fmt::format("{:.3g}", error.relative_l2);
      cells[4] = fmt::format("{:.6f}", error.cosine);
    }
    if (run.host_seconds) cells[5] = si_seconds(*run.host_seconds);
    table.row(std::move(cells));
  }
  return table.text() + paragraph("", "host time: on this machine, not on the hardware priced");
}

/// Forty columns for the largest run.
std::string bar(double pj, double largest_pj) {
  constexpr double columns = 40.0;
  if (!(pj > 0.0) || !std::isfinite(pj) || !std::isfinite(largest_pj)) return "";
  const auto length =
      static_cast<std::size_t>(std::lround(columns * std::min(pj / largest_pj, 1.0)));
  return std::string(length, '#');  // NOLINT(modernize-return-braced-init-list): not two letters
}

/// What is not the same for all runs, of this one.
std::vector<Fact> own_facts(const Report& report, std::size_t run) {
  std::vector<Fact> own = facts_of(report.runs[run]);
  std::erase_if(own, [&](const Fact& fact) {
    return std::all_of(report.runs.begin(), report.runs.end(), [&](const Run& other) {
      const std::vector<Fact> facts = facts_of(other);
      return std::find(facts.begin(), facts.end(), fact) != facts.end();
    });
  });
  return own;
}

std::string phases_table(const Report& report) {
  double largest = 0.0;
  for (const Run& run : report.runs) largest = std::max(largest, run.energy_pj.total.middle());
  Columns table({{"energy by phase", Align::left, 0},
                 {"energy", Align::right, 17},
                 {"share", Align::right, 6},
                 {"", Align::left, 40}});
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    const Run& run = report.runs[i];
    const Range total = run.energy_pj.total;
    if (i != 0) table.line("");
    table.line(label_of(run));
    for (const EnergyGroup& phase : energy_by_phase(run)) {
      const double middle = phase.energy_pj.middle();
      table.row({"  " + printable(phase.name), si_energy(phase.energy_pj),
                 total.middle() > 0.0 ? percent(middle / total.middle()) : "-",
                 bar(middle, largest)});
    }
  }
  return table.text();
}

std::string own_facts_block(const Report& report) {
  std::string text;
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    text += '\n' + shortened(label_of(report.runs[i]), page_columns) + '\n';
    for (Fact fact : own_facts(report, i)) {
      fact.name = "  " + fact.name;
      text += fact_line(fact);
    }
    const std::string shares = price_shares(report.runs[i]);
    if (!shares.empty()) text += fact_line({"  prices", shares});
  }
  return text;
}

}  // namespace

std::string text_of_comparison(const Report& report) {
  std::string text = heading(fmt::format("{} runs compared", report.runs.size()));
  const std::vector<Fact> own = own_facts(report, 0);
  for (const Fact& fact : facts_of(report.runs.front())) {
    if (std::find(own.begin(), own.end(), fact) == own.end()) text += fact_line(fact);
  }
  text += '\n' + operations_table(report);
  text += '\n' + error_table(report);
  text += '\n' + phases_table(report);
  const bool memory = std::any_of(report.runs.begin(), report.runs.end(), memory_is_priced);
  text += paragraph("", memory ? "compute and memory" : "compute only: memory is not priced here");
  return text + own_facts_block(report) + notes_block(report) + sources_block(report);
}

}  // namespace wattention
