// Writer "html": one page that opens from disk, without a network. What follows from prices is
// drawn by its scripts (reports/page/), so that a reader may change them; without scripts the page
// shows the same tables as the other formats.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reports/document/document_parts.hpp"
#include "reports/document/document_writer.hpp"
#include "reports/document/phrases.hpp"
#include "reports/findings/rankings.hpp"
#include "reports/page/page_files.hpp"
#include "reports/page/page_model.hpp"
#include "reports/wording/typography.hpp"
#include "reports/wording/utf8.hpp"
#include "sim/error.hpp"

namespace wattention {
namespace {

std::string html_text(std::string_view text) {
  return escaped(text, [](char32_t c) -> std::string {
    switch (c) {
      case U'<':
        return "&lt;";
      case U'>':
        return "&gt;";
      case U'&':
        return "&amp;";
      case U'"':
        return "&quot;";
      case U'\'':
        return "&#39;";
      default:
        return "";
    }
  });
}

std::string_view page_file(std::string_view name) {
  const auto files = page_files();
  const auto file = std::ranges::find(files, name, &ShippedText::name);
  if (file == files.end())
    throw Error(fmt::format("html: expected the page's {}, found none", name));
  return file->text;
}

std::string scripts() {
  constexpr std::array<std::string_view, 12> names{"numbers",    "dom",     "model",  "axes",
                                                   "bars",       "points",  "curves", "tables",
                                                   "comparison", "details", "prices", "page"};
  std::string text;
  for (const std::string_view name : names) text += page_file(name);
  return text;
}

/// JSON in which nothing ends the script element around it.
std::string embedded(const nlohmann::ordered_json& json) {
  constexpr bool ascii_only = false;
  const std::string text =
      json.dump(-1, ' ', ascii_only, nlohmann::ordered_json::error_handler_t::replace);
  std::string result;
  for (const char c : text) {
    if (c == '<') {
      result += "\\u003c";
    } else {
      result += c;
    }
  }
  return result;
}

std::string heading_text(const std::string& title) {
  return title.empty() ? "" : fmt::format("<h2>{}</h2>\n", html_text(capitalised(title)));
}

constexpr std::string_view priced_class = " class=\"priced\"";

/// Facts that other prices would change are marked, for the page to hide.
std::string html_of(const Facts& facts) {
  const bool all_priced = std::ranges::all_of(facts.items, &Fact::priced);
  std::string text = fmt::format("<section{}>\n{}<dl class=\"facts\">\n",
                                 all_priced ? priced_class : "", heading_text(facts.title));
  for (const Fact& fact : facts.items) {
    const std::string name = facts.title.empty() ? capitalised(fact.name) : fact.name;
    const std::string_view kind = fact.priced ? priced_class : "";
    text += fmt::format("<dt{0}>{1}</dt><dd{0}>{2}</dd>\n", kind, html_text(name),
                        html_text(facts.findings ? typographic(fact.value) : fact.value));
  }
  return text + "</dl>\n</section>\n";
}

std::string cell_text(const std::string& cell, const Column& column) {
  return html_text(column.kind == Column::Kind::number ? typographic(cell) : cell);
}

std::string row_text(const Row& row, const Table& table) {
  if (row.kind == Row::Kind::rule) return "";
  std::string text = "<tr>";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    if (column.kind == Column::Kind::bar) continue;
    const std::string cell = i < row.cells.size() ? cell_text(row.cells[i], column) : "";
    const std::string_view kind = column.kind == Column::Kind::number ? " class=\"number\""
                                  : column.kind == Column::Kind::note ? " class=\"wide\""
                                                                      : "";
    text += i == 0 ? fmt::format("<th scope=\"row\">{}{}</th>", row.indented ? "&emsp;" : "", cell)
                   : fmt::format("<td{}>{}</td>", kind, cell);
  }
  return text + "</tr>\n";
}

std::string html_of(const Table& table) {
  std::string text =
      fmt::format("<div class=\"scroll\"><table>\n<caption>{}</caption>\n<thead><tr>",
                  html_text(table.caption));
  for (const Column& column : table.columns) {
    if (column.kind == Column::Kind::bar) continue;
    const bool number = column.kind == Column::Kind::number;
    text += fmt::format("<th scope=\"col\"{}>{}</th>", number ? " class=\"number\"" : "",
                        html_text(column.title));
  }
  text += "</tr></thead>\n<tbody>\n";
  for (const Row& row : table.rows) text += row_text(row, table);
  text += "</tbody></table></div>\n";
  if (!table.legend.empty()) {
    text += fmt::format("<p class=\"note\">{}</p>\n", html_text(table.legend));
  }
  return text;
}

std::string html_of(const List& list) {
  std::string text = "<section>\n" + heading_text(list.title) + "<ul>\n";
  for (const std::string& item : list.items) {
    text += fmt::format("<li>{}</li>\n", html_text(list.findings ? typographic(item) : item));
  }
  return text + "</ul>\n</section>\n";
}

/// Whether the scripts show the block in their own way.
bool is_live(const Block& block) {
  if (const auto* const list = std::get_if<List>(&block)) {
    return list->findings || list->title == sources_title;
  }
  return std::holds_alternative<Table>(block);
}

std::string live_part(std::string_view name, std::string_view title) {
  const std::string heading = title.empty() ? "" : fmt::format("<h2>{}</h2>\n", title);
  return fmt::format(
      "<section class=\"needs-script\">\n{0}<div class=\"{1}\" data-part=\"{1}\"></div>\n"
      "</section>\n",
      heading, name);
}

std::string section_text(const Document& document, std::size_t number, bool alone) {
  std::string head;
  std::string rest;
  std::string without_scripts;
  for (const Block& block : document.blocks) {
    const std::string text = std::visit([](const auto& part) { return html_of(part); }, block);
    const bool is_head = &block == &document.blocks.front() && std::holds_alternative<Facts>(block);
    (is_head ? head : is_live(block) ? without_scripts : rest) += text;
  }
  return fmt::format("<article data-section=\"{}\">\n<h1>{}</h1>\n{}", number,
                     html_text(document.title), head) +
         live_part("summary", "") + live_part("comparison", alone ? "Figures" : "Comparison") +
         live_part("charts", "Where the energy goes") + live_part("traffic", "Memory") +
         live_part("operations", "Operations") +
         live_part("reconciliation", "Reconciliation with the published accounting") + rest +
         "<noscript>\n" + without_scripts + "</noscript>\n</article>\n";
}

/// What several cost tables say together: prices that a reader changes do not reach it.
std::string rankings_text(const Report& report) {
  const std::optional<Rankings> rankings = rankings_of(report);
  if (!rankings) return "";
  Document document;
  add_rankings(document, *rankings);
  std::string text;
  for (const Block& block : document.blocks) {
    text += std::visit([](const auto& part) { return html_of(part); }, block);
  }
  return fmt::format("<article{}>\n<h1>Cost tables compared</h1>\n{}</article>\n", priced_class,
                     text);
}

/// The page around `body`.
std::string html_page(std::string_view title, std::string_view version, std::string_view body) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; "
      "form-action 'none'\">\n"
      "<title>{0} - Wattention</title>\n<style>\n{1}</style>\n</head>\n<body>\n"
      "<p class=\"brand\">Wattention {2}</p>\n{3}</body>\n</html>\n",
      html_text(title), page_file("style"), html_text(version), body);
}

