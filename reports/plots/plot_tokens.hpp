#pragma once

// The picture of energy against the number of tokens: a curve for each attention, on logarithmic
// axes, and at each crossing of two of them a ring with its number of tokens; what crosses what is
// told below (reports/findings/crossover.hpp).
//
// Curves differ in colour, dashes and points, and carry their names. Where prices are ranges,
// whiskers span them. Sizes are pixels.

#include <string>
#include <vector>

#include "reports/findings/crossover.hpp"
#include "reports/plots/plot_axis.hpp"
#include "reports/plots/plot_canvas.hpp"
#include "reports/report.hpp"

namespace wattention {

struct TokensChart {
  Canvas canvas;
  Box frame;
  std::vector<EnergyCurve> curves;
  std::vector<Crossover> crossings;
  std::vector<std::string> text;  // lines below the panel
  Axis tokens;
  Axis energy;  // picojoules
};

/// Error where there is no curve, or more than 12.
TokensChart tokens_chart(const Report& report);

std::string tokens_script(const TokensChart& chart);

}  // namespace wattention
