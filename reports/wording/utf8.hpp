#pragma once

// Text of users as characters, whatever bytes it consists of. Nothing here throws.

#include <cstddef>
#include <string>
#include <string_view>

namespace wattention {

struct Character {
  char32_t code = 0;  // broken_character where the bytes are not UTF-8
  std::size_t bytes = 1;
};

inline constexpr char32_t broken_character = 0xFFFFFFFF;

/// The character at the start of `text`, which is not empty: shortest forms only, no surrogates.
Character first_character(std::string_view text);

/// UTF-8 on one line: tabs and line ends become spaces; other control characters, those that turn
/// the direction of text, and broken bytes become U+FFFD.
std::string cleaned(std::string_view text);

/// `text` cleaned, with every character for which `escape` returns text replaced by that.
template <class Escape>
std::string escaped(std::string_view text, const Escape& escape) {
  const std::string clean = cleaned(text);
  std::string result;
  for (std::string_view rest = clean; !rest.empty();) {
    const Character character = first_character(rest);
    const std::string_view bytes = rest.substr(0, character.bytes);
    const std::string replacement = escape(character.code);
    result += replacement.empty() ? std::string(bytes) : replacement;
    rest.remove_prefix(character.bytes);
  }
  return result;
}

}  // namespace wattention
