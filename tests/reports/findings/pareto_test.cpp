#include "reports/findings/pareto.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

namespace wattention {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Run run_of(Range energy, double error) {
  Run run;
  run.energy_pj.total = energy;
  run.error_vs_softmax = OutputError{};
  run.error_vs_softmax->relative_l2 = error;
  return run;
}

Run run_of(double energy, double error) { return run_of(Range::exactly(energy), error); }

Run without_error(double energy) {
  Run run = run_of(energy, 0.0);
  run.error_vs_softmax.reset();
  return run;
}

using Flags = std::vector<bool>;

Flags front_of(std::vector<Run> runs) { return pareto_front({"1", std::move(runs)}); }

TEST_CASE("On the Pareto front is what no other run beats in energy and error") {
  CHECK(front_of({run_of(42.0, 0.0), run_of(43.0, 2e-7), run_of(5.0, 0.006), run_of(9.0, 0.9),
                  run_of(2.0, 0.93)}) == Flags{true, false, true, false, true});
  CHECK(front_of({run_of(1.0, 0.5), run_of(1.0, 0.4)}) == Flags{false, true});
  CHECK(front_of({run_of(1.0, 0.5), run_of(2.0, 0.5)}) == Flags{true, false});
}

TEST_CASE("Of equal runs all are on the Pareto front, or none") {
  CHECK(front_of({run_of(1.0, 0.5), run_of(2.0, 0.1), run_of(1.0, 0.5)}) ==
        Flags{true, true, true});
  CHECK(front_of({run_of(1.0, 0.5), run_of(0.5, 0.5), run_of(1.0, 0.5)}) ==
        Flags{false, true, false});
}

TEST_CASE("A range of energy counts by its middle on the Pareto front") {
  CHECK(front_of({run_of({1.0, 9.0}, 0.5), run_of(4.0, 0.5)}) == Flags{false, true});
  CHECK(front_of({run_of({1.0, 9.0}, 0.5), run_of(6.0, 0.5)}) == Flags{true, false});
  CHECK(front_of({run_of({1.0, 9.0}, 0.5), run_of(5.0, 0.5)}) == Flags{true, true});
}

TEST_CASE("What is not known is never on the Pareto front, and takes nothing off it") {
  CHECK(front_of({}).empty());
  CHECK(front_of({without_error(1.0), without_error(2.0)}) == Flags{false, false});
  CHECK(front_of({without_error(1.0), run_of(2.0, 0.5)}) == Flags{false, true});
  for (const double unknown : {nan, infinity, -infinity}) {
    CHECK(front_of({run_of(1.0, unknown), run_of(2.0, 0.5)}) == Flags{false, true});
    CHECK(front_of({run_of(unknown, 0.1), run_of(2.0, 0.5)}) == Flags{false, true});
    CHECK(front_of({run_of({0.0, unknown}, 0.1), run_of(2.0, 0.5)}) == Flags{false, true});
    CHECK(front_of({run_of(1.0, unknown)}) == Flags{false});
  }
  CHECK(front_of({run_of(1.0, 0.5)}) == Flags{true});
}

TEST_CASE("Runs of different sizes or tables take each other off no Pareto front") {
  std::vector<Run> runs{run_of(1.0, 0.1), run_of(2.0, 0.2), run_of(3.0, 0.3)};
  CHECK(front_of(runs) == Flags{true, false, false});
  runs[1].shape.queries = 2;
  runs[2].table.name = "other";
  CHECK(front_of(runs) == Flags{true, true, true});
}

/// A run is on the front where all of less energy have more error, and all of the same energy no
/// less.
bool on_front_by_slices(const Report& report, const Run& run) {
  if (!is_comparable(run)) return false;
  double below = infinity;
  double beside = infinity;
  for (const Run& other : report.runs) {
    if (!is_comparable(other)) continue;
    const double error = other.error_vs_softmax->relative_l2;
    const double difference = other.energy_pj.total.middle() - run.energy_pj.total.middle();
    if (difference < 0.0) below = std::min(below, error);
    if (difference == 0.0) beside = std::min(beside, error);
  }
  const double error = run.error_vs_softmax->relative_l2;
  return error < below && error <= beside;
}

TEST_CASE("The Pareto front of random reports is that of slices by energy") {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same reports each time
  const auto below = [&random](unsigned n) { return static_cast<double>(random() % n); };
  std::size_t on_front = 0;
  for (unsigned trial = 0; trial < 500; ++trial) {
    const unsigned coarseness = 3 + trial % 20;  // few values: many ties
    Report report{"1", {}};
    for (double runs = below(17); runs > 0.0; --runs) {
      const double low = below(coarseness);
      report.runs.push_back(run_of({low, low + below(3)}, below(coarseness)));
      const double rare = below(12);
      if (rare == 0.0) report.runs.back().error_vs_softmax.reset();
      if (rare == 1.0) report.runs.back().error_vs_softmax->relative_l2 = nan;
      if (rare == 2.0) report.runs.back().energy_pj.total.high = infinity;
    }
    Flags expected;
    for (const Run& run : report.runs) expected.push_back(on_front_by_slices(report, run));
    CHECK(pareto_front(report) == expected);
    on_front += static_cast<std::size_t>(std::count(expected.begin(), expected.end(), true));
  }
  CHECK(on_front > 500);
}

}  // namespace
}  // namespace wattention
