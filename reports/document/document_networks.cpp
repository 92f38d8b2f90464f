// The documents of networks: one in full, several side by side.

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "reports/document/baselines.hpp"
#include "reports/document/document_parts.hpp"
#include "reports/document/phrases.hpp"
#include "reports/findings/comparable_runs.hpp"
#include "reports/findings/energy_groups.hpp"
#include "reports/wording/numbers.hpp"

namespace wattention {
namespace {

using Kind = Column::Kind;
using Labels = std::vector<std::string>;

template <class Member>
bool any_has(const std::vector<NetworkRun>& networks, Member member) {
  return std::ranges::any_of(networks,
                             [&](const NetworkRun& run) { return (run.*member).has_value(); });
}

Table comparison(const std::vector<NetworkRun>& networks, const Labels& labels) {
  const bool accuracies = any_has(networks, &NetworkRun::accuracy);
  const bool errors = any_has(networks, &NetworkRun::error_vs_native);
  Table table{"Operations and energy",
              "attention",
              {{"attention", Kind::name, 0},
               {"mul", Kind::number, 6},
               {"add", Kind::number, 6},
               {"exp", Kind::number, 6},
               {"energy", Kind::number, 15},
               {"saved", Kind::number, 16}},
              {},
              ""};
  if (accuracies) table.columns.push_back({"top-1", Kind::number, 7});
  if (errors) table.columns.push_back({"cosine", Kind::number, 9});
  table.columns.push_back({"host time", Kind::number, 9});
  const std::vector<std::size_t> settings = settings_of(networks);
  const std::vector<std::size_t> baselines = baselines_of(settings);
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const NetworkRun& run = networks[i];
    std::vector<std::string> cells{
        labels[i],
        si_count(run.totals[Total::multiplications]),
        si_count(run.totals[Total::additions]),
        si_count(run.totals[Total::exponentials]),
        si_energy(run.energy_pj.total, run.table.unit),
        baselines[i] == i ? "-"
                          : saved(run.energy_pj.total, networks[baselines[i]].energy_pj.total)};
    if (accuracies) {
      cells.push_back(run.accuracy ? fmt::format("{:.2f}%", 100.0 * run.accuracy->top1()) : "-");
    }
    if (errors) {
      cells.push_back(run.error_vs_native ? fmt::format("{:.6f}", run.error_vs_native->cosine)
                                          : "-");
    }
    cells.push_back(run.host_seconds ? si_seconds(*run.host_seconds) : "-");
    table.row(std::move(cells));
  }
  table.legend = fmt::format(
      "mul and add include those of macs, and macs those of layer norms, which published counts "
      "mostly leave out; saved: energy against {}",
      is_one_setting(settings) ? labels.front() : "the first run of the same network and table");
  if (errors) {
    table.legend += "; cosine: of the output with that of the network's own attention";
  }
  table.legend += "; host time: of all inputs, on this machine";
  return table;
}

Table kinds_table(const std::vector<NetworkRun>& networks, const Labels& labels) {
  double largest = 0.0;
  for (const NetworkRun& run : networks) {
    largest = std::max(largest, run.energy_pj.total.middle());
  }
  Table table{"Energy by kind of layer",
              "energy by layers",
              {{"layers", Kind::name, 0},
               {"energy", Kind::number, 17},
               {"share", Kind::number, 6},
               {"", Kind::bar, 40}},
              {},
              ""};
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const NetworkRun& run = networks[i];
    table.row({labels[i], si_energy(run.energy_pj.total, run.table.unit), "", ""});
    for (const EnergyGroup& group : energy_by_phase(run)) {
      table.row(
          {group.name, si_energy(group.energy_pj, run.table.unit),
           share_of(group.energy_pj, run.energy_pj.total), bar(group.energy_pj.middle(), largest)},
          true);
    }
  }
  return table;
}

std::string title_of(const std::vector<NetworkRun>& networks) {
  std::set<std::string> names;
  for (const NetworkRun& run : networks) names.insert(run.network);
  if (names.size() > 1) {
    return fmt::format("{} runs of {} networks compared", networks.size(), names.size());
  }
  return fmt::format("{}: {} attentions compared", networks.front().network, networks.size());
}

}  // namespace

Document document_of_network(const Report& report) {
  const NetworkRun& run = report.networks.front();
  Document document{run.network, {Facts{"", facts_of(run)}}};
  document.blocks.emplace_back(
      operations_table("Operations", "layers", run.operations, run.energy_pj, run.table.unit));
  add_memory(document, "layers", run);
  document.blocks.emplace_back(findings_of(run));
  add_estimates(document, run);
  add_reconciliations<NetworkRun>(document, report.networks, {run.attention});
  add_notes_and_sources(document, report);
  return document;
}

Document document_of_networks(const Report& report) {
  const std::vector<NetworkRun>& networks = report.networks;
  const Labels labels = labels_of(networks);
  Document document{title_of(networks), {}};
  std::vector<std::vector<Fact>> facts;
  for (const NetworkRun& run : networks) {
    std::vector<Fact>& of_run = facts.emplace_back(facts_of(run));
    std::erase_if(of_run, [](const Fact& fact) { return fact.name == "attention"; });
  }
  SharedFacts shared = shared_facts(facts, labels);
  if (!shared.common.items.empty()) document.blocks.emplace_back(std::move(shared.common));
  document.blocks.emplace_back(comparison(networks, labels));
  add_further_operations(document, results_of(networks), labels,
                         {Total::multiplications, Total::additions, Total::exponentials});
  if (auto both = savings_against_both(networks, labels)) {
    document.blocks.emplace_back(std::move(*both));
  }
  document.blocks.emplace_back(kinds_table(networks, labels));
  add_memory_comparison(document, results_of(networks), labels);
  Facts untouched{"", {}, true};
  for (std::size_t i = 0; i < networks.size(); ++i) {
    add_untouched(untouched, networks[i], labels[i]);
  }
  if (!untouched.items.empty()) document.blocks.emplace_back(std::move(untouched));
  add_reconciliations<NetworkRun>(document, networks, labels);
  for (Facts& own : shared.own) document.blocks.emplace_back(std::move(own));
  add_notes_and_sources(document, report);
  return document;
}

}  // namespace wattention
