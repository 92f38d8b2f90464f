#include "reports/typography.hpp"

#include <cstddef>

namespace wattention {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string typographic(std::string_view number) {
  constexpr std::string_view minus = "\xe2\x88\x92";
  constexpr std::string_view dash = "\xe2\x80\x93";
  constexpr std::string_view micro = "\xc2\xb5";
  std::string result;
  for (std::size_t i = 0; i < number.size(); ++i) {
    const char before = i == 0 ? ' ' : number[i - 1];
    const char after = i + 1 == number.size() ? ' ' : number[i + 1];
    if (number[i] == '-' && is_digit(before)) {
      result += dash;
    } else if (number[i] == '-') {
      result += after == ' ' ? dash : minus;
    } else if (number[i] == 'u' && before == ' ' && (after == 'J' || after == 's')) {
      result += micro;
    } else {
      result += number[i];
    }
  }
  return result;
}

}  // namespace wattention
