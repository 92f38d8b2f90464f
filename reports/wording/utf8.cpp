#include "reports/wording/utf8.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace wattention {
namespace {

using Span = std::pair<char32_t, char32_t>;

bool is_in(char32_t code, const auto& spans) {
  return std::ranges::any_of(
      spans, [code](const Span& span) { return span.first <= code && code <= span.second; });
}

/// The bits that the byte at `i`, which must continue a character, adds to `code`.
char32_t continued(char32_t code, std::string_view text, std::size_t i) {
  if (code == broken_character || i >= text.size()) return broken_character;
  const auto byte = static_cast<unsigned char>(text[i]);
  return (byte & 0xc0U) == 0x80U ? (code << 6U) | (byte & 0x3fU) : broken_character;
}

}  // namespace

Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80U) return {lead, 1};
  struct Form {
    std::size_t bytes;
    unsigned char lead, mask;
    char32_t smallest;
  };
  constexpr std::array<Form, 3> forms{
      {{2, 0xc0, 0x1f, 0x80}, {3, 0xe0, 0x0f, 0x800}, {4, 0xf0, 0x07, 0x10000}}};
  for (const Form& form : forms) {
    if ((lead & ~static_cast<unsigned>(form.mask) & 0xffU) != form.lead) continue;
    char32_t code = lead & form.mask;
    for (std::size_t i = 1; i < form.bytes; ++i) code = continued(code, text, i);
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code == broken_character) break;
    const bool character = code >= form.smallest && code <= 0x10ffff && !surrogate;
    return {character ? code : broken_character, form.bytes};
  }
  return {broken_character, 1};
}

std::string cleaned(std::string_view text) {
  constexpr std::string_view replacement = "\xef\xbf\xbd";
  constexpr std::array<Span, 6> harmful{{{0x00, 0x1f},
                                         {0x7f, 0x9f},
                                         {0x200e, 0x200f},  // marks of direction
                                         {0x2028, 0x202e},  // line ends and directions
                                         {0x2066, 0x2069},
                                         {broken_character, broken_character}}};
  std::string result;
  while (!text.empty()) {
    const Character character = first_character(text);
    const char c = text.front();
    if (c == '\n' || c == '\t' || c == '\r') {
      result += ' ';
    } else if (is_in(character.code, harmful)) {
      result += replacement;
    } else {
      result += text.substr(0, character.bytes);
    }
    text.remove_prefix(character.bytes);
  }
  return result;
}

}  // namespace wattention
