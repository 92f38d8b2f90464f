#include "reports/formats/columns.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "reports/wording/printable.hpp"
#include "sim/error.hpp"

namespace wattention {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest_first = 10;

std::string padded(std::string_view text, std::size_t width, Columns::Align align) {
  const std::string cell = shortened(text, width);
  const std::string padding(width - width_of(cell), ' ');
  return align == Columns::Align::left ? cell + padding : padding + cell;
}

void end_line(std::string& out) {
  while (!out.empty() && out.back() == ' ') out.pop_back();
  out += '\n';
}

}  // namespace

Columns::Columns(std::vector<Column> columns) : columns_(std::move(columns)) {
  std::size_t width = narrowest_first;
  for (std::size_t i = 1; i < columns_.size(); ++i) width += gap + columns_[i].widest;
  if (columns_.empty() || width > page_columns) {
    throw Error("table of a report: expected columns that fit a page, found wider ones");
  }
}

void Columns::row(std::vector<std::string> cells) {
  if (cells.size() != columns_.size()) {
    throw Error("table of a report: expected one cell a column, found another number");
  }
  lines_.push_back({Kind::row, std::move(cells)});
}

void Columns::rule() { lines_.push_back({Kind::rule, {}}); }

void Columns::line(std::string text) { lines_.push_back({Kind::line, {std::move(text)}}); }

std::string Columns::text() const {
  const std::vector<std::size_t> width = widths();
  const std::size_t total = std::accumulate(width.begin(), width.end(), gap * (width.size() - 1));
  std::string out;
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  if (std::any_of(titles.begin(), titles.end(), [](const auto& title) { return !title.empty(); })) {
    write_row(titles, width, out);
    out += std::string(total, '-') + '\n';
  }
  for (const Line& line : lines_) {
    switch (line.kind) {
      case Kind::row:
        write_row(line.cells, width, out);
        break;
      case Kind::rule:
        out += std::string(total, '-') + '\n';
        break;
      case Kind::line:
        out += shortened(line.cells.front(), page_columns);
        end_line(out);
        break;
    }
  }
  return out;
}

std::vector<std::size_t> Columns::widths() const {
  std::vector<std::size_t> width;
  for (const Column& column : columns_) width.push_back(width_of(column.title));
  for (const Line& line : lines_) {
    if (line.kind != Kind::row) continue;
    for (std::size_t i = 0; i < width.size(); ++i) {
      width[i] = std::max(width[i], width_of(line.cells[i]));
    }
  }
  std::size_t others = 0;
  for (std::size_t i = 1; i < width.size(); ++i) {
    width[i] = std::min(width[i], columns_[i].widest);
    others += gap + width[i];
  }
  width.front() = std::min(width.front(), page_columns - others);
  return width;
}

void Columns::write_row(const std::vector<std::string>& cells,
                        const std::vector<std::size_t>& widths, std::string& out) const {
  const std::string_view name = cells.front();
  const std::size_t indent = std::min(name.find_first_not_of(' '), name.size());
  const std::string margin(std::min(indent, widths.front() - 1), ' ');
  const std::vector<std::string> first =
      wrapped(name.substr(indent), widths.front() - margin.size());
  for (std::size_t line = 0; line < first.size(); ++line) {
    out += padded(margin + first[line], widths.front(), columns_.front().align);
    for (std::size_t i = 1; line == 0 && i < cells.size(); ++i) {
      out += std::string(gap, ' ') + padded(cells[i], widths[i], columns_[i].align);
    }
    end_line(out);
  }
}

}  // namespace wattention