/// Documents that are no report of runs: a page without scripts.
class HtmlDocuments final : public DocumentWriter {
 public:
  std::string write(const std::vector<Document>& documents,
                    const std::string& version) const override {
    std::string body = documents.empty() ? "<main>\n<p>No runs.</p>\n" : "<main>\n";
    for (const Document& document : documents) {
      body += fmt::format("<article>\n<h1>{}</h1>\n", html_text(document.title));
      for (const Block& block : document.blocks) {
        body += std::visit([](const auto& part) { return html_of(part); }, block);
      }
      body += "</article>\n";
    }
    return html_page(
        documents.empty() ? "Wattention report" : documents.front().title, version,
        body + "</main>\n<footer>Written by Wattention " + html_text(version) + ".</footer>\n");
  }
};

class HtmlWriter final : public Writer {
 public:
  std::string write(const Report& report) const override {
    const std::vector<Report> parts = page_sections(report);
    std::string title = "Wattention report";
    std::string sections = rankings_text(report);
    for (std::size_t number = 0; number < parts.size(); ++number) {
      const Document document = documents_of(parts[number]).front();
      if (number == 0) title = document.title;
      sections += section_text(document, number,
                               parts[number].runs.size() + parts[number].networks.size() == 1);
    }
    if (sections.empty()) sections = "<p>No runs.</p>\n";
    return html_page(
        title, report.version,
        fmt::format(
            "<div id=\"banner\" role=\"status\"></div>\n"
            "<div class=\"page\">\n<aside id=\"panel\" "
            "aria-label=\"Prices\"></aside>\n<main>\n{0}{1}"
            "</main>\n</div>\n"
            "<footer>Written by Wattention {2}: attentions are executed, every operation is "
            "counted and priced. Energies are counts times prices.</footer>\n"
            "<script type=\"application/json\" id=\"report-data\">{3}</script>\n"
            "<script>\n{4}</script>\n",
            sections, live_part("sources", "Sources of the prices"), html_text(report.version),
            embedded(page_model(parts)), scripts()));
  }
};

const Registration<DocumentWriter, HtmlDocuments> of_documents{
    "html", "one page that opens from disk, without a network"};
const Registration<Writer, HtmlWriter> of_reports{
    "html", "one page with charts, in which prices can be changed; opens from disk"};

}  // namespace
}  // namespace wattention
