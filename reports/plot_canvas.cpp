#include "reports/plot_canvas.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/gnuplot.hpp"
#include "reports/labels.hpp"

namespace wattention {

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
