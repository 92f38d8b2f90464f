#include "reports/findings/estimates.hpp"

#include <catch2/catch.hpp>

using namespace wattention;

namespace {

OperationLine operation(const std::string& phase, const std::string& op, Range energy,
                        const std::string& kind) {
  return {phase, op, "fp32", 1, energy, "source of " + op, kind};
}

TrafficLine traffic(const std::string& level, Range energy, const std::string& kind) {
  return {"p", level, 8, 8, energy, false, "source of " + level, kind};
}

}  // namespace

TEST_CASE("Energy is grouped by where its prices come from, best first, memory included") {
  const auto groups = energy_by_price(
      {operation("p", "exp", {1, 3}, "estimated"), operation("p", "mul", {5, 5}, "published"),
       operation("q", "add", {7, 7}, "user"), operation("q", "mac", {2, 2}, "derived")},
      {traffic("dram", {10, 20}, "published"), traffic("unmodelled", {}, "")});
  REQUIRE(groups.size() == 4);
  CHECK(groups[0].name == "published");
  CHECK(groups[0].energy_pj == Range{15, 25});
  CHECK(groups[1].name == "derived");
  CHECK(groups[2].name == "estimated");
  CHECK(groups[3].name == "user");
}

TEST_CASE("Estimates are summed over phases and ordered by the energy that rests on them") {
  const auto estimates = estimates_of(
      {operation("p", "exp", {1, 3}, "estimated"), operation("p", "div", {4, 4}, "estimated"),
       operation("q", "exp", {2, 6}, "estimated"), operation("q", "mul", {50, 50}, "published")},
      {traffic("sram", {0.5, 0.5}, "estimated"), traffic("dram", {99, 99}, "published")});
  REQUIRE(estimates.size() == 3);
  CHECK(estimates[0].price == "fp32.exp");
  CHECK(estimates[0].energy_pj == Range{3, 9});
  CHECK(estimates[0].source == "source of exp");
  CHECK(estimates[1].price == "fp32.div");
  CHECK(estimates[2].price == "sram");
}
