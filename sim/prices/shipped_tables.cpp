#include "sim/prices/shipped_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/error.hpp"
#include "sim/files/json_cursor.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

struct Renamed {
  std::string_view before, now, reason;
};
constexpr std::array<Renamed, 1> renamed{
    {{"tpuv4i-7nm", "jouppi-7nm",
      "it holds the 7 nm prices of the paper's Table 2, not the memory of the chip TPUv4i"}}};

const Renamed* renaming_of(std::string_view name) {
  const auto* const found = std::ranges::find(renamed, name, &Renamed::before);
  return found == renamed.end() ? nullptr : found;
}

}  // namespace

std::string_view current_table_name(std::string_view name) {
  const Renamed* const other = renaming_of(name);
  return other == nullptr ? name : other->now;
}

std::string note_on_table_name(std::string_view name) {
  const Renamed* const other = renaming_of(name);
  if (other == nullptr) return "";
  return fmt::format("the cost table {} is called {} now: {}", other->before, other->now,
                     other->reason);
}

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
    if (table.name == current_table_name(name_or_path)) {
      return parse_json(table.text, fmt::format("energy_tables/{}.json", table.name));
    }
  }
  throw InputError("table", one_of(shipped_table_names(), name_or_path), in_quotes(name_or_path));
}

}  // namespace wattention
