#pragma once

// The documents of the four kinds of report, and what they end with.

#include <cstddef>
#include <string>
#include <vector>

#include "reports/document.hpp"
#include "reports/phrases.hpp"
#include "reports/report.hpp"

namespace wattention {

Document document_of_run(const Report& report);
Document document_of_comparison(const Report& report);
Document document_of_network(const Report& report);
Document document_of_networks(const Report& report);

/// Of each run that has one.
template <class AnyRun>
void add_reconciliations(Document& document, const std::vector<AnyRun>& runs,
                         const std::vector<std::string>& labels) {
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].reconciliation.empty()) continue;
    document.blocks.emplace_back(reconciliation_table(runs[i].reconciliation, labels[i]));
  }
}

void add_notes_and_sources(Document& document, const Report& report);

}  // namespace wattention
