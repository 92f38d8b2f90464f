#pragma once

// The lower half of the picture of networks: what each saves, in percent of the energy of the first
// of its setting (the same network, input and table), as a bar from 0; below 0 where it takes more.
//
// An attention has one colour in all networks. Where prices are ranges, the bar ends in the middle
// of both savings, at the low and at the high ends, and a whisker spans them. Sizes are pixels.
// Nothing here throws.

#include <cstddef>
#include <string>
#include <vector>

#include "reports/plots/plot_bar_names.hpp"
#include "reports/plots/plot_canvas.hpp"
#include "reports/report.hpp"

namespace wattention {

struct Saving {
  std::string label;      // printable
  std::string baseline;   // printable
  std::size_t attention;  // its number, from 0 in the order in which attentions appear
  Range percent;
};

/// Of all runs that are not the first of their setting, where that one takes energy.
std::vector<Saving> savings_of(const std::vector<NetworkRun>& networks);

struct SavingsChart {
  std::vector<Saving> savings;
  BarNames names;
  double left = 0.0;
  double width = 0.0;
  double height = 0.0;  // 0 without savings
};

/// With its axis of percent at `left`.
SavingsChart savings_chart(const std::vector<Saving>& savings, double left);

/// Draws the panel at the bottom of the canvas.
std::string savings_script(const SavingsChart& chart, const Canvas& canvas);

}  // namespace wattention
