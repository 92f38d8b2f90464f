#include "reports/plots/plot_canvas.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/plots/gnuplot.hpp"
#include "reports/wording/printable.hpp"
#include "reports/wording/typography.hpp"

namespace wattention {

std::string terminal_script(const Canvas& canvas, PlotFormat format) {
  constexpr double per_inch = 96.0;
  constexpr double scale = 2.0;  // of PNG, for screens with small pixels
  switch (format) {
    case PlotFormat::svg:
      return fmt::format(
          "set terminal svg size {:.0f},{:.0f} fixed noenhanced font 'DejaVu Sans,12' "
          "background rgb 'white'\n",
          canvas.width, canvas.height);
    case PlotFormat::pdf:
      return fmt::format(
          "set terminal pdfcairo size {:.4f}in,{:.4f}in noenhanced font 'DejaVu Sans,9' "
          "fontscale 0.75 linewidth 1.3 background rgb 'white'\n",
          canvas.width / per_inch, canvas.height / per_inch);
    case PlotFormat::png:
      break;
  }
  return fmt::format(
      "set terminal pngcairo size {:.0f},{:.0f} noenhanced font 'DejaVu Sans,9' fontscale {} "
      "linewidth {} pointscale {} background rgb 'white'\n",
      scale * canvas.width, scale * canvas.height, scale, scale, scale);
}

std::string unit_text(const EnergyUnit& unit) {
  return typographic(fmt::format("1 {}", unit.name)).substr(2);
}

std::string fill_clause(const Style& style) {
  if (style.hatch == Hatch::none) {
    return fmt::format("fillstyle solid 1.0 border linecolor rgb '#FFFFFF' linecolor rgb '{}'",
                       style.colour);
  }
  constexpr std::array<int, 5> patterns{3, 4, 5, 1, 2};  // of gnuplot's terminals, by Hatch
  return fmt::format("fillstyle pattern {} border linecolor rgb '{}' linecolor rgb '{}'",
                     patterns[static_cast<std::size_t>(style.hatch)], style.colour, style.colour);
}

std::string frame_script(const Box& frame, const Canvas& canvas) {
  constexpr double gap = 6.0;
  return fmt::format(
      "set lmargin at screen {:.6f}\nset rmargin at screen {:.6f}\n"
      "set bmargin at screen {:.6f}\nset tmargin at screen {:.6f}\n"
      "set key at screen {:.6f}, screen {:.6f} left top\n",
      frame.left / canvas.width, frame.right() / canvas.width, frame.bottom / canvas.height,
      frame.top() / canvas.height, (frame.right() + gap) / canvas.width,
      frame.top() / canvas.height);
}

std::size_t longest(const std::vector<std::string>& texts) {
  std::size_t width = 0;
  for (const std::string& text : texts) width = std::max(width, width_of(text));
  return width;
}

std::vector<std::string> name_lines(const std::string& label, std::size_t letters,
                                    std::size_t most_lines) {
  std::vector<std::string> lines = wrapped(label, letters);
  if (lines.size() > most_lines) {
    for (std::size_t i = most_lines; i < lines.size(); ++i) lines[most_lines - 1] += ' ' + lines[i];
    lines.resize(most_lines);
    lines.back() = shortened(lines.back(), letters);
  }
  return lines;
}

std::string joined_lines(const std::vector<std::string>& lines) {
  std::string result;
  for (const std::string& line : lines) {
    result += (result.empty() ? "" : ".\"\\n\".") + gnuplot_string(line);
  }
  return result;
}

}  // namespace wattention
