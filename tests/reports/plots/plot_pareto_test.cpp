#include "reports/plots/plot_pareto.hpp"

#include <catch2/catch.hpp>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/plots/plot.hpp"
#include "tests/reports/sample_report.hpp"

namespace wattention {
namespace {

using Figures = std::vector<std::pair<double, double>>;  // energy in uJ, error

Report of(const Figures& figures) {
  Report report{"1", {}};
  for (const auto& [energy, error] : figures) {
    report.runs.push_back(sample::softmax());
    report.runs.back().label = "run" + std::to_string(report.runs.size());
    report.runs.back().energy_pj.total = Range::exactly(1e6 * energy);
    report.runs.back().error_vs_softmax->relative_l2 = error;
  }
  return report;
}

std::string svg_of(const Report& report) { return draw_energy(report, PlotFormat::svg); }

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::size_t times(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// What gnuplot's SVG calls its circles; the key shows one of each.
constexpr std::string_view filled = "href='#gpPt6' transform";
constexpr std::string_view hollow = "href='#gpPt5' transform";

TEST_CASE("A plot of fifteen runs shows each one's error over its energy, and the Pareto front") {
  const std::string svg = svg_of(of({{41.9, 0.0},
                                     {42.3, 2.1e-7},
                                     {6.2, 0.91},
                                     {14.3, 0.41},
                                     {9.8, 0.9},
                                     {17.0, 0.62},
                                     {10.4, 0.8},
                                     {7.1, 0.88},
                                     {13.2, 0.55},
                                     {11.6, 0.5},
                                     {12.5, 0.47},
                                     {21.7, 0.71},
                                     {5.3, 0.006},
                                     {28.4, 0.66},
                                     {2.1, 0.93}}));
  CHECK(has(svg, "Error against energy"));
  CHECK(has(svg, "error, relative L2"));
  CHECK_FALSE(has(svg, "left out"));
  CHECK(times(svg, filled) == 3 + 1);
  CHECK(times(svg, hollow) == 12 + 1);
  CHECK(times(svg, "run15<") == 3);
}

TEST_CASE("Errors are drawn where at least two runs have one, and what is left out is said") {
  Report report = of({{1.0, 0.5}, {2.0, 0.25}, {3.0, 0.1}});
  report.runs[1].error_vs_softmax.reset();
  CHECK(has_error_panel(report));
  CHECK(has(svg_of(report), "Error against energy (runs without an error: 1, left out)"));
  report.runs[0].error_vs_softmax->relative_l2 = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(has_error_panel(report));
  CHECK_FALSE(has(svg_of(report), "Error against energy"));
  CHECK_FALSE(has_error_panel({"1", {}}));
}

TEST_CASE("Where all runs are on the front no key explains others") {
  const std::string svg = svg_of(of({{1.0, 0.5}, {2.0, 0.25}}));
  CHECK(has(svg, "Pareto front"));
  CHECK(times(svg, filled) == 2 + 1);
  CHECK(times(svg, hollow) == 0);
  CHECK_FALSE(has(svg, "other runs"));
}

TEST_CASE("Errors of very different sizes are drawn over a floor that the axis states") {
  CHECK(has(svg_of(of({{42.0, 0.0}, {43.0, 2e-7}, {20.0, 5e-4}, {5.0, 0.9}})),
            "error, relative L2; below 1e-07 drawn at 1e-07"));
  CHECK_FALSE(has(svg_of(of({{43.0, 2e-7}, {20.0, 5e-4}, {5.0, 0.9}})), "below"));
}

TEST_CASE("Errors and energies of 0, the same ones, and huge ones can be drawn") {
  const Figures figures =
      GENERATE(Figures{{1.0, 0.0}, {1.0, 0.0}}, Figures{{0.0, 0.0}, {0.0, 0.0}},
               Figures{{0.0, 1.0}, {5.0, 0.0}}, Figures{{1e-300, 1e-310}, {1e300, 1.7e308}},
               Figures{{1e-9, 1e-12}, {1.0, 1e-6}, {1e9, 1e9}, {1e12, 0.0}});
  const std::string svg = svg_of(of(figures));
  CHECK(has(svg, "Error against energy"));
  CHECK(times(svg, filled) + times(svg, hollow) >= figures.size());
}

TEST_CASE("A range of energy is drawn over error too, from end to end") {
  Report report = of({{1.0, 0.5}, {30.0, 0.25}});
  const std::size_t exact = times(svg_of(report), "rgb( 64,  64,  64)");
  report.runs[0].energy_pj.total = {0.0, 2e6};
  CHECK(times(svg_of(report), "rgb( 64,  64,  64)") > exact);
}

}  // namespace
}  // namespace wattention
