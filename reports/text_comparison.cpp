// The text report of several runs side by side: operations and energy, error, energy by phase.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "reports/columns.hpp"
#include "reports/energy_groups.hpp"
#include "reports/labels.hpp"
#include "reports/numbers.hpp"
#include "reports/pareto.hpp"
#include "reports/rankings.hpp"
#include "reports/text_parts.hpp"

namespace wattention {
namespace {

using Align = Columns::Align;

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
               si_count(totals.comparisons), si_count(totals.bit_operations),
               si_energy(total, run.table.unit),
               &run == &report.runs.front() ? "-" : saved(total, first)});
  }
  return table.text() +
         paragraph("", fmt::format("mul and add include those of macs; saved: energy against {}, "
                                   "negative where a run costs more",
                                   label_of(report.runs.front())));
}

std::string error_table(const Report& report) {
  constexpr std::string_view title = "error against exact softmax";
  if (std::none_of(report.runs.begin(), report.runs.end(), [](const Run& run) {
        return run.error_vs_softmax.has_value() || run.host_seconds.has_value();
      })) {
    return fmt::format("{}: not computed\n", title);
  }
  Columns table({{std::string(title), Align::left, 0},
                 {"max abs", Align::right, 9},
                 {"rmse", Align::right, 9},
                 {"relative L2", Align::right, 11},
                 {"cosine", Align::right, 9},
                 {"energy", Align::right, 17},
                 {"pareto", Align::left, 6},
                 {"host time", Align::right, 9}});
  const std::vector<bool> front = pareto_front(report);
  for (std::size_t i = 0; i < front.size(); ++i) {
    const Run& run = report.runs[i];
    std::vector<std::string> cells(4, "-");
    if (run.error_vs_softmax) {
      const OutputError& error = *run.error_vs_softmax;
      cells = {fmt::format("{:.3g}", error.max_abs), fmt::format("{:.3g}", error.rmse),
               fmt::format("{:.3g}", error.relative_l2), fmt::format("{:.6f}", error.cosine)};
    }
    table.row({label_of(run), cells[0], cells[1], cells[2], cells[3],
               si_energy(run.energy_pj.total, run.table.unit), front[i] ? "*" : "",
               run.host_seconds ? si_seconds(*run.host_seconds) : "-"});
  }
  return table.text() +
         paragraph("",
                   "pareto: * where no other run has at most its energy and at most its "
                   "relative L2, one of them less; host time: on this machine, not on the "
                   "hardware priced");
}

std::string phases_table(const Report& report) {
  double largest = 0.0;
  for (const Run& run : report.runs) largest = std::max(largest, run.energy_pj.total.middle());
  Columns table({{"energy by phase", Align::left, 0},
                 {"energy", Align::right, 17},
                 {"share", Align::right, 6},
                 {"", Align::left, 40}});
  for (const Run& run : report.runs) {
    const Range total = run.energy_pj.total;
    table.row({label_of(run), si_energy(total, run.table.unit), "", ""});
    for (const EnergyGroup& phase : energy_by_phase(run)) {
      const double middle = phase.energy_pj.middle();
      table.row({"  " + printable(phase.name), si_energy(phase.energy_pj, run.table.unit),
                 total.middle() > 0.0 ? percent(middle / total.middle()) : "-",
                 bar(middle, largest)});
    }
  }
  return table.text();
}

/// A line for each run, under a title: its label, then its value.
std::string block_of_runs(const Report& report, std::string_view title,
                          const std::vector<std::string>& values) {
  constexpr std::size_t widest_label = 40;
  std::size_t width = 0;
  for (const Run& run : report.runs) width = std::max(width, width_of(label_of(run)));
  width = std::min(width, widest_label);
  std::string text = fmt::format("\n{}\n", title);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string label = shortened(label_of(report.runs[i]), width);
    text += paragraph("  " + label + std::string(width - width_of(label) + 2, ' '), values[i]);
  }
  return text;
}

std::string prices_block(const Report& report) {
  std::vector<std::string> shares;
  for (const Run& run : report.runs) {
    shares.push_back(price_shares(run.operations, run.traffic));
    if (shares.back().empty()) shares.back() = "-";
  }
  const auto with_memory = std::find_if(report.runs.begin(), report.runs.end(), [](const Run& run) {
    return run.energy_pj.memory != Range{};
  });
  const Run& run = with_memory == report.runs.end() ? report.runs.front() : *with_memory;
  return block_of_runs(report, fmt::format("prices, as shares of {}", priced_energy(run.energy_pj)),
                       shares);
}

/// First what is the same for all runs, then, run by run, what is not.
struct Facts {
  std::string common;
  std::string own;
};

Facts facts_blocks(const Report& report) {
  std::vector<std::vector<Fact>> facts;  // of each run, with the same names in the same order
  for (const Run& run : report.runs) facts.push_back(facts_of(run));
  Facts blocks;
  for (std::size_t name = 0; name < facts.front().size(); ++name) {
    const Fact& first = facts.front()[name];
    std::vector<std::string> values;
    values.reserve(facts.size());
    for (const std::vector<Fact>& of_run : facts) values.push_back(of_run[name].value);
    if (std::count(values.begin(), values.end(), first.value) == std::ssize(values)) {
      blocks.common += fact_line(first);
    } else {
      blocks.own += block_of_runs(report, first.name, values);
    }
  }
  return blocks;
}

}  // namespace

std::string text_of_comparison(const Report& all) {
  const Report report = rankings_of(all) ? under_first_table(all) : all;
  const Facts facts = facts_blocks(report);
  std::string text = heading(fmt::format("{} {} compared", report.runs.size(),
                                         report.runs.size() == 1 ? "run" : "runs")) +
                     facts.common;
  text += '\n' + operations_table(report);
  text += '\n' + error_table(report);
  text += '\n' + phases_table(report);
  std::vector<std::pair<std::string, MemoryFacts>> memory;
  for (const Run& run : report.runs) memory.emplace_back(label_of(run), memory_facts(run));
  const std::string compared = memory_comparison(memory);
  text += compared.empty() ? "compute only: memory is not priced\n" : compared;
  text += facts.own + prices_block(report);
  for (const Run& run : report.runs)
    text += reconciliation_table(run.reconciliation, run.table, label_of(run));
  return text + rankings_text(all) + notes_block(all) + sources_block(all);
}

}  // namespace wattention
