#include "reports/plots/plot_bar_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "reports/plots/plot_canvas.hpp"
#include "reports/wording/printable.hpp"

namespace wattention {
namespace {

constexpr std::size_t most_upright = 5;
constexpr std::size_t rotated_letters = 26;

/// Room for one bar: for its name's longest word too, where names stand upright.
double slot_width(const std::vector<std::string>& labels) {
  constexpr std::size_t widest_word = 24;
  const auto bars = static_cast<double>(labels.size());
  const double for_bar = std::max(40.0, labels.size() == 1 ? 260.0 : 320.0 / bars);
  if (labels.size() > most_upright) return for_bar;
  std::size_t longest_word = 0;
  for (const std::string& label : labels) {
    longest_word = std::max(longest_word, longest(wrapped(label, widest_word)));
  }
  return std::max(for_bar, letter_width * static_cast<double>(longest_word + 2));
}

}  // namespace

BarNames bar_names(const std::vector<std::string>& labels) {
  BarNames names;
  names.slot_width = slot_width(labels);
  names.upright = labels.size() <= most_upright;
  const std::size_t letters = names.upright
                                  ? static_cast<std::size_t>(names.slot_width / letter_width) - 1
                                  : rotated_letters;
  std::size_t most_lines = 1;
  std::size_t longest_line = 0;
  for (const std::string& label : labels) {
    names.lines.push_back(name_lines(label, letters, names.upright ? 4 : 2));
    most_lines = std::max(most_lines, names.lines.back().size());
    longest_line = std::max(longest_line, longest(names.lines.back()));
  }
  names.bottom_margin = 20.0 + (names.upright ? line_height * static_cast<double>(most_lines)
                                              : letter_width * static_cast<double>(longest_line));
  return names;
}

std::string bar_names_script(const BarNames& names) {
  std::string script;
  for (std::size_t i = 0; i < names.lines.size(); ++i) {
    const std::vector<std::string>& lines = names.lines[i];
    const double half_block = 0.5 * static_cast<double>(lines.size() - 1);  // in lines
    const std::string place =
        names.upright ? "center offset 0, character -1"
                      : fmt::format("right rotate by 90 offset character {}, character -0.5",
                                    -3.4 * half_block);
    script +=
        fmt::format("set label {} at first {}, graph 0 {}\n", joined_lines(lines), i + 1, place);
  }
  return script;
}

}  // namespace wattention
