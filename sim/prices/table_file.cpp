#include "sim/prices/table_file.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "sim/ledger/op.hpp"

namespace wattention {
namespace {

using Names = std::vector<std::string_view>;

const Names& keys_of_a_table() {
  static const Names keys{"schema_version", "name",   "title",       "note",       "node_nm",
                          "voltage_v",      "unit",   "unit_note",   "references", "array",
                          "operations",     "memory", "sram_points", "overheads"};
  return keys;
}

const Names& keys_within() {
  static const Names keys = [] {
    Names keys{"level",    "technology", "capacity_bytes", "access_bits", "interpolate",
               "rows",     "cols",       "energy_pj",      "compose",     "read_pj",
               "write_pj", "area_um2",   "source",         "kind",        "note"};
    keys.insert(keys.end(), names_of<Format>.begin(), names_of<Format>.end());
    keys.insert(keys.end(), names_of<Op>.begin(), names_of<Op>.end());
    return keys;
  }();
  return keys;
}

/// Keys in the order of `order`, then the others by name.
nlohmann::ordered_json ordered(const nlohmann::json& value, const Names& order) {
  if (value.is_array()) {
    nlohmann::ordered_json result = nlohmann::ordered_json::array();
    for (const nlohmann::json& element : value) result.push_back(ordered(element, keys_within()));
    return result;
  }
  if (!value.is_object()) return value;
  std::vector<std::string> keys;
  for (const auto& [key, member] : value.items()) keys.push_back(key);
  std::ranges::stable_sort(keys, {}, [&order](const std::string& key) {
    return std::ranges::find(order, key) - order.begin();
  });
  nlohmann::ordered_json result = nlohmann::ordered_json::object();
  for (const std::string& key : keys) result[key] = ordered(value[key], keys_within());
  return result;
}

}  // namespace

std::string table_file_text(const nlohmann::json& table) {
  constexpr int indent = 2;
  constexpr bool ascii_only = false;
  return ordered(table, keys_of_a_table())
             .dump(indent, ' ', ascii_only, nlohmann::ordered_json::error_handler_t::replace) +
         "\n";
}

}  // namespace wattention
