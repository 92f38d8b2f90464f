#pragma once

// The lower half of the picture of energies: each run's error over its energy, as a labelled point,
// and the Pareto front as a step line through its points. Filled points are on the front, hollow
// ones are not, in grey too.
//
// Error is relative L2 against exact softmax attention; energy is the middle of its range, with a
// whisker from end to end. The axis of energy is logarithmic where the largest is more than 20
// times the smallest; that of error where the largest is more than 20 times the median of those
// above 0; each then says at which floor smaller ones are drawn. Runs whose error is not known are
// left out. Sizes are pixels. Nothing here throws.

#include <string>

#include "reports/plots/plot_canvas.hpp"
#include "reports/report.hpp"

namespace wattention {

inline constexpr double error_panel_height = 470.0;

/// Whether at least two runs have an error and an energy.
bool has_error_panel(const Report& report);

/// Draws the panel at the bottom of the canvas, its axis of energy from `left` on.
std::string error_panel_script(const Report& report, double left, double width,
                               const Canvas& canvas);

}  // namespace wattention
