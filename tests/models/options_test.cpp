#include "models/options.hpp"

#include <catch2/catch.hpp>

#include "sim/error.hpp"

using namespace wattention;

TEST_CASE("A real option takes any number between its bounds, and nothing else") {
  double width = 1.5;
  Options options;
  options.number("width", width, 0.001, 100.0, "of the kernel");
  CHECK(options.all().front().value() == OptionValue(1.5));
  CHECK(options.all().front().values == "a number from 0.001 to 100");

  for (const auto& [text, value] : {std::pair{"2", 2.0}, std::pair{"0.25", 0.25},
                                    std::pair{"1e-3", 0.001}, std::pair{"100", 100.0}}) {
    options.set("owner", "width", text);
    CHECK(width == value);
    CHECK(options.all().front().value() == OptionValue(value));
  }
  width = 3.0;
  for (const char* text : {"", "0", "100.1", "-1", "nan", "inf", "1e999", "1e-999", "2 ", " 2",
                           "+2", "2x", "0x1", "1,5", "true"}) {
    CHECK_THROWS_WITH(options.set("owner", "width", text),
                      "option of owner: expected width=a number from 0.001 to 100, "
                      "found \"" +
                          std::string(text) + "\"");
    CHECK(width == 3.0);
  }
}

TEST_CASE("An integer option takes no other number") {
  std::size_t bits = 16;
  Options options;
  options.integer("bits", bits, 1, 4096, "of a code");
  options.set("owner", "bits", "4096");
  CHECK(bits == 4096);
  for (const char* text : {"", "0", "4097", "-1", "1.5", "16 ", "1e2"}) {
    CHECK_THROWS_AS(options.set("owner", "bits", text), InputError);
    CHECK(bits == 4096);
  }
}
