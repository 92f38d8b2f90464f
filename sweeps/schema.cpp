#include "sweeps/schema.hpp"

#include <concepts>
#include <optional>

namespace wattention {
namespace {

constexpr std::string_view type_of(const std::string&) { return "TEXT NOT NULL"; }
constexpr std::string_view type_of(std::uint64_t) { return "INTEGER NOT NULL"; }
constexpr std::string_view type_of(bool) { return "INTEGER NOT NULL"; }
constexpr std::string_view type_of(double) { return "REAL"; }
constexpr std::string_view type_of(const std::optional<double>&) { return "REAL"; }

enum class Presence { always, of_one_kind };  // of attentions alone, or of networks

/// "  heads INTEGER NOT NULL,\n" for every column of a line.
template <class Line, class... Columns>
std::string columns_of(const std::tuple<Columns...>& columns,
                       Presence presence = Presence::always) {
  std::string sql;
  const Line line{};
  for_each_database_cell(columns, line, [&](const std::string& name, const auto& value) {
    std::string_view type = type_of(value);
    if (presence == Presence::of_one_kind) type = type.substr(0, type.find(' '));
    sql += "  " + name + " " + std::string(type) + ",\n";
  });
  return sql;
}

SchemaTable table(const std::string& name, std::string columns, const char* after = "") {
  return {name, "CREATE TABLE " + name + " (\n" + columns + ") STRICT" + after};
}

/// Without the comma after the last column.
std::string ended(std::string columns) {
  columns.erase(columns.size() - 2, 1);
  return columns;
}

/// A table whose rows are numbered within their run.
SchemaTable table_of_lines(const std::string& name, const std::string& columns) {
  return table(name,
               "  run INTEGER NOT NULL REFERENCES runs(id),\n"
               "  position INTEGER NOT NULL,\n" +
                   columns + "  PRIMARY KEY (run, position)\n",
               ", WITHOUT ROWID");
}

std::vector<SchemaTable> all_tables() {
  const std::string price = "  price INTEGER NOT NULL REFERENCES prices(id),\n";
  return {
      table("tables", ended("  id INTEGER PRIMARY KEY,\n"
                            "  content TEXT NOT NULL UNIQUE,\n" +
                            columns_of<Result::Table>(table_columns))),
      table("runs", ended("  id INTEGER PRIMARY KEY,\n"
                          "  key TEXT NOT NULL UNIQUE,\n"
                          "  configuration TEXT NOT NULL,\n"
                          "  position INTEGER NOT NULL,\n"
                          "  tool_version TEXT NOT NULL,\n"
                          "  table_id INTEGER NOT NULL REFERENCES tables(id),\n"
                          "  kind TEXT NOT NULL CHECK (kind IN ('attention', 'network')),\n"
                          "  network TEXT,\n"
                          "  attention TEXT NOT NULL,\n"
                          "  label TEXT NOT NULL,\n" +
                          columns_of<Result>(result_columns) +
                          columns_of<Run::Shape>(shape_columns, Presence::of_one_kind) +
                          columns_of<NetworkRun>(network_columns, Presence::of_one_kind) +
                          columns_of<Result>(totals_columns) + columns_of<Energy>(energy_columns) +
                          columns_of<Result>(figure_columns))),
      table_of_lines(
          "options",
          "  name TEXT NOT NULL,\n"
          "  type TEXT NOT NULL CHECK (type IN ('boolean', 'integer', 'real', 'text')),\n"
          "  value ANY,\n"),
      table("prices",
            "  id INTEGER PRIMARY KEY,\n"
            "  kind TEXT NOT NULL,\n"
            "  source TEXT NOT NULL,\n"
            "  UNIQUE (kind, source)\n"),
      table_of_lines("operations", columns_of<OperationLine>(operation_columns) + price),
      table_of_lines("traffic", columns_of<TrafficLine>(traffic_columns) + price),
      table("errors", ended("  run INTEGER PRIMARY KEY REFERENCES runs(id),\n" +
                            columns_of<OutputError>(error_columns))),
      table_of_lines("layers", columns_of<LayerLine>(layer_columns)),
      table_of_lines("notes", "  note TEXT NOT NULL,\n")};
}

}  // namespace

const std::vector<SchemaTable>& schema() {
  static const std::vector<SchemaTable> tables = all_tables();
  return tables;
}

}  // namespace wattention
