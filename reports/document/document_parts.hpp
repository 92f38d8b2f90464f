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

/// What runs of attentions and of networks share, of each.
template <class AnyRun>
std::vector<const Result*> results_of(const std::vector<AnyRun>& runs) {
  std::vector<const Result*> results;
  results.reserve(runs.size());
  for (const AnyRun& run : runs) results.push_back(&run);
  return results;
}

/// Energy by place and by `group`, phase or layers; the tensors' bytes where no hierarchy was
/// applied.
void add_memory(Document& document, std::string_view group, const Result& run);
/// Compute, on-chip and off-chip energy of each, where any hierarchy was applied.
void add_memory_comparison(Document& document, const std::vector<const Result*>& runs,
                           const std::vector<std::string>& labels);

/// Groups of operations that some run has and the comparison does not show, if there are any.
void add_further_operations(Document& document, const std::vector<const Result*>& runs,
                            const std::vector<std::string>& labels,
                            const std::vector<Total>& shown);

/// The prices that were estimated, by the energy that has them.
void add_estimates(Document& document, const Result& run);

/// Ranks under each cost table and where they change.
void add_rankings(Document& document, const Rankings& rankings);

void add_notes_and_sources(Document& document, const Report& report);

}  // namespace wattention
