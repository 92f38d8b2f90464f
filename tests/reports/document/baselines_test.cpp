#include "reports/document/baselines.hpp"

#include <catch2/catch.hpp>

#include "tests/reports/sample_report.hpp"

using namespace wattention;

TEST_CASE("Savings are against softmax and against flash where a setting has both") {
  const std::vector<Run> runs = sample::with_flash().runs;
  const auto table = savings_against_both(runs, {"softmax", "flash", "ecoformer"});
  REQUIRE(table);
  CHECK(table->rows.size() == 3);
  CHECK(table->rows[0].cells == std::vector<std::string>{"softmax", "22.6 uJ", "-", "-17.4%"});
  CHECK(table->rows[1].cells == std::vector<std::string>{"flash", "19.3 uJ", "14.8%", "-"});
  CHECK(table->rows[2].cells == std::vector<std::string>{"ecoformer", "8.83 uJ", "61.0%", "54.3%"});
  CHECK(caution_on_unfused(runs).empty());
}

TEST_CASE("Savings against softmax alone come with a caution, and without a second table") {
  const std::vector<Run> runs = sample::of_two().runs;
  CHECK(!savings_against_both(runs, {"softmax", "ecoformer"}));
  CHECK(caution_on_unfused(runs).find("flash is the same function without that") !=
        std::string::npos);
}

TEST_CASE("Flash of another shape is no baseline") {
  std::vector<Run> runs = sample::with_flash().runs;
  runs[1].shape.queries = 64;
  CHECK(!savings_against_both(runs, {"softmax", "flash", "ecoformer"}));
}
