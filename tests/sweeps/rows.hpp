#pragma once

// Everything that a sweep's database holds but ids, which depend on the order of storing, and this
// machine's times.

#include <algorithm>
#include <string>
#include <vector>

#include "sweeps/query.hpp"

namespace wattention {

inline std::string text_of(const QueryValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value)) return std::to_string(*real);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return "NULL";
}

inline std::vector<std::string> rows_of(const std::string& database) {
  const std::vector<std::string> left_out{"id", "run", "table_id", "price", "host_seconds"};
  std::vector<std::string> rows;
  std::vector<std::string> queries{
      "SELECT content, runs.* FROM runs JOIN tables ON tables.id = table_id",
      "SELECT content, name, title, node_nm, unit, unit_note FROM tables"};
  for (const std::string table : {"operations", "traffic"}) {
    queries.push_back("SELECT key, source, prices.kind, x.* FROM " + table +
                      " x JOIN runs ON runs.id = run JOIN prices ON prices.id = price");
  }
  for (const std::string table : {"options", "errors", "layers", "notes"}) {
    queries.push_back("SELECT key, x.* FROM " + table + " x JOIN runs ON runs.id = run");
  }
  for (const std::string& sql : queries) {
    Query query(database, sql);
    std::vector<QueryValue> values;
    while (query.next(values)) {
      std::string row = sql;
      for (std::size_t c = 0; c < values.size(); ++c) {
        if (std::ranges::find(left_out, query.columns()[c]) != left_out.end()) continue;
        row += "|" + text_of(values[c]);
      }
      rows.push_back(row);
    }
  }
  std::ranges::sort(rows);
  return rows;
}

}  // namespace wattention
