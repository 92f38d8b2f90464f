#pragma once

// The cost tables that ship with Wattention, by name. They are embedded in the binary: at build
// time cmake/embed_files.cmake turns energy_tables/*.json into the definition of shipped_tables().
// A table is read when it is asked for; messages about one name it "energy_tables/NAME.json".

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/energy_table.hpp"
#include "sim/json_cursor.hpp"
#include "sim/shipped_text.hpp"

namespace wattention {

/// Ordered by name.
std::span<const ShippedText> shipped_tables();

std::vector<std::string> shipped_table_names();

/// A name that ends in .json or contains a slash is a file, any other is a shipped table. Throws
/// InputError for an unknown name, with the known ones and the nearest.
EnergyTable find_table(std::string_view name_or_path);
/// The same as JSON, not yet read.
Json find_table_document(std::string_view name_or_path);

}  // namespace wattention
