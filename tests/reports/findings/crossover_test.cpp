#include "reports/findings/crossover.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace wattention {
namespace {

Run run_of(const std::string& label, std::uint64_t tokens, double pj) {
  Run run;
  run.label = label;
  run.shape.queries = run.shape.keys = tokens;
  run.energy_pj.total = Range::exactly(pj);
  return run;
}

std::vector<Crossover> crossovers_of(std::vector<Run> runs) {
  return crossovers(energy_curves({"1", std::move(runs)}));
}

TEST_CASE("Powers of the token count cross where they are equal, however far the points are") {
  std::vector<Run> runs;  // n^2 and 300 n
  for (const std::uint64_t n : {64ULL, 4096ULL}) {
    const auto tokens = static_cast<double>(n);
    runs.push_back(run_of("quadratic", n, tokens * tokens));
    runs.push_back(run_of("linear", n, 300.0 * tokens));
  }
  const std::vector<Crossover> found = crossovers_of(runs);
  REQUIRE(found.size() == 1);
  CHECK(found[0].before == "quadratic");
  CHECK(found[0].after == "linear");
  CHECK(found[0].tokens == Approx(300.0));
  CHECK(found[0].energy_pj == Approx(90'000.0));
}

TEST_CASE("A crossover on a point is that point, once, and a touch is none") {
  const std::vector<Crossover> on_point =
      crossovers_of({run_of("a", 1, 1.0), run_of("a", 2, 4.0), run_of("a", 4, 16.0),
                     run_of("b", 1, 2.0), run_of("b", 2, 4.0), run_of("b", 4, 8.0)});
  REQUIRE(on_point.size() == 1);
  CHECK(on_point[0].tokens == 2.0);
  CHECK(on_point[0].energy_pj == 4.0);
  CHECK(crossovers_of({run_of("a", 1, 1.0), run_of("a", 2, 4.0), run_of("a", 4, 8.0),
                       run_of("b", 1, 2.0), run_of("b", 2, 4.0), run_of("b", 4, 9.0)})
            .empty());
  CHECK(crossovers_of(
            {run_of("a", 1, 1.0), run_of("a", 2, 4.0), run_of("b", 1, 1.0), run_of("b", 2, 5.0)})
            .empty());
}

TEST_CASE("Curves may cross more than once, and are compared where both have a point") {
  const std::vector<Crossover> found = crossovers_of(
      {run_of("a", 1, 1.0), run_of("a", 2, 1.0), run_of("a", 3, 1.0), run_of("a", 4, 1.0),
       run_of("b", 1, 2.0), run_of("b", 2, 0.5), run_of("b", 4, 2.0)});
  REQUIRE(found.size() == 2);
  CHECK(found[0].tokens == Approx(1.41421356));
  CHECK(found[0].after == "b");
  CHECK(found[1].tokens == Approx(2.82842712));
  CHECK(found[1].after == "a");
}

TEST_CASE("Curves of different heads or tables do not cross") {
  std::vector<Run> runs{run_of("a", 1, 1.0), run_of("a", 2, 4.0), run_of("b", 1, 2.0),
                        run_of("b", 2, 3.0)};
  CHECK(crossovers_of(runs).size() == 1);
  runs[2].shape.heads = runs[3].shape.heads = 8;
  CHECK(crossovers_of(runs).empty());
}

TEST_CASE("A curve has each token count once, in order, and no energy that cannot be drawn") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<EnergyCurve> curves =
      energy_curves({"1",
                     {run_of("a", 4, 4.0), run_of("a", 1, 1.0), run_of("a", 4, 5.0),
                      run_of("a", 2, 0.0), run_of("a", 8, nan), run_of("a", 0, 1.0)}});
  REQUIRE(curves.size() == 1);
  REQUIRE(curves[0].points.size() == 2);
  CHECK(curves[0].points[0].tokens == 1.0);
  CHECK(curves[0].points[1].energy_pj.low == 4.0);
  CHECK(has_several_token_counts({"1", {run_of("a", 1, 1.0), run_of("a", 2, 1.0)}}));
  CHECK_FALSE(has_several_token_counts({"1", {run_of("a", 1, 1.0), run_of("b", 2, 1.0)}}));
}

}  // namespace
}  // namespace wattention
