#pragma once

// Numbers for people as print sets them: "-12.3%" with a minus sign, "1.30-2.60 uJ" with a dash
// and the micro sign. For numbers alone, never for text of users. UTF-8; nothing here throws.

#include <string>
#include <string_view>

namespace wattention {

std::string typographic(std::string_view number);

}  // namespace wattention
