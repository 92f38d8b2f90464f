#include "reports/wording/printable.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "reports/wording/utf8.hpp"

namespace wattention {
namespace {

bool takes_one_column(const Character& character) {
  using Span = std::pair<char32_t, char32_t>;
  constexpr std::array<Span, 8> spans{{{0x20, 0x7e},
                                       {0xa1, 0xac},
                                       {0xae, 0x2ff},       // Latin; 0xad is the soft hyphen
                                       {0x370, 0x482},      // Greek, Cyrillic
                                       {0x48a, 0x52f},      // Cyrillic
                                       {0x2010, 0x2027},    // dashes, quotation marks
                                       {0x2190, 0x21ff},    // arrows
                                       {0x2200, 0x22ff}}};  // mathematics
  return std::ranges::any_of(spans, [&](const Span& span) {
    return span.first <= character.code && character.code <= span.second;
  });
}

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }

/// The bytes that the first `width` columns of `text` take.
std::size_t bytes_of(std::string_view text, std::size_t width) {
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    if (starts_character(text[i]) && width-- == 0) break;
  }
  return i;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const Character character = first_character(text);
    if (takes_one_column(character)) {
      result += text.substr(0, character.bytes);
    } else {
      const char c = text.front();
      result += c == '\n' || c == '\t' || c == '\r' ? ' ' : '?';
    }
    text.remove_prefix(character.bytes);
  }
  return result;
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string shortened(std::string_view text, std::size_t width) {
  if (width_of(text) <= width) return std::string(text);
  constexpr std::string_view dots = "...";
  if (width <= dots.size()) return std::string(dots.substr(0, width));
  return std::string(text.substr(0, bytes_of(text, width - dots.size()))).append(dots);
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  width = std::max<std::size_t>(width, 1);
  std::vector<std::string> lines(1);
  std::size_t used = 0;
  const auto place = [&](std::string_view word) {
    const std::size_t columns = width_of(word);
    if (used != 0 && used + 1 + columns > width) {
      lines.emplace_back();
      used = 0;
    }
    if (used != 0) lines.back() += ' ';
    lines.back() += word;
    used += (used != 0 ? 1 : 0) + columns;
  };
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    for (; width_of(word) > width; word.remove_prefix(bytes_of(word, width))) {
      place(word.substr(0, bytes_of(word, width)));
    }
    if (!word.empty()) place(word);
  }
  return lines;
}

}  // namespace wattention
