#pragma once

// The documents of the four kinds of report, and what they end with.

#include "reports/document.hpp"
#include "reports/report.hpp"

namespace wattention {

Document document_of_run(const Report& report);
Document document_of_comparison(const Report& report);
Document document_of_network(const Report& report);
Document document_of_networks(const Report& report);

void add_notes_and_sources(Document& document, const Report& report);

}  // namespace wattention
