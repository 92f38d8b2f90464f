#include "reports/wording/utf8.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "reports/wording/typography.hpp"

namespace wattention {
namespace {

const std::string replacement = "\xef\xbf\xbd";

TEST_CASE("Characters are read in their shortest form alone") {
  CHECK(first_character("a").code == U'a');
  CHECK(first_character("\xc3\xb6").code == 0xf6);
  CHECK(first_character("\xe4\xb8\xad").code == 0x4e2d);
  CHECK(first_character("\xf0\x9f\x98\x80").code == 0x1f600);
  CHECK(first_character("\xf0\x9f\x98\x80").bytes == 4);
  for (const char* broken : {"\xff", "\x80", "\xc3", "\xc3(", "\xc0\x80", "\xe0\x82\xa1",
                             "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {
    CHECK(first_character(broken).code == broken_character);
  }
}

TEST_CASE("Cleaned text is one line of UTF-8 that obeys nobody") {
  CHECK(cleaned("gr\xc3\xb6\xc3\x9f"
                "e \xe4\xb8\xad \xf0\x9f\x98\x80 \xef\xbf\xbd") ==
        "gr\xc3\xb6\xc3\x9f"
        "e \xe4\xb8\xad \xf0\x9f\x98\x80 \xef\xbf\xbd");
  CHECK(cleaned("a\r\n\tb") == "a   b");
  CHECK(cleaned("\x1b[31m\x7f") == replacement + "[31m" + replacement);
  CHECK(cleaned("\xff\xc3") == replacement + replacement);
  CHECK(cleaned("a\xe2\x80\xae"
                "b\xe2\x80\xa8") == "a" + replacement + "b" + replacement);
  CHECK(cleaned(std::string("\0", 1)) == replacement);
}

TEST_CASE("Escaping replaces characters, not bytes") {
  const auto escape = [](char32_t c) -> std::string { return c == 0xf6 ? "oe" : ""; };
  CHECK(escaped("sch\xc3\xb6n\n", escape) == "schoen ");
}

TEST_CASE("Numbers are set with minus signs, dashes and the micro sign, names as they are") {
  CHECK(typographic("-12.3%") ==
        "\xe2\x88\x92"
        "12.3%");
  CHECK(typographic("-1201% to -551%") ==
        "\xe2\x88\x92"
        "1201% to \xe2\x88\x92"
        "551%");
  CHECK(typographic("1.30-2.60 uJ") ==
        "1.30\xe2\x80\x93"
        "2.60 \xc2\xb5J");
  CHECK(typographic("-") == "\xe2\x80\x93");
  for (const char* same : {"1.00e-05", "sliding-window", "horowitz-45nm", "a - b", "24 uniform"}) {
    CHECK(typographic(same) == same);
  }
  CHECK(capitalised("cost table") == "Cost table");
  CHECK(capitalised("").empty());
}

}  // namespace
}  // namespace wattention
