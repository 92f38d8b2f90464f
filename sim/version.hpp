#pragma once

// The version of Wattention, which reports carry; CMake reads it from here.

namespace wattention {

inline constexpr const char* version = "0.2.0";

}  // namespace wattention
