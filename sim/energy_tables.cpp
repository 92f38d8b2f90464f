#include "sim/energy_tables.hpp"

#include <fmt/format.h>

#include "sim/error.hpp"
#include "sim/names.hpp"

namespace wattention {

std::vector<std::string> shipped_table_names() {
  std::vector<std::string> names;
  for (const ShippedText& table : shipped_tables()) names.emplace_back(table.name);
  return names;
}

EnergyTable find_table(std::string_view name_or_path) {
  return EnergyTable::read(find_table_document(name_or_path));
}

Json find_table_document(std::string_view name_or_path) {
  if (name_or_path.ends_with(".json") || name_or_path.find('/') != std::string_view::npos) {
    return load_json(name_or_path);
  }
  for (const ShippedText& table : shipped_tables()) {
    if (table.name == name_or_path) {
      return parse_json(table.text, fmt::format("energy_tables/{}.json", table.name));
    }
  }
  throw InputError("command line", "--table", one_of(shipped_table_names(), name_or_path),
                   in_quotes(name_or_path));
}

}  // namespace wattention
