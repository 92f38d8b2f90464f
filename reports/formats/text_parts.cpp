#include "reports/formats/text_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "reports/formats/columns.hpp"
#include "reports/wording/printable.hpp"

namespace wattention {
namespace {

constexpr std::size_t name_columns = 13;

Columns columns_of(const Table& table) {
  std::vector<Columns::Column> columns;
  for (const Column& column : table.columns) {
    if (column.kind == Column::Kind::note) continue;
    const bool number = column.kind == Column::Kind::number;
    columns.push_back(
        {column.title, number ? Columns::Align::right : Columns::Align::left, column.widest});
  }
  if (!table.corner.empty()) columns.front().title = table.corner;
  return Columns(std::move(columns));
}

/// The cells of a row, and under them its notes.
void add_cells(Columns& columns, const Row& row, const Table& table) {
  constexpr std::size_t note_margin = 4;
  std::vector<std::string> cells;
  std::vector<std::string> notes;
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const bool is_note = table.columns[i].kind == Column::Kind::note;
    (is_note ? notes : cells).push_back(printable(row.cells[i]));
  }
  if (row.indented) cells.front().insert(0, "  ");
  columns.row(std::move(cells));
  for (const std::string& note : notes) {
    if (note.empty()) continue;
    for (const std::string& line : wrapped(note, page_columns - note_margin)) {
      columns.line(std::string(note_margin, ' ') + line);
    }
  }
}

}  // namespace

std::string heading(std::string_view title) {
  const std::string shown = shortened(printable(title), page_columns);
  return fmt::format("{}\n{}\n", shown, std::string(width_of(shown), '='));
}

std::string paragraph(std::string_view lead, std::string_view text) {
  std::string result;
  std::string margin(lead);
  for (const std::string& line : wrapped(printable(text), page_columns - width_of(lead))) {
    result += margin + line + '\n';
    margin.assign(width_of(lead), ' ');
  }
  return result;
}

std::string fact_line(const Fact& fact) {
  return paragraph(fmt::format("{:{}}", fact.name, name_columns), fact.value);
}

std::string text_of(const Facts& facts) {
  std::string text;
  if (facts.title.empty()) {
    for (const Fact& fact : facts.items) text += fact_line(fact);
    return text;
  }
  constexpr std::size_t widest_name = 40;
  std::size_t width = 0;
  for (const Fact& fact : facts.items) width = std::max(width, width_of(printable(fact.name)));
  width = std::min(width, widest_name);
  text = printable(facts.title) + '\n';
  for (const Fact& fact : facts.items) {
    const std::string name = shortened(printable(fact.name), width);
    text += paragraph("  " + name + std::string(width - width_of(name) + 2, ' '), fact.value);
  }
  return text;
}

std::string text_of(const Table& table) {
  Columns columns = columns_of(table);
  for (const Row& row : table.rows) {
    switch (row.kind) {
      case Row::Kind::rule:
        columns.rule();
        break;
      case Row::Kind::heading:
        columns.line(printable(row.cells.front()));
        break;
      case Row::Kind::cells:
        add_cells(columns, row, table);
        break;
    }
  }
  std::string text = table.corner.empty() ? paragraph("", table.caption) : "";
  text += columns.text();
  if (!table.legend.empty()) text += paragraph("", table.legend);
  return text;
}

std::string text_of(const List& list) {
  std::string text = list.title + '\n';
  for (const std::string& item : list.items) text += paragraph("  * ", item);
  return text;
}

}  // namespace wattention
