#include "reports/document/document.hpp"

#include "reports/document/document_parts.hpp"
#include "reports/document/phrases.hpp"

namespace wattention {

void add_notes_and_sources(Document& document, const Report& report) {
  for (List& list : std::vector{notes_of(report), sources_of(report)}) {
    if (!list.items.empty()) document.blocks.emplace_back(std::move(list));
  }
}

std::vector<Document> documents_of(const Report& report) {
  if (report.runs.empty() && report.networks.empty()) return {};
  if (report.networks.empty()) {
    return {report.runs.size() == 1 ? document_of_run(report) : document_of_comparison(report)};
  }
  if (report.runs.empty()) {
    return {report.networks.size() == 1 ? document_of_network(report)
                                        : document_of_networks(report)};
  }
  std::vector<Document> documents = documents_of({report.version, report.runs, {}});
  documents.push_back(documents_of({report.version, {}, report.networks}).front());
  return documents;
}

}  // namespace wattention
