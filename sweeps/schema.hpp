#pragma once

// The tables of a sweep's database. docs/sweeps.md describes them for those who query; what differs
// from these is no database of ours. Energies are picojoules as NAME_low and NAME_high, traffic
// bytes; a NULL energy or error is a number that is not finite.

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "reports/columns.hpp"

namespace wattention {

inline constexpr std::int64_t application_id = 0x57617474;  // "Watt"
inline constexpr std::int64_t schema_version = 2;

struct SchemaTable {
  std::string name;
  std::string sql;  // that makes it
};

const std::vector<SchemaTable>& schema();

/// The names of columns in a database, each after `prefix`.
template <class Line, class... Columns>
std::vector<std::string> names_in_database(const std::tuple<Columns...>& columns,
                                           const std::string& prefix = "") {
  std::vector<std::string> found;
  const Line line{};
  for_each_database_cell(columns, line, [&](const std::string& name, const auto& /*value*/) {
    found.push_back(prefix + name);
  });
  return found;
}

}  // namespace wattention
