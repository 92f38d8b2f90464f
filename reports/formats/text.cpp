// Writer "text": the report for people at a terminal.

#include <string>
#include <variant>

#include "reports/document/document.hpp"
#include "reports/formats/text_parts.hpp"
#include "reports/writer.hpp"

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

class TextWriter final : public Writer {
 public:
  std::string write(const Report& report) const override {
    std::string text;
    for (const Document& document : documents_of(report)) {
      if (!text.empty()) text += '\n';
      text += text_of(document);
    }
    return text.empty() ? "No runs.\n" : text;
  }
};

const Registration<Writer, TextWriter> registration{
    "text", "tables of at most 100 columns, for people at a terminal"};

}  // namespace
}  // namespace wattention
