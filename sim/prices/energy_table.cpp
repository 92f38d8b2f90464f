#include "sim/prices/energy_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/files/json_cursor.hpp"
#include "sim/names.hpp"
#include "sim/prices/table_fields.hpp"
#include "sim/prices/table_memory.hpp"
#include "sim/prices/table_operations.hpp"

namespace wattention {
namespace {

void demand_version(const JsonCursor& version) {
  const std::uint64_t number = version.unsigned_integer(1);
  if (number != 1) {
    version.fail("1, the version that this program reads", fmt::format("newer version {}", number));
  }
}

}  // namespace

std::string text_of(const Range& range) {
  return range.exact() ? fmt::format("{:.6g}", range.low)
                       : fmt::format("{:.6g}-{:.6g}", range.low, range.high);
}

EnergyTable EnergyTable::parse(std::string_view text, std::string_view file) {
  return read(parse_json(text, file));
}

EnergyTable EnergyTable::load(const std::filesystem::path& path) { return read(load_json(path)); }

EnergyTable EnergyTable::read(const Json& document) {
  const JsonCursor root(document);
  demand_version(root.required("schema_version"));
  root.only_keys({"schema_version", "name", "title", "note", "node_nm", "voltage_v", "unit",
                  "unit_note", "references", "array", "operations", "memory", "sram_points",
                  "overheads"});

  EnergyTable table;
  table.name_ = read_identifier(root.required("name"));
  table.title_ = read_text(root.required("title"));
  if (const auto note = root.optional("note")) table.note_ = read_text(*note);
  table.node_nm_ = read_positive(root.required("node_nm"));
  if (const auto voltage = root.optional("voltage_v")) table.voltage_v_ = read_positive(*voltage);
  if (const auto unit = root.optional("unit")) table.unit_ = unit->named<Unit>();
  if (table.unit_ == Unit::relative) table.unit_note_ = read_text(root.required("unit_note"));
  if (const auto note = root.optional("unit_note"); note && table.unit_ != Unit::relative) {
    note->fail("nothing, as the unit is pJ");
  }

  const References references = read_references(root.required("references"));
  table.references_ = references;
  table.prices_ = read_operations(root.required("operations"), references);
  std::vector<SramPoint> points;
  if (const auto listed = root.optional("sram_points")) {
    points = read_sram_points(*listed, references);
  }
  if (const auto memory = root.optional("memory")) {
    table.memory_ = read_memory(*memory, references, std::move(points));
  }
  if (const auto array = root.optional("array")) table.array_ = read_array(*array, references);
  if (const auto overheads = root.optional("overheads")) {
    table.overheads_ = read_overheads(*overheads, references);
  }
  return table;
}

}  // namespace wattention
