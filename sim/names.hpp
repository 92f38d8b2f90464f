#pragma once

// Names that people type: the nearest known one for a misspelt one.

#include <string>
#include <string_view>
#include <vector>

namespace wattention {

/// "a, b, c"
std::string joined(const std::vector<std::string>& names);

/// The known name that `name` begins, else the one with the smallest edit distance to it; "" where
/// more than half of the letters differ.
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

/// "one of a, b, c (did you mean b?)": what a message expects in place of `name`.
std::string one_of(const std::vector<std::string>& known, std::string_view name);

/// `text` in quotes for a one-line message: control characters escaped, shortened to 60 characters.
std::string in_quotes(std::string_view text);

}  // namespace wattention
