#pragma once

// The upper half of the picture of energies: panels of stacked bars side by side, one bar a run, by
// phase and by kind of operation.
//
// Sizes are pixels. Energies share one SI unit, that of the largest. Nothing here throws.

#include <cstddef>
#include <string>
#include <vector>

#include "reports/layers.hpp"
#include "reports/numbers.hpp"
#include "reports/plot_canvas.hpp"
#include "reports/report.hpp"

namespace wattention {

struct BarPanel {
  std::string title;
  std::vector<Layer> layers;
};

struct BarChart {
  std::vector<BarPanel> panels;
  // What they share:
  EnergyUnit unit;
  std::size_t runs = 0;
  double highest = 0.0;  // of all bars, in `unit`
  std::vector<std::string> totals;
  std::vector<std::vector<std::string>> names;  // lines
  bool names_upright = true;                    // else rotated
  bool totals_upright = true;
  double slot_width = 0.0;
  double plot_width = 0.0;
  double plot_height = 0.0;
  double left_margin = 80.0;
  double top_margin = 76.0;  // two titles
  double bottom_margin = 0.0;
  double legend_width = 0.0;

  double panel_width() const { return left_margin + plot_width + legend_width; }
  double width() const { return panel_width() * static_cast<double>(panels.size()); }
  double height() const { return top_margin + plot_height + bottom_margin; }
};

/// Of a report with at least one run.
BarChart bar_chart(const Report& report);

/// Draws the panels at the top of the canvas.
std::string bars_script(const Report& report, const BarChart& chart, const Canvas& canvas);

}  // namespace wattention
