#include "reports/wording/typography.hpp"

#include <cstddef>

namespace wattention {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string typographic(std::string_view text) {
  constexpr std::string_view minus = "\xe2\x88\x92";
  constexpr std::string_view dash = "\xe2\x80\x93";
  constexpr std::string_view micro = "\xc2\xb5";
  if (text == "-") return std::string(dash);
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char before = i == 0 ? ' ' : text[i - 1];
    const char after = i + 1 == text.size() ? ' ' : text[i + 1];
    if (text[i] == '-' && is_digit(after) && (is_digit(before) || before == ' ')) {
      result += before == ' ' ? minus : dash;
    } else if (text[i] == 'u' && before == ' ' && (after == 'J' || after == 's')) {
      result += micro;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::string capitalised(std::string_view text) {
  std::string result(text);
  if (!result.empty() && result.front() >= 'a' && result.front() <= 'z') {
    result.front() = static_cast<char>(result.front() - 'a' + 'A');
  }
  return result;
}

}  // namespace wattention
