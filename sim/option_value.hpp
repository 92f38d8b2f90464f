#pragma once

// The value of an option, as an attention holds it and as a report states it.

#include <cstdint>
#include <string>
#include <variant>

namespace wattention {

using OptionValue = std::variant<bool, std::int64_t, double, std::string>;

}  // namespace wattention
