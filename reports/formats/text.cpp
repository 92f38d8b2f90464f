// Writer "text": the report for people at a terminal.

#include <string>
#include <variant>
#include <vector>

#include "reports/document/document_writer.hpp"
#include "reports/formats/text_parts.hpp"

namespace wattention {
namespace {

std::string text_of(const Document& document) {
  std::string text = heading(document.title);
  for (const Block& block : document.blocks) {
    if (&block != &document.blocks.front()) text += '\n';
    text += std::visit([](const auto& part) { return text_of(part); }, block);
  }
  return text;
}

class TextDocuments final : public DocumentWriter {
 public:
  std::string write(const std::vector<Document>& documents,
                    const std::string& /*version*/) const override {
    std::string text;
    for (const Document& document : documents) {
      if (!text.empty()) text += '\n';
      text += text_of(document);
    }
    return text.empty() ? "No runs.\n" : text;
  }
};

constexpr const char* description = "tables of at most 100 columns, for people at a terminal";
const Registration<DocumentWriter, TextDocuments> of_documents{"text", description};
const Registration<Writer, ReportWriter<TextDocuments>> of_reports{"text", description};

}  // namespace
}  // namespace wattention
