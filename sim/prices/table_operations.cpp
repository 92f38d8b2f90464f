#include "sim/prices/table_operations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "sim/names.hpp"

namespace wattention {
namespace {

/// An operation's entry, before its composition is resolved.
struct Entry {
  Price price;
  std::optional<JsonCursor> compose;
  bool resolving = false;
};
using Entries = std::array<std::array<std::optional<Entry>, op_count>, format_count>;

Op op_of(const JsonCursor& place, std::string_view name) {
  const std::optional<Op> op = find_named<Op>(name);
  if (!op) place.fail(one_of(all_names_of<Op>(), name), "operation " + in_quotes(name));
  return *op;
}

Format format_of(const JsonCursor& place, std::string_view name) {
  const std::optional<Format> format = find_named<Format>(name);
  if (!format) place.fail(one_of(all_names_of<Format>(), name), "format " + in_quotes(name));
  return *format;
}

Entry read_operation(const JsonCursor& cursor, const References& references) {
  cursor.only_keys({"energy_pj", "compose", "area_um2", "source", "kind", "note"});
  Entry entry;
  const auto energy = cursor.optional("energy_pj");
  entry.compose = cursor.optional("compose");
  if (energy && entry.compose) cursor.fail("either energy_pj or compose", "both");
  if (!energy && !entry.compose) cursor.fail("energy_pj or compose", "neither");
  if (energy) entry.price.energy_pj = read_range(*energy);
  if (const auto area = cursor.optional("area_um2")) {
    entry.price.area_um2 = area->non_negative_number();
  }
  read_provenance(cursor, references, entry.price);
  if (entry.compose && entry.price.kind == Kind::published) {
    cursor.required("kind").fail("derived or estimated, as its energy is composed");
  }
  return entry;
}

Entries read_entries(const JsonCursor& cursor, const References& references) {
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

void resolve(Entries& entries, Format own_format, Entry& entry);

struct Composition {
  std::vector<Component> parts;
  Range energy_pj;
};

/// Resolves the parts of one composition of `entry`, and lowers its kind to theirs. The sum is
/// taken in the order of the keys, so that equal tables have equal energies to the last bit.
Composition sum_of_parts(Entries& entries, Format own_format, Entry& entry,
                         const JsonCursor& compose) {
  Composition sum;
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
    if (std::ranges::any_of(sum.parts, same)) {
      part.fail("each operation once", name + " twice");
    }
    resolve(entries, format, *component);
    sum.parts.push_back({op, format, factor});
    entry.price.kind = weaker(entry.price.kind, component->price.kind);
    sum.energy_pj += factor * component->price.energy_pj;
  }
  if (sum.parts.empty()) compose.fail("at least one operation", "none");
  if (!std::isfinite(sum.energy_pj.high)) {
    compose.fail("a sum that a double can hold", "an overflow");
  }
  return sum;
}

/// Sets the energy of `entry` to the sum of its parts, or to the range that spans both sums where
/// there are two. Prices that users change may swap which of the two is the cheaper.
void resolve(Entries& entries, Format own_format, Entry& entry) {
  if (!entry.compose) return;
  const JsonCursor compose = *entry.compose;
  entry.resolving = true;
  if (compose.is_array()) {
    const std::vector<JsonCursor> ways = compose.elements();
    if (ways.size() != 2) {
      compose.fail("a composition, or an array of two", fmt::format("an array of {}", ways.size()));
    }
    Composition one = sum_of_parts(entries, own_format, entry, ways[0]);
    Composition other = sum_of_parts(entries, own_format, entry, ways[1]);
    entry.price.energy_pj = {std::min(one.energy_pj.low, other.energy_pj.low),
                             std::max(one.energy_pj.high, other.energy_pj.high)};
    entry.price.composition = std::move(one.parts);
    entry.price.alternative = std::move(other.parts);
  } else {
    Composition one = sum_of_parts(entries, own_format, entry, compose);
    entry.price.energy_pj = one.energy_pj;
    entry.price.composition = std::move(one.parts);
  }
  entry.compose.reset();
  entry.resolving = false;
}

}  // namespace

Prices read_operations(const JsonCursor& cursor, const References& references) {
  Entries entries = read_entries(cursor, references);
  Prices prices;
  for (std::size_t format = 0; format < format_count; ++format) {
    for (std::size_t op = 0; op < op_count; ++op) {
      auto& entry = entries[format][op];
      if (!entry) continue;
      resolve(entries, static_cast<Format>(format), *entry);
      prices[format][op] = entry->price;
    }
  }
  return prices;
}

}  // namespace wattention
