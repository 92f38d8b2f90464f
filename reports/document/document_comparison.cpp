// The document of several runs side by side: operations and energy, error, energy by phase.

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/document/baselines.hpp"
#include "reports/document/document_parts.hpp"
#include "reports/document/phrases.hpp"
#include "reports/findings/comparable_runs.hpp"
#include "reports/findings/crossover.hpp"
#include "reports/findings/energy_groups.hpp"
#include "reports/findings/pareto.hpp"
#include "reports/wording/numbers.hpp"

namespace wattention {
namespace {

using Kind = Column::Kind;
using Labels = std::vector<std::string>;

Table operations_comparison(const std::vector<Run>& runs, const Labels& labels) {
  Table table{"Operations and energy",
              "attention",
              {{"attention", Kind::name, 0},
               {"mul", Kind::number, 6},
               {"add", Kind::number, 6},
               {"exp", Kind::number, 6},
               {"div", Kind::number, 6},
               {"compare", Kind::number, 7},
               {"bit ops", Kind::number, 7},
               {"energy", Kind::number, 17},
               {"saved", Kind::number, 18}},
              {},
              ""};
  const std::vector<std::size_t> settings = settings_of(runs);
  const std::vector<std::size_t> baselines = baselines_of(settings);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Totals& totals = runs[i].totals;
    const Range& total = runs[i].energy_pj.total;
    table.row({labels[i], si_count(totals[Total::multiplications]),
               si_count(totals[Total::additions]), si_count(totals[Total::exponentials]),
               si_count(totals[Total::divisions]), si_count(totals[Total::comparisons]),
               si_count(totals[Total::bit_operations]), si_energy(total, runs[i].table.unit),
               baselines[i] == i ? "-" : saved(total, runs[baselines[i]].energy_pj.total)});
  }
  table.legend = fmt::format(
      "mul and add include those of macs; saved: energy against {}, negative where a run costs "
      "more",
      is_one_setting(settings) ? labels.front() : "the first run of the same shape and table");
  table.legend += caution_on_unfused(runs);
  return table;
}

bool has_errors_or_times(const std::vector<Run>& runs) {
  return std::ranges::any_of(
      runs, [](const Run& run) { return run.error_vs_softmax || run.host_seconds; });
}

Table error_comparison(const Report& report, const Labels& labels) {
  Table table{
      "Error against exact softmax",
      "error against exact softmax",
      {{"attention", Kind::name, 0},
       {"max abs", Kind::number, 9},
       {"rmse", Kind::number, 9},
       {"relative L2", Kind::number, 11},
       {"cosine", Kind::number, 9},
       {"energy", Kind::number, 17},
       {"pareto", Kind::text, 6},
       {"host time", Kind::number, 9}},
      {},
      "pareto: * where no other run has at most its energy and at most its relative L2, one "
      "of them less; host time: on this machine, not on the hardware priced"};
  const std::vector<bool> front = pareto_front(report);
  for (std::size_t i = 0; i < front.size(); ++i) {
    const Run& run = report.runs[i];
    std::vector<std::string> cells(4, "-");
    if (run.error_vs_softmax) {
      const OutputError& error = *run.error_vs_softmax;
      cells = {fmt::format("{:.3g}", error.max_abs), fmt::format("{:.3g}", error.rmse),
               fmt::format("{:.3g}", error.relative_l2), fmt::format("{:.6f}", error.cosine)};
    }
    table.row({labels[i], cells[0], cells[1], cells[2], cells[3],
               si_energy(run.energy_pj.total, run.table.unit), front[i] ? "*" : "",
               run.host_seconds ? si_seconds(*run.host_seconds) : "-"});
  }
  return table;
}

Table phases_table(const std::vector<Run>& runs, const Labels& labels) {
  double largest = 0.0;
  for (const Run& run : runs) largest = std::max(largest, run.energy_pj.total.middle());
  Table table{"Energy by phase",
              "energy by phase",
              {{"phase", Kind::name, 0},
               {"energy", Kind::number, 17},
               {"share", Kind::number, 6},
               {"", Kind::bar, 40}},
              {},
              std::ranges::all_of(runs, [](const Run& run) { return run.memory == "none"; })
                  ? "compute only: memory is not priced"
                  : ""};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Range& total = runs[i].energy_pj.total;
    table.row({labels[i], si_energy(total, runs[i].table.unit), "", ""});
    for (const EnergyGroup& phase : energy_by_phase(runs[i])) {
      table.row({phase.name, si_energy(phase.energy_pj, runs[i].table.unit),
                 share_of(phase.energy_pj, total), bar(phase.energy_pj.middle(), largest)},
                true);
    }
  }
  return table;
}

Facts prices_of(const std::vector<Run>& runs, const Labels& labels) {
  const auto with_memory =
      std::ranges::find_if(runs, [](const Run& run) { return run.energy_pj.memory != Range{}; });
  const Energy& energy = (with_memory == runs.end() ? runs.front() : *with_memory).energy_pj;
  Facts facts{fmt::format("prices, as shares of {}", priced_energy(energy)), {}};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string shares = price_shares(runs[i].operations, runs[i].traffic);
    facts.items.push_back({labels[i], shares.empty() ? "-" : shares, true});
  }
  return facts;
}

List crossovers_of(const Report& report) {
  List list{"Crossovers of energy, between the token counts of this report", {}, true};
  for (const Crossover& crossover : crossovers(energy_curves(report))) {
    list.items.push_back(
        fmt::format("{} takes less than {} from about {:.0f} tokens on, where both take {}",
                    crossover.after, crossover.before, crossover.tokens,
                    si_energy(Range::exactly(crossover.energy_pj), crossover.unit)));
  }
  return list;
}

}  // namespace

Document document_of_comparison(const Report& all) {
  const std::optional<Rankings> rankings = rankings_of(all);
  const Report report = rankings ? under_first_table(all) : all;
  const std::vector<Run>& runs = report.runs;
  const Labels labels = labels_of(runs);
  Document document{fmt::format("{} {} compared", runs.size(), runs.size() == 1 ? "run" : "runs"),
                    {}};
  std::vector<std::vector<Fact>> facts;
  facts.reserve(runs.size());
  for (const Run& run : runs) facts.push_back(facts_of(run));
  SharedFacts shared = shared_facts(facts, labels);
  if (!shared.common.items.empty()) document.blocks.emplace_back(std::move(shared.common));
  document.blocks.emplace_back(operations_comparison(runs, labels));
  add_further_operations(document, results_of(runs), labels,
                         {Total::multiplications, Total::additions, Total::exponentials,
                          Total::divisions, Total::comparisons, Total::bit_operations});
  if (auto both = savings_against_both(runs, labels)) {
    document.blocks.emplace_back(std::move(*both));
  }
  if (has_errors_or_times(runs)) {
    document.blocks.emplace_back(error_comparison(report, labels));
  } else {
    document.blocks.emplace_back(Facts{"", {{"error", "not computed"}}});
  }
  document.blocks.emplace_back(phases_table(runs, labels));
  add_memory_comparison(document, results_of(runs), labels);
  if (List list = crossovers_of(report); !list.items.empty()) {
    document.blocks.emplace_back(std::move(list));
  }
  for (Facts& own : shared.own) document.blocks.emplace_back(std::move(own));
  document.blocks.emplace_back(prices_of(runs, labels));
  add_reconciliations<Run>(document, runs, labels);
  if (rankings) add_rankings(document, *rankings);
  add_notes_and_sources(document, all);
  return document;
}

}  // namespace wattention
