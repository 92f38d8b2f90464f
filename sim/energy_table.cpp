#include "sim/energy_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "sim/json_cursor.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

constexpr std::uint64_t widest_access_bits = 1U << 20;

using References = std::map<std::string, std::string, std::less<>>;

/// An operation's entry, before its composition is resolved.
struct Entry {
  Price price;
  std::optional<JsonCursor> compose;
  bool resolving = false;
};
using Entries = std::array<std::array<std::optional<Entry>, op_count>, format_count>;

std::vector<std::string> all(std::span<const std::string_view> names) {
  return {names.begin(), names.end()};
}

std::string text(const JsonCursor& cursor) {
  std::string result = cursor.string();
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (result.empty() || std::ranges::any_of(result, control)) {
    cursor.fail("text without control characters");
  }
  return result;
}

bool is_identifier(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, allowed);
}

constexpr std::string_view an_identifier =
    "a name of 1 to 64 letters, digits, points, underscores and hyphens";

std::string identifier(const JsonCursor& cursor) {
  std::string name = cursor.string();
  if (!is_identifier(name)) cursor.fail(an_identifier);
  return name;
}

double positive_number(const JsonCursor& cursor) {
  if (!cursor.is_number() || !(cursor.number() > 0.0)) cursor.fail("a number > 0");
  return cursor.number();
}

Range range(const JsonCursor& cursor) {
  if (!cursor.is_array()) return Range::exactly(cursor.non_negative_number());
  const std::vector<JsonCursor> ends = cursor.elements();
  if (ends.size() != 2) {
    cursor.fail("a range [low, high]", fmt::format("an array of {}", ends.size()));
  }
  const Range result{ends[0].non_negative_number(), ends[1].non_negative_number()};
  if (result.low > result.high) {
    cursor.fail("a range [low, high] with low <= high",
                fmt::format("[{}, {}]", result.low, result.high));
  }
  return result;
}

Kind kind(const JsonCursor& cursor) {
  const std::string name = cursor.string();
  const auto* const found = std::ranges::find(kind_names, name);
  if (found == kind_names.end()) cursor.fail(one_of(all(kind_names), name));
  return static_cast<Kind>(found - kind_names.begin());
}

/// Source, kind and note, which every priced thing has.
template <class Priced>
void read_provenance(const JsonCursor& cursor, const References& references, Priced& priced) {
  const JsonCursor source = cursor.required("source");
  const auto reference = references.find(source.string());
  if (reference == references.end()) {
    std::vector<std::string> known;
    for (const auto& [key, written_out] : references) known.push_back(key);
    source.fail(one_of(known, source.string()));
  }
  priced.source = reference->second;
  priced.kind = kind(cursor.required("kind"));
  if (const auto note = cursor.optional("note")) priced.note = text(*note);
}

References read_references(const JsonCursor& cursor) {
  References result;
  for (const auto& [key, member] : cursor.members()) {
    if (!is_identifier(key)) member.fail(an_identifier, "key " + in_quotes(key));
    result.emplace(key, text(member));
  }
  if (result.empty()) cursor.fail("at least one reference", "none");
  return result;
}

Op op_of(const JsonCursor& place, std::string_view name) {
  const std::optional<Op> op = op_named(name);
  if (!op) place.fail(one_of(all(op_names), name), "operation " + in_quotes(name));
  return *op;
}

Format format_of(const JsonCursor& place, std::string_view name) {
  const std::optional<Format> format = format_named(name);
  if (!format) place.fail(one_of(all(format_names), name), "format " + in_quotes(name));
  return *format;
}

Entry read_operation(const JsonCursor& cursor, const References& references) {
  cursor.only_keys({"energy_pj", "compose", "area_um2", "source", "kind", "note"});
  Entry entry;
  const auto energy = cursor.optional("energy_pj");
  entry.compose = cursor.optional("compose");
  if (energy && entry.compose) cursor.fail("either energy_pj or compose", "both");
  if (!energy && !entry.compose) cursor.fail("energy_pj or compose", "neither");
  if (energy) entry.price.energy_pj = range(*energy);
  if (const auto area = cursor.optional("area_um2")) {
    entry.price.area_um2 = area->non_negative_number();
  }
  read_provenance(cursor, references, entry.price);
  if (entry.compose && entry.price.kind == Kind::published) {
    cursor.required("kind").fail("derived or estimated, as its energy is composed");
  }
  return entry;
}

Entries read_operations(const JsonCursor& cursor, const References& references) {
  Entries entries;
  const auto formats = cursor.members();
  if (formats.empty()) cursor.fail("at least one format", "none");
  for (const auto& [format_name, operations] : formats) {
    auto& row = entries[static_cast<std::size_t>(format_of(operations, format_name))];
    const auto named_operations = operations.members();
    if (named_operations.empty()) operations.fail("at least one operation", "none");
    for (const auto& [op_name, operation] : named_operations) {
      const Op op = op_of(operation, op_name);
      row[static_cast<std::size_t>(op)] = read_operation(operation, references);
    }
  }
  return entries;
}

