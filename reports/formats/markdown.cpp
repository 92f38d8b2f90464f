// Writer "markdown": GitHub's dialect, whose tables other renderers know too.

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reports/document/document_writer.hpp"
#include "reports/wording/typography.hpp"
#include "reports/wording/utf8.hpp"

namespace wattention {
namespace {

/// What would be markup is preceded by a backslash, or written as an entity.
std::string inline_text(std::string_view text) {
  return escaped(text, [](char32_t c) -> std::string {
    if (c == U'<') return "&lt;";
    if (c == U'>') return "&gt;";
    if (c == U'&') return "&amp;";
    constexpr std::u32string_view markup = U"\\`*_[]|~$#!";
    if (markup.find(c) == std::u32string_view::npos) return "";
    return {'\\', static_cast<char>(c)};
  });
}

/// The same at the start of a line, where more is markup: "- ", "+ ", "1. ", "===".
std::string line_text(std::string_view text) {
  std::string line = inline_text(text);
  const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  const std::string_view markers = digits == 0 ? "-+=" : ".)";
  if (digits < line.size() && markers.find(line[digits]) != std::string_view::npos) {
    line.insert(digits, 1, '\\');
  }
  return line;
}

std::string cell_text(const std::string& cell, const Column& column) {
  return inline_text(column.kind == Column::Kind::number ? typographic(cell) : cell);
}

std::string heading_text(const std::string& title) {
  return title.empty() ? "" : "### " + inline_text(capitalised(title)) + "\n\n";
}

std::string markdown_of(const Facts& facts) {
  std::string text = heading_text(facts.title);
  for (const Fact& fact : facts.items) {
    const std::string name = facts.title.empty() ? capitalised(fact.name) : fact.name;
    text += fmt::format("* **{}:** {}\n", inline_text(name),
                        inline_text(facts.findings ? typographic(fact.value) : fact.value));
  }
  return text;
}

std::string row_text(const Row& row, const Table& table) {
  std::string text = "|";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    if (column.kind == Column::Kind::bar) continue;
    const std::string cell = i < row.cells.size() ? cell_text(row.cells[i], column) : "";
    if (row.kind == Row::Kind::heading && !cell.empty()) {
      text += fmt::format(" **{}** |", cell);
    } else {
      text += fmt::format(" {}{} |", i == 0 && row.indented ? "&emsp;" : "", cell);
    }
  }
  return text + "\n";
}

std::string markdown_of(const Table& table) {
  std::string titles = "|";
  std::string alignments = "|";
  for (const Column& column : table.columns) {
    if (column.kind == Column::Kind::bar) continue;
    titles += fmt::format(" {} |", inline_text(column.title));
    alignments += column.kind == Column::Kind::number ? " ---: |" : " :--- |";
  }
  std::string text = heading_text(table.caption) + titles + '\n' + alignments + '\n';
  for (const Row& row : table.rows) {
    if (row.kind != Row::Kind::rule) text += row_text(row, table);
  }
  if (!table.legend.empty()) text += "\n" + line_text(table.legend) + "\n";
  return text;
}

std::string markdown_of(const List& list) {
  std::string text = heading_text(list.title);
  for (const std::string& item : list.items) {
    text += "* " + line_text(list.findings ? typographic(item) : item) + "\n";
  }
  return text;
}

class MarkdownDocuments final : public DocumentWriter {
 public:
  std::string write(const std::vector<Document>& documents,
                    const std::string& /*version*/) const override {
    std::string text;
    for (const Document& document : documents) {
      if (!text.empty()) text += '\n';
      text += "## " + inline_text(document.title) + "\n";
      for (const Block& block : document.blocks) {
        text += '\n' + std::visit([](const auto& part) { return markdown_of(part); }, block);
      }
    }
    return text.empty() ? "No runs.\n" : text;
  }
};

constexpr const char* description = "GitHub's dialect, for issues, pages and notebooks";
const Registration<DocumentWriter, MarkdownDocuments> of_documents{"markdown", description};
const Registration<Writer, ReportWriter<MarkdownDocuments>> of_reports{"markdown", description};

}  // namespace
}  // namespace wattention
