#pragma once

// The stacked bars of a picture: what lies in them from the bottom up, in which colour.
//
// Heights are picojoules, the middle of a range; what is negative or not finite is 0. A known name
// has the same place and colour in every picture (Okabe and Ito's palette, which the colour-blind
// can tell apart). The styles are clauses of gnuplot's plot command.

#include <string>
#include <vector>

#include "reports/report.hpp"

namespace wattention {

struct Layer {
  std::string name;
  std::string style;
  std::vector<double> heights;  // one a run
};

/// `pj` as a height.
double drawable(double pj);

/// At most 24, the smallest of more as one; without those that are 0 in all runs.
std::vector<Layer> layers_by_phase(const Report& report);
std::vector<Layer> layers_by_kind(const Report& report);

}  // namespace wattention