/// Sets the energy of `entry` to the sum of its parts, which are resolved first. The sum is taken
/// in the order of the keys, so that equal tables have equal energies to the last bit.
void resolve(Entries& entries, Format own_format, Entry& entry) {
  if (!entry.compose) return;
  const JsonCursor compose = *entry.compose;
  entry.resolving = true;
  Range total;
  for (const auto& [key, part] : compose.members()) {
    const std::size_t point = key.find('.');
    const bool named = point != std::string_view::npos;
    const Format format = named ? format_of(part, key.substr(0, point)) : own_format;
    const Op op = op_of(part, named ? key.substr(point + 1) : key);
    const double factor = part.non_negative_number();

    auto& component = entries[static_cast<std::size_t>(format)][static_cast<std::size_t>(op)];
    const std::string name = fmt::format("{}.{}", name_of(format), name_of(op));
    if (!component) part.fail("an operation that this table prices", "no price of " + name);
    if (component->resolving) part.fail("a composition without cycles", name + " within itself");
    const auto same = [&](const Component& c) { return c.op == op && c.format == format; };
    if (std::ranges::any_of(entry.price.composition, same)) {
      part.fail("each operation once", name + " twice");
    }
    resolve(entries, format, *component);
    entry.price.composition.push_back({op, format, factor});
    total += factor * component->price.energy_pj;
  }
  if (entry.price.composition.empty()) compose.fail("at least one operation", "none");
  if (!std::isfinite(total.high)) compose.fail("a sum that a double can hold", "an overflow");
  entry.price.energy_pj = total;
  entry.compose.reset();
  entry.resolving = false;
}

MemoryLevel read_level(const JsonCursor& cursor, const References& references) {
  cursor.only_keys({"level", "technology", "capacity_bytes", "access_bits", "read_pj", "write_pj",
                    "source", "kind", "note"});
  MemoryLevel level;
  level.level = identifier(cursor.required("level"));
  if (const auto technology = cursor.optional("technology")) {
    level.technology = identifier(*technology);
  }
  if (const auto capacity = cursor.optional("capacity_bytes")) {
    level.capacity_bytes = capacity->unsigned_integer(1);
  }
  level.access_bits = cursor.required("access_bits").unsigned_integer(1, widest_access_bits);
  level.read_pj = range(cursor.required("read_pj"));
  level.write_pj = range(cursor.required("write_pj"));
  read_provenance(cursor, references, level);
  return level;
}

std::vector<MemoryLevel> read_memory(const JsonCursor& cursor, const References& references) {
  std::vector<MemoryLevel> levels;
  for (const JsonCursor& element : cursor.elements()) {
    MemoryLevel level = read_level(element, references);
    if (std::ranges::find(levels, level.level, &MemoryLevel::level) != levels.end()) {
      element.required("level").fail("each level once", level.level + " twice");
    }
    if (!levels.empty()) {
      const MemoryLevel& inner = levels.back();
      if (!inner.capacity_bytes) {
        element.fail("no level outside one without capacity_bytes",
                     fmt::format("{} outside {}", level.level, inner.level));
      }
      if (level.capacity_bytes && *level.capacity_bytes <= *inner.capacity_bytes) {
        element.required("capacity_bytes")
            .fail(fmt::format("more than the {} of {}", *inner.capacity_bytes, inner.level));
      }
    }
    levels.push_back(std::move(level));
  }
  return levels;
}

std::vector<Overhead> read_overheads(const JsonCursor& cursor, const References& references) {
  std::vector<Overhead> overheads;
  for (const auto& [key, member] : cursor.members()) {
    if (!is_identifier(key)) member.fail(an_identifier, "key " + in_quotes(key));
    member.only_keys({"energy_pj", "source", "kind", "note"});
    Overhead& overhead = overheads.emplace_back();
    overhead.name = key;
    overhead.energy_pj = range(member.required("energy_pj"));
    read_provenance(member, references, overhead);
  }
  return overheads;
}

}  // namespace

EnergyTable EnergyTable::parse(std::string_view text, std::string_view file) {
  return read(parse_json(text, file));
}

EnergyTable EnergyTable::load(const std::filesystem::path& path) { return read(load_json(path)); }

EnergyTable EnergyTable::read(const Json& document) {
  const JsonCursor root(document);
  const JsonCursor version = root.required("schema_version");
  const std::uint64_t number = version.unsigned_integer(1);
  if (number != 1) {
    version.fail("1, the version that this program reads", fmt::format("newer version {}", number));
  }
  root.only_keys({"schema_version", "name", "title", "note", "node_nm", "voltage_v", "references",
                  "operations", "memory", "overheads"});

  EnergyTable table;
  table.name_ = identifier(root.required("name"));
  table.title_ = text(root.required("title"));
  if (const auto note = root.optional("note")) table.note_ = text(*note);
  table.node_nm_ = positive_number(root.required("node_nm"));
  if (const auto voltage = root.optional("voltage_v")) table.voltage_v_ = positive_number(*voltage);
  table.references_ = read_references(root.required("references"));

  Entries entries = read_operations(root.required("operations"), table.references_);
  for (std::size_t format = 0; format < format_count; ++format) {
    for (std::size_t op = 0; op < op_count; ++op) {
      auto& entry = entries[format][op];
      if (!entry) continue;
      resolve(entries, static_cast<Format>(format), *entry);
      table.prices_[format][op] = entry->price;
    }
  }
  if (const auto memory = root.optional("memory")) {
    table.memory_ = read_memory(*memory, table.references_);
  }
  if (const auto overheads = root.optional("overheads")) {
    table.overheads_ = read_overheads(*overheads, table.references_);
  }
  return table;
}

}  // namespace wattention
