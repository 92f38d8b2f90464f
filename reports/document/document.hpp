#pragma once

// A report as facts, tables and lists: what it says, apart from how a format sets it.
//
// documents_of() finds the words once, for text, Markdown, LaTeX and HTML alike. Numbers are
// written for people (reports/wording/numbers.hpp). Nothing is escaped: names, titles and notes are
// those of users' files, byte by byte, and each format makes them harmless in its own way.

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "reports/report.hpp"

namespace wattention {

struct Fact {
  std::string name;
  std::string value;
  bool priced = false;  // it would be another with other prices
  bool operator==(const Fact&) const = default;
};

/// Names and values, one a line.
struct Facts {
  std::string title;  // "" at the head and the end of a report; else names are labels of runs
  std::vector<Fact> items;
  bool findings = false;  // values are our own sentences, with numbers in them
};

struct Column {
  enum class Kind {
    name,
    text,
    number,
    bar,
    note
  };  // a note: sentences, in plain text under the row
  std::string title;
  Kind kind = Kind::text;
  std::size_t widest = 0;  // letters in plain text; the first column takes what is left there
};

struct Row {
  enum class Kind { cells, rule, heading };
  Kind kind = Kind::cells;
  std::vector<std::string> cells = {};  // one a column; one in all for a heading
  bool indented = false;                // belongs to the row above that is not
};

struct Table {
  std::string caption;
  std::string corner;  // over the first column in plain text, instead of a caption; "": caption
  std::vector<Column> columns;
  std::vector<Row> rows;
  std::string legend;

  void row(std::vector<std::string> cells, bool indented = false) {
    rows.push_back({Row::Kind::cells, std::move(cells), indented});
  }
  void rule() { rows.push_back({Row::Kind::rule}); }
  void heading(std::string text) { rows.push_back({Row::Kind::heading, {std::move(text)}}); }
};

struct List {
  std::string title;
  std::vector<std::string> items;
  bool findings = false;  // as of Facts
};

using Block = std::variant<Facts, Table, List>;

/// What is told of a report, or of anything else that has facts and tables.
struct Document {
  std::string title;
  std::vector<Block> blocks;
};

/// One of the runs, one of the networks, where there are any. A run or a network alone is told in
/// full, several stand side by side. Facts and lists that are empty are left out.
std::vector<Document> documents_of(const Report& report);

}  // namespace wattention
