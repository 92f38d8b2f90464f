// Writer "latex": a document that pdflatex compiles as it stands, with booktabs tables to paste
// into papers. A table of more rows than fit a page is a longtable.

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "reports/document/document_writer.hpp"
#include "reports/formats/latex_text.hpp"
#include "reports/wording/printable.hpp"
#include "reports/wording/typography.hpp"

namespace wattention {
namespace {

constexpr std::size_t page_rows = 36;

std::string cell_text(const std::string& cell, const Column& column) {
  return latex_text(column.kind == Column::Kind::number ? typographic(cell) : cell);
}

bool has_notes(const Table& table) {
  return std::ranges::count(table.columns, Column::Kind::note, &Column::kind) > 0;
}

/// The column that takes what the others leave: that of the notes, else the first.
std::size_t elastic_column(const Table& table) {
  if (!has_notes(table)) return 0;
  const auto notes = std::ranges::find(table.columns, Column::Kind::note, &Column::kind);
  return static_cast<std::size_t>(notes - table.columns.begin());
}

/// "@{}lrr@{}"; the elastic column is a paragraph where its cells are too wide for the page.
std::string column_format(const Table& table) {
  constexpr std::size_t page_letters = 104;  // at footnote size
  constexpr std::size_t gap = 3;
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    std::size_t width = width_of(table.columns[i].title);
    for (const Row& row : table.rows) {
      if (row.kind == Row::Kind::cells) width = std::max(width, width_of(row.cells[i]));
    }
    widths.push_back(table.columns[i].kind == Column::Kind::bar ? 0 : width + gap);
  }
  const std::size_t elastic = elastic_column(table);
  std::size_t others = 0;
  for (std::size_t i = 0; i < widths.size(); ++i) others += i == elastic ? 0 : widths[i];
  constexpr std::size_t narrowest = 24;
  const std::size_t room = std::max(page_letters - std::min(others, page_letters), narrowest);
  const std::string of_elastic =
      widths[elastic] <= room
          ? "l"
          : fmt::format(">{{\\raggedright\\arraybackslash\\hangindent=2em}}p{{{:.2f}\\textwidth}}",
                        static_cast<double>(room) / static_cast<double>(page_letters));
  std::string format;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].kind == Column::Kind::bar) continue;
    const bool number = i > 0 && table.columns[i].kind == Column::Kind::number;
    format += i == elastic ? of_elastic : number ? "r" : "l";
  }
  return "@{}" + format + "@{}";
}

std::string titles_text(const Table& table) {
  std::string text;
  for (const Column& column : table.columns) {
    if (column.kind == Column::Kind::bar) continue;
    text += (&column == &table.columns.front() ? "" : " & ") + latex_text(column.title);
  }
  return text + " \\\\\n";
}

std::string row_text(const Row& row, const Table& table) {
  if (row.kind == Row::Kind::rule) return "\\midrule\n";
  if (row.kind == Row::Kind::heading) {
    const auto bars = std::ranges::count(table.columns, Column::Kind::bar, &Column::kind);
    return fmt::format("\\multicolumn{{{}}}{{@{{}}l}}{{\\textit{{{}}}}} \\\\\n",
                       table.columns.size() - static_cast<std::size_t>(bars),
                       latex_text(row.cells.front()));
  }
  std::string text = row.indented ? "\\quad " : "";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].kind == Column::Kind::bar) continue;
    text += (i == 0 ? "" : " & ") + cell_text(row.cells[i], table.columns[i]);
  }
  return text + " \\\\\n";
}

