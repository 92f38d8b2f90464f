#pragma once

// The cost tables that ship with Wattention, by name. They are embedded in the binary: at build
// time cmake/embed_files.cmake turns energy_tables/*.json into the definition of shipped_tables().
// A table is read when it is asked for; messages about one name it "energy_tables/NAME.json".

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/files/shipped_text.hpp"
#include "sim/prices/energy_table.hpp"

namespace wattention {

struct Json;

/// Ordered by name.
std::span<const ShippedText> shipped_tables();

std::vector<std::string> shipped_table_names();

/// A name that ends in .json or contains a slash is a file, any other is a shipped table, by its
/// name or by one that it had before. Throws InputError for an unknown name, with the known ones,
/// as they are called now, and the nearest.
EnergyTable find_table(std::string_view name_or_path);
/// The same as JSON, not yet read.
Json find_table_document(std::string_view name_or_path);

/// What a table that was renamed is called now; any other name as it is.
std::string_view current_table_name(std::string_view name);
/// Why a table is not found under the name that was asked for: one sentence for its reports. Empty
/// where the name is the current one.
std::string note_on_table_name(std::string_view name);

}  // namespace wattention
