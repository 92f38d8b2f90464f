#pragma once

// Enumerations whose values have names. Beside such an enumeration stands the one list of them:
//
//     enum class Mode : std::uint8_t { execute, audit, estimate };
//     template <>
//     inline constexpr auto names_of<Mode> = names("execute", "audit", "estimate");
//
// and name_of(Mode::audit), find_named<Mode>("audit") and named<Mode>("mode", text) follow from it.

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/error.hpp"
#include "sim/names.hpp"

namespace wattention {

template <std::convertible_to<std::string_view>... Names>
constexpr std::array<std::string_view, sizeof...(Names)> names(Names... names) {
  return {names...};
}

/// The names of an enumeration's values, in their order; an enumeration without names has none.
template <class Enum>
inline constexpr auto names_of = names();

template <class Enum>
concept Named = !names_of<Enum>.empty();

template <Named Enum>
constexpr std::string_view name_of(Enum value) {
  return names_of<Enum>[static_cast<std::size_t>(value)];
}

template <Named Enum>
std::vector<std::string> all_names_of() {
  return {names_of<Enum>.begin(), names_of<Enum>.end()};
}

template <Named Enum>
constexpr std::optional<Enum> find_named(std::string_view name) {
  for (std::size_t i = 0; i < names_of<Enum>.size(); ++i) {
    if (names_of<Enum>[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

/// The value of that name; throws InputError, which says what the name was meant for, where there
/// is none.
template <Named Enum>
Enum named(std::string_view meant_for, std::string_view name) {
  if (const auto found = find_named<Enum>(name)) return *found;
  throw InputError(meant_for, one_of(all_names_of<Enum>(), name), in_quotes(name));
}

}  // namespace wattention
