#pragma once

// Fields that many parts of a cost table have: texts, names, energies, and where a number comes
// from. Each throws InputError with file and JSON pointer where the field is damaged.

#include <map>
#include <string>
#include <string_view>

#include "sim/files/json_cursor.hpp"
#include "sim/prices/energy_table.hpp"

namespace wattention {

/// Key -> the reference, written out.
using References = std::map<std::string, std::string, std::less<>>;

/// One line that is not empty.
std::string read_text(const JsonCursor& cursor);

/// 1 to 64 letters, digits, points, underscores and hyphens.
bool is_identifier(std::string_view name);
std::string read_identifier(const JsonCursor& cursor);
/// A member's key is an identifier too.
void demand_identifier(std::string_view key, const JsonCursor& member);

double read_positive(const JsonCursor& cursor);

/// A number, or [low, high].
Range read_range(const JsonCursor& cursor);

std::string read_source(const JsonCursor& cursor, const References& references);
References read_references(const JsonCursor& cursor);

/// Source, kind and note, which every priced thing has.
template <class Priced>
void read_provenance(const JsonCursor& cursor, const References& references, Priced& priced) {
  priced.source = read_source(cursor.required("source"), references);
  priced.kind = cursor.required("kind").named<Kind>();
  if (const auto note = cursor.optional("note")) priced.note = read_text(*note);
}

}  // namespace wattention
