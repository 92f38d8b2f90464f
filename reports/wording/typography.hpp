#pragma once

// Numbers for people as print sets them: "-12.3%" with a minus sign, "1.30-2.60 uJ" with a dash
// and the micro sign, "-" alone as a dash. For text of our own; file names would not survive it.
// UTF-8; nothing here throws.

#include <string>
#include <string_view>

namespace wattention {

std::string typographic(std::string_view text);

/// With a capital, for headings.
std::string capitalised(std::string_view text);

}  // namespace wattention
