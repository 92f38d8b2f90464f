// The document of one run: every phase and operation with its price, traffic, error and time.

#include "reports/document/document_parts.hpp"
#include "reports/document/phrases.hpp"
#include "reports/findings/comparable_runs.hpp"

namespace wattention {
Document document_of_run(const Report& report) {
  const Run& run = report.runs.front();
  Document document{label_of(run), {Facts{"", facts_of(run)}}};
  document.blocks.emplace_back(
      operations_table("Operations", "phase", run.operations, run.energy_pj, run.table.unit));
  add_memory(document, "phase", run);
  document.blocks.emplace_back(findings_of(run));
  add_estimates(document, run);
  add_reconciliations<Run>(document, report.runs, {label_of(run)});
  add_notes_and_sources(document, report);
  return document;
}

}  // namespace wattention
