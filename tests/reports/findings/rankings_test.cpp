#include "reports/findings/rankings.hpp"

#include <catch2/catch.hpp>

#include "tests/reports/sample_report.hpp"

using namespace wattention;

namespace {

Run run(const std::string& label, const std::string& table, Range energy) {
  Run result;
  result.attention = label;
  result.label = label;
  result.table.name = table;
  result.energy_pj.total = energy;
  return result;
}

Range exactly(double energy) { return Range::exactly(energy); }

using Names = std::vector<std::string>;
using Ranks = std::vector<std::size_t>;

}  // namespace

TEST_CASE("Attentions are ranked under each table, and equal energies share a rank") {
  const Report report{
      "1",
      {run("a", "x", exactly(3)), run("b", "x", exactly(1)), run("c", "x", exactly(3)),
       run("a", "y", exactly(1)), run("b", "y", exactly(2)), run("c", "y", {1, 5})}};
  const auto rankings = rankings_of(report);
  REQUIRE(rankings.has_value());
  CHECK(rankings->labels == Names{"a", "b", "c"});
  REQUIRE(rankings->tables.size() == 2);
  CHECK(rankings->tables[0].table.name == "x");
  CHECK(rankings->tables[0].ranks == Ranks{2, 1, 2});
  CHECK(rankings->tables[1].ranks == Ranks{1, 2, 3});
  CHECK(rankings->tables[1].runs[2]->energy_pj.total == Range{1, 5});
}

TEST_CASE("A pair whose order flips is a change; one that ties somewhere is none") {
  const Report report{
      "1",
      {run("a", "x", exactly(3)), run("b", "x", exactly(1)), run("c", "x", exactly(3)),
       run("a", "y", exactly(1)), run("b", "y", exactly(2)), run("c", "y", exactly(4)),
       run("a", "z", exactly(5)), run("b", "z", exactly(4)), run("c", "z", exactly(6))}};
  const auto changes = rankings_of(report)->changes;
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].first == 0);
  CHECK(changes[0].second == 1);
  CHECK(changes[0].first_lower == Names{"y"});
  CHECK(changes[0].second_lower == Names{"x", "z"});
  CHECK(changes[0].undecided.empty());
}

TEST_CASE("Ranges that lie above each other at both ends are ordered, though they overlap") {
  const Report report{"1",
                      {run("a", "x", {1, 4}), run("b", "x", {2, 5}), run("a", "y", exactly(1)),
                       run("b", "y", exactly(2))}};
  CHECK(rankings_of(report)->changes.empty());
}

TEST_CASE("Ranges that cross leave the order to where in them prices lie") {
  const Report report{"1",
                      {run("a", "x", {1, 5}), run("b", "x", {2, 4}), run("a", "y", exactly(1)),
                       run("b", "y", exactly(2))}};
  const auto changes = rankings_of(report)->changes;
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].undecided == Names{"x"});
  CHECK(changes[0].first_lower == Names{"y"});
}

TEST_CASE("There is no ranking of one table, of different attentions, or of different shapes") {
  CHECK_FALSE(rankings_of({"1", {}}).has_value());
  CHECK_FALSE(rankings_of(sample::of_two()).has_value());
  CHECK_FALSE(
      rankings_of({"1", {run("a", "x", exactly(1)), run("b", "y", exactly(1))}}).has_value());
  CHECK_FALSE(
      rankings_of(
          {"1", {run("a", "x", exactly(1)), run("b", "x", exactly(1)), run("a", "y", exactly(1))}})
          .has_value());
  Report report{"1", {run("a", "x", exactly(1)), run("a", "y", exactly(1))}};
  CHECK(rankings_of(report).has_value());
  report.runs[1].shape.keys = 7;
  CHECK_FALSE(rankings_of(report).has_value());
}

TEST_CASE("The first table's runs alone are what a comparison and a picture show in full") {
  const Report first = under_first_table(sample::under_two_tables());
  REQUIRE(first.runs.size() == 2);
  for (const Run& run : first.runs) CHECK(run.table.name == "horowitz-45nm");
}