/// Over pages where it is long, or its notes may be; floating tables come to their places before
/// it.
std::string latex_of(const Table& table) {
  const std::string caption = latex_text(table.caption);
  std::string rows;
  for (const Row& row : table.rows) rows += row_text(row, table);
  const std::string legend = table.legend.empty()
                                 ? ""
                                 : "\\par\\smallskip\n\\parbox{0.85\\textwidth}{\\centering " +
                                       latex_text(table.legend) + "}\n";
  if (table.rows.size() > page_rows || has_notes(table)) {
    return fmt::format(
        "\\clearpage\n\\begingroup\\footnotesize\n\\begin{{longtable}}{{{0}}}\n\\caption{{{1}}} "
        "\\\\\n"
        "\\toprule\n{2}\\midrule\n\\endfirsthead\n\\toprule\n{2}"
        "\\midrule\n\\endhead\n\\bottomrule\n"
        "\\endfoot\n{3}\\end{{longtable}}\n\\begin{{center}}{4}\\end{{center}}\n\\endgroup\n",
        column_format(table), caption, titles_text(table), rows, legend);
  }
  return fmt::format(
      "\\begin{{table}}[!htbp]\n\\centering\\footnotesize\n\\caption{{{}}}\n"
      "\\begin{{tabular}}{{{}}}\n\\toprule\n{}\\midrule\n{}\\bottomrule\n\\end{{tabular}}\n{}"
      "\\end{{table}}\n",
      caption, column_format(table), titles_text(table), rows, legend);
}

std::string heading_text(const std::string& title) {
  return title.empty() ? "" : "\\subsection*{" + latex_text(capitalised(title)) + "}\n";
}

std::string latex_of(const Facts& facts) {
  std::string text =
      heading_text(facts.title) + "\\begin{description}\n\\setlength{\\itemsep}{0pt}\n";
  for (const Fact& fact : facts.items) {
    const std::string name = facts.title.empty() ? capitalised(fact.name) : fact.name;
    text += fmt::format("\\item[{{{}}}] {}\n", latex_text(name),
                        latex_text(facts.findings ? typographic(fact.value) : fact.value));
  }
  return text + "\\end{description}\n";
}

std::string latex_of(const List& list) {
  std::string text = heading_text(list.title) + "\\begin{itemize}\n\\setlength{\\itemsep}{0pt}\n";
  for (const std::string& item : list.items) {
    text += "\\item {}" + latex_text(list.findings ? typographic(item) : item) + "\n";
  }
  return text + "\\end{itemize}\n";
}

std::string latex_of(const Document& document) {
  constexpr std::size_t most_floating = 8;  // LaTeX keeps few tables waiting for a place
  std::string text = "\n\\section*{" + latex_text(document.title) + "}\n";
  std::size_t floating = 0;
  for (const Block& block : document.blocks) {
    text += '\n' + std::visit([](const auto& part) { return latex_of(part); }, block);
    if (std::holds_alternative<Table>(block) && ++floating % most_floating == 0) {
      text += "\\clearpage\n";
    }
  }
  return text;
}

class LatexDocuments final : public DocumentWriter {
 public:
  std::string write(const std::vector<Document>& documents,
                    const std::string& version) const override {
    std::string text = fmt::format(
        "% Written by Wattention {}. The tables need \\usepackage{{booktabs}}, those over pages\n"
        "% \\usepackage{{longtable}}, those with long names \\usepackage{{array}}.\n"
        "\\documentclass[a4paper]{{article}}\n\\usepackage[utf8]{{inputenc}}\n"
        "\\usepackage[margin=2cm]{{geometry}}\n\\usepackage{{array,booktabs,longtable}}\n"
        "\\setlength{{\\belowcaptionskip}}{{4pt}}\n"
        "\\begin{{document}}\n",
        latex_text(version));
    for (const Document& document : documents) text += latex_of(document);
    if (documents.empty()) text += "No runs.\n";
    return text + "\n\\end{document}\n";
  }
};

constexpr const char* description = "booktabs tables in a document that pdflatex compiles";
const Registration<DocumentWriter, LatexDocuments> of_documents{"latex", description};
const Registration<Writer, ReportWriter<LatexDocuments>> of_reports{"latex", description};

}  // namespace
}  // namespace wattention
