#pragma once

// The stacked bars of a picture: what lies in them from the bottom up, in which style.
//
// Heights are picojoules, the middle of a range; what is negative or not finite is 0. A known name
// has the same place and style in every picture (reports/plots/palette.hpp); names that are not
// known follow.

#include <string>
#include <vector>

#include "reports/findings/energy_groups.hpp"
#include "reports/plots/palette.hpp"

namespace wattention {

struct BarLayer {
  std::string name;
  Style style;
  std::vector<double> heights;  // one a bar
};

/// `pj` as a height.
double drawable(double pj);

/// From the groups of each bar. At most 24, the smallest of more as one; without those that are 0
/// in all bars.
std::vector<BarLayer> layers_of(const std::vector<std::vector<EnergyGroup>>& bars,
                                const Palette& palette);

}  // namespace wattention
