#pragma once

// A picture and the panels in it, in pixels from its lower left corner, and how text is set in it.
//
// Widths of text are estimates of DejaVu Sans at 12 pixels. What is returned is gnuplot's script.
// Nothing here throws.

#include <cstddef>
#include <string>
#include <vector>

#include "reports/plots/palette.hpp"
#include "reports/wording/numbers.hpp"

namespace wattention {

inline constexpr double letter_width = 7.0;
inline constexpr double line_height = 18.0;

enum class PlotFormat { svg, png, pdf };

struct Canvas {
  double width = 0.0;
  double height = 0.0;
};

struct Box {
  double left = 0.0;
  double bottom = 0.0;
  double width = 0.0;
  double height = 0.0;

  double right() const { return left + width; }
  double top() const { return bottom + height; }
};

/// Which terminal of gnuplot draws, and how large: in pixels, or in PDF of 1/96 inch each.
std::string terminal_script(const Canvas& canvas, PlotFormat format);

/// "µJ": the unit as print has it.
std::string unit_text(const EnergyUnit& unit);

/// How gnuplot fills a box.
std::string fill_clause(const Style& style);

/// The next panel's axes enclose `frame`; titles and tics lie around it, the key to the right.
std::string frame_script(const Box& frame, const Canvas& canvas);

std::size_t longest(const std::vector<std::string>& texts);

/// `label` in at most `most_lines` lines of at most `letters`.
std::vector<std::string> name_lines(const std::string& label, std::size_t letters,
                                    std::size_t most_lines);

/// The lines as one text.
std::string joined_lines(const std::vector<std::string>& lines);

}  // namespace wattention
