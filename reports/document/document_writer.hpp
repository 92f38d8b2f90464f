#pragma once

// A format for people, in which documents are set. One .cpp each, registered by the format's name,
// under which a Writer sets the documents of a Report in the same way.

#include <string>
#include <vector>

#include "reports/document/document.hpp"
#include "reports/writer.hpp"

namespace wattention {

class DocumentWriter {
 public:
  virtual ~DocumentWriter() = default;
  /// The whole text, ending with a newline. `version` is that of Wattention.
  virtual std::string write(const std::vector<Document>& documents,
                            const std::string& version) const = 0;
};

/// The Writer that sets a report's documents with a DocumentWriter.
template <class Documents>
class ReportWriter final : public Writer {
 public:
  std::string write(const Report& report) const override {
    return Documents().write(documents_of(report), report.version);
  }
};

}  // namespace wattention
