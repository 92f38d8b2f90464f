#include "sweeps/query.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "app/terminal.hpp"
#include "reports/wording/printable.hpp"
#include "sim/error.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

struct QueryCommand {
  std::string database, sql;
  std::string format = "text";
};

/// As it reads back exactly; "" for NULL.
std::string shown(const QueryValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return fmt::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value)) return fmt::to_string(*real);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return "";
}

/// Control characters would leave their cell, or the terminal's state.
std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

void print_text(Query& query) {
  struct Cell {
    std::string text;
    bool number;
  };
  std::vector<std::vector<Cell>> rows;
  std::vector<std::size_t> widths;
  for (const std::string& column : query.columns()) widths.push_back(width_of(one_line(column)));
  std::vector<QueryValue> row;
  while (query.next(row)) {
    std::vector<Cell>& cells = rows.emplace_back();
    for (std::size_t c = 0; c < row.size(); ++c) {
      const bool text = std::holds_alternative<std::string>(row[c]);
      cells.push_back({one_line(shown(row[c])), !text});
      widths[c] = std::max(widths[c], width_of(cells[c].text));
    }
  }
  const auto line_of = [&widths](const auto& text_at, const auto& right_at) {
    std::string line;
    for (std::size_t c = 0; c < widths.size(); ++c) {
      const std::string text = text_at(c);
      const std::string space(widths[c] - width_of(text), ' ');
      if (c > 0) line += "  ";
      line += right_at(c) ? space + text : text + space;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
  };
  const auto right = [&rows](std::size_t c) { return !rows.empty() && rows.front()[c].number; };
  const std::string heading =
      line_of([&](std::size_t c) { return one_line(query.columns()[c]); }, right);
  fmt::print("{}\n", bold(heading, stdout));
  for (const auto& cells : rows) {
    fmt::print("{}\n", line_of([&](std::size_t c) { return cells[c].text; },
                               [&](std::size_t c) { return cells[c].number; }));
  }
}

/// RFC 4180.
std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

void print_csv(Query& query) {
  const auto print_row = [](const auto& values, const auto& text_of) {
    std::vector<std::string> cells;
    cells.reserve(values.size());
    for (const auto& value : values) cells.push_back(csv_cell(text_of(value)));
    fmt::print("{}\r\n", fmt::join(cells, ","));
  };
  print_row(query.columns(), [](const std::string& text) { return text; });
  std::vector<QueryValue> row;
  while (query.next(row)) print_row(row, shown);
}

void print_json(Query& query) {
  using Json = nlohmann::ordered_json;
  Json rows = Json::array();
  std::vector<QueryValue> row;
  while (query.next(row)) {
    Json& values = rows.emplace_back(Json::array());
    for (const QueryValue& value : row) {
      if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        values.push_back(*integer);
      } else if (const auto* real = std::get_if<double>(&value)) {
        values.push_back(std::isfinite(*real) ? Json(*real) : Json(nullptr));
      } else if (const auto* text = std::get_if<std::string>(&value)) {
        values.push_back(*text);
      } else {
        values.push_back(nullptr);
      }
    }
  }
  const Json document{{"columns", query.columns()}, {"rows", std::move(rows)}};
  constexpr bool ascii_only = false;
  std::cout << document.dump(-1, ' ', ascii_only, Json::error_handler_t::replace) << '\n';
}

void do_query(const QueryCommand& o) {
  Query query(o.database, o.sql);
  if (o.format == "csv") {
    print_csv(query);
  } else if (o.format == "json") {
    print_json(query);
  } else {
    print_text(query);
  }
}

}  // namespace

void add_query(Command program) {
  Command command = program.subcommand("query", "Run SQL on the database of a sweep.");
  const auto state = std::make_shared<QueryCommand>();
  QueryCommand& o = *state;
  command.option("sql", &o.sql, "One SELECT. docs/sweeps.md describes the tables.").required();
  command.option("--database", &o.database, "SQLite file that `sweep` made.").required();
  command.option("--format", &o.format, "Format of the answer: text (default), csv or json.")
      .choices({"text", "csv", "json"});
  command.footer(
      "Example: wattention query --database sweep.sqlite \"SELECT label, queries, total_pj_high "
      "FROM runs ORDER BY total_pj_high LIMIT 5\"");
  command.on_run([state] { do_query(*state); });
}

}  // namespace wattention
