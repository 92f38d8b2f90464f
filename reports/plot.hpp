#pragma once

// The energy of runs as a picture: two panels of stacked bars, one bar a run, on the left by
// phase, on the right by kind of operation; below them, where at least two runs have an error, a
// panel of error against energy with the Pareto front.
//
// Energies share one SI unit; a run whose prices are ranges is drawn at the middle of its range,
// with a whisker from end to end. A known phase has the same colour in every picture (Okabe and
// Ito's palette). gnuplot draws: Error where it is missing or fails, or where there are no runs or
// more than 40.

#include <string>

#include "reports/report.hpp"

namespace wattention {

enum class PlotFormat { svg, png };

/// By the ending of the file's name; InputError where it is neither .svg nor .png.
PlotFormat plot_format(const std::string& path);

/// The bytes of the image. Of several cost tables the first is drawn.
std::string draw_energy(const Report& all, PlotFormat format);

}  // namespace wattention
