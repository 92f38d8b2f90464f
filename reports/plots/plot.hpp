#pragma once

// Reports as pictures.
//
//     draw_energy     stacked bars, one a run, by phase and by kind of operation; below them, where
//                     at least two runs have an error, error against energy with the Pareto front
//     draw_tokens     energy against the number of tokens on logarithmic axes, one curve an
//                     attention, with the crossover of each pair
//     draw_networks   stacked bars, one a network, by kind of layer and of operation; below them
//                     what each network saves against the first of its setting
//
// Energies share one SI unit; a run whose prices are ranges is drawn at the middle of its range,
// with a whisker from end to end. A name has the same colour in every picture
// (reports/plots/palette.hpp), and lightness, hatching and labels tell apart what colour alone
// would not. gnuplot draws: Error where it is missing or fails, or where there is nothing to draw,
// or too much (40 bars, 12 curves).

#include <string>

#include "reports/plots/plot_canvas.hpp"
#include "reports/report.hpp"

namespace wattention {

/// By the ending of the file's name; InputError where it is none of .svg, .png and .pdf.
PlotFormat plot_format(const std::string& path);

/// The picture that fits the report, as the bytes of its file: draw_networks where there are
/// networks, draw_tokens where an attention has runs of several token counts, else draw_energy. Of
/// several cost tables that are ranked the first is drawn; Error where energies are in different
/// units.
std::string draw_plot(const Report& all, PlotFormat format);

std::string draw_energy(const Report& report, PlotFormat format);
std::string draw_tokens(const Report& report, PlotFormat format);
std::string draw_networks(const Report& report, PlotFormat format);

}  // namespace wattention
