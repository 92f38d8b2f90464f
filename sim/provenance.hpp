#pragma once

// What a figure rests on, which goes with it from a table to the last report.

#include <cstdint>

#include "sim/enumeration.hpp"

namespace wattention {

/// How a number came to be: printed in a source, by a formula over published numbers, assumed, or
/// given by the user.
enum class Kind : std::uint8_t { published, derived, estimated, user };
template <>
inline constexpr auto names_of<Kind> = names("published", "derived", "estimated", "user");

/// What a number rests on that rests on both: estimated, else the user's, else derived.
constexpr Kind weaker(Kind a, Kind b) {
  for (const Kind kind : {Kind::estimated, Kind::user, Kind::derived}) {
    if (a == kind || b == kind) return kind;
  }
  return Kind::published;
}

}  // namespace wattention
