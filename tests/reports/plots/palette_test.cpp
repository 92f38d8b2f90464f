#include "reports/plots/palette.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "reports/page/page_model.hpp"
#include "tests/reports/sample_report.hpp"

namespace wattention {
namespace {

using Names = std::vector<std::string>;

TEST_CASE("No two names of a palette share a style") {
  for (const Palette* palette : {&phase_palette(), &layer_palette(), &operation_palette()}) {
    for (const NamedStyle& a : *palette) {
      for (const NamedStyle& b : *palette) CHECK((a.style == b.style) == (a.name == b.name));
    }
  }
}

TEST_CASE("A name that no palette knows has one hatched style, and another where that is taken") {
  const Style alone = styles_of(phase_palette(), {"new phase"}).front();
  CHECK(alone.hatch != Hatch::none);
  CHECK(styles_of(phase_palette(), {"scores", "new phase"}).back() == alone);
  Names strangers;
  for (int i = 0; i < 18; ++i) strangers.push_back("phase " + std::to_string(i));
  const std::vector<Style> styles = styles_of(phase_palette(), strangers);
  for (std::size_t a = 0; a < styles.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) CHECK_FALSE(styles[a] == styles[b]);
  }
  strangers.insert(strangers.end(), {"one too many", "two too many"});
  CHECK(styles_of(phase_palette(), strangers).size() == 20);
}

TEST_CASE("A phase has the same colour in the page as in plots") {
  const auto model = page_model({sample::of_two()});
  for (const auto& group : model["sections"][0]["groups"]) {
    const Style style = styles_of(phase_palette(), {group["name"].get<std::string>()}).front();
    CHECK(group["colour"] == style.colour);
    CHECK(group["hatch"] == "");
  }
}

TEST_CASE("Text is white on dark colours alone") {
  CHECK(is_dark("#000000"));
  CHECK(is_dark("#0072B2"));
  CHECK_FALSE(is_dark("#009E73"));
  CHECK_FALSE(is_dark("#F0E442"));
}

}  // namespace
}  // namespace wattention
