#pragma once

// A cost table as the text of a file, its keys in the order in which people read them.

#include <nlohmann/json.hpp>
#include <string>

namespace wattention {

/// Ends with a newline. What is no UTF-8 is replaced.
std::string table_file_text(const nlohmann::json& table);

}  // namespace wattention
