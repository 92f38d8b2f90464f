#pragma once

// Panels of stacked bars side by side, one bar a run: energy by phase and by kind of operation, or
// of networks by kind of layer.
//
// A segment that has room for it bears its name. Energies share one SI unit, that of the largest; a
// range is drawn at its middle, with a whisker from end to end. Sizes are pixels. Nothing here
// throws.

#include <cstddef>
#include <string>
#include <vector>

#include "reports/plots/bar_layers.hpp"
#include "reports/plots/plot_bar_names.hpp"
#include "reports/plots/plot_canvas.hpp"
#include "reports/report.hpp"
#include "reports/wording/numbers.hpp"

namespace wattention {

struct Bar {
  std::string label;  // printable
  Range total_pj;
};

struct BarPanel {
  std::string title;
  std::vector<BarLayer> layers;
};

struct BarChart {
  std::vector<Bar> bars;
  std::vector<BarPanel> panels;
  // What the panels share:
  EnergyUnit unit;
  double highest = 0.0;  // of all bars, in `unit`
  std::vector<std::string> totals;
  BarNames names;
  bool totals_upright = true;
  double plot_width = 0.0;
  double plot_height = 0.0;
  double left_margin = 80.0;
  double top_margin = 76.0;  // two titles
  double legend_width = 0.0;

  double panel_width() const { return left_margin + plot_width + legend_width; }
  double width() const { return panel_width() * static_cast<double>(panels.size()); }
  double height() const { return top_margin + plot_height + names.bottom_margin; }
};

/// Of at least one bar.
BarChart bar_chart(std::vector<Bar> bars, std::vector<BarPanel> panels,
                   std::string_view table_unit);

/// Draws the panels at the top of the canvas.
std::string bars_script(const BarChart& chart, const Canvas& canvas);

}  // namespace wattention
