#pragma once

// The names under the bars of a panel: upright under a few bars, else along them. Sizes are pixels.

#include <string>
#include <vector>

namespace wattention {

struct BarNames {
  std::vector<std::vector<std::string>> lines;  // one entry a bar
  bool upright = true;                          // else rotated
  double slot_width = 0.0;                      // of one bar, with the gap beside it
  double bottom_margin = 0.0;
};

/// Labels are printable.
BarNames bar_names(const std::vector<std::string>& labels);

/// Sets them below the panel's axis; bar i stands at i + 1.
std::string bar_names_script(const BarNames& names);

}  // namespace wattention
