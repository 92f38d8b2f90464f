#pragma once

// The documents of the four kinds of report, and what they end with.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/document/document.hpp"
#include "reports/document/phrases.hpp"
#include "reports/findings/rankings.hpp"
#include "reports/report.hpp"

namespace wattention {

Document document_of_run(const Report& report);
Document document_of_comparison(const Report& all);
Document document_of_network(const Report& report);
Document document_of_networks(const Report& report);

/// Of each run that has one.
template <class AnyRun>
void add_reconciliations(Document& document, const std::vector<AnyRun>& runs,
                         const std::vector<std::string>& labels) {
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].reconciliation.empty()) continue;
    document.blocks.emplace_back(
        reconciliation_table(runs[i].reconciliation, runs[i].table, labels[i]));
  }
}

/// A run's traffic, however it was modelled.
struct MemoryFacts {
  std::string policy;
  const std::vector<TrafficLine>* traffic;
  const Energy* energy;
  std::string unit;
};
template <class AnyRun>
MemoryFacts memory_facts(const AnyRun& run) {
  return {run.memory, &run.traffic, &run.energy_pj, run.table.unit};
}
template <class AnyRun>
std::vector<MemoryFacts> memory_facts(const std::vector<AnyRun>& runs) {
  std::vector<MemoryFacts> facts;
  facts.reserve(runs.size());
  for (const AnyRun& run : runs) facts.push_back(memory_facts(run));
  return facts;
}

/// Energy by place and by `group`, phase or layers; the tensors' bytes where no hierarchy was
/// applied.
void add_memory(Document& document, std::string_view group, const MemoryFacts& facts,
                const std::vector<OperationLine>& operations);
/// Compute, on-chip and off-chip energy of each, where any hierarchy was applied.
void add_memory_comparison(Document& document, const std::vector<MemoryFacts>& runs,
                           const std::vector<std::string>& labels);

template <class AnyRun>
std::vector<Totals> totals_of_runs(const std::vector<AnyRun>& runs) {
  std::vector<Totals> totals;
  totals.reserve(runs.size());
  for (const AnyRun& run : runs) totals.push_back(run.totals);
  return totals;
}
/// Groups of operations that some run has and the comparison does not show, if there are any.
void add_further_operations(Document& document, const std::vector<Totals>& totals,
                            const std::vector<std::string>& labels,
                            const std::vector<Total>& shown);

/// The prices that were estimated, by the energy that has them.
template <class AnyRun>
void add_estimates(Document& document, const AnyRun& run) {
  Table table = estimates_table(run.operations, run.traffic, run.table, run.energy_pj.total);
  if (!table.rows.empty()) document.blocks.emplace_back(std::move(table));
}

/// Ranks under each cost table and where they change.
void add_rankings(Document& document, const Rankings& rankings);

void add_notes_and_sources(Document& document, const Report& report);

}  // namespace wattention
