#pragma once

// A table in plain text that never is wider than a page of 100 columns.
//
// The first column is elastic: it gets what the others leave, and its cells wrap at spaces, so
// that names stay whole. A cell in another column is shortened to that column's `widest`; these
// and the gaps must leave room for the first, else the constructor throws Error. Cells hold text
// that went through printable().

#include <cstddef>
#include <string>
#include <vector>

namespace wattention {

inline constexpr std::size_t page_columns = 100;

class Columns {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
    std::size_t widest = 0;  // ignored for the first
  };

  explicit Columns(std::vector<Column> columns);

  /// As many cells as there are columns; throws Error otherwise.
  void row(std::vector<std::string> cells);
  /// A line of dashes across the table.
  void rule();
  /// A line across the table, shortened to the page.
  void line(std::string text);

  /// Titles, a rule and the lines; neither of the first two where all titles are empty.
  std::string text() const;

 private:
  enum class Kind { row, rule, line };
  struct Line {
    Kind kind = Kind::row;
    std::vector<std::string> cells;
  };

  std::vector<std::size_t> widths() const;
  void write_row(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                 std::string& out) const;

  std::vector<Column> columns_;
  std::vector<Line> lines_;
};

}  // namespace wattention
