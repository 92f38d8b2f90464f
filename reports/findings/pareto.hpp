#pragma once

// Which runs of a report are worth their energy: the Pareto front of energy and error.
//
// Energy is the middle of the range of energy_pj.total, in picojoules; error is relative L2 against
// exact softmax attention. A run is on the front where no other run of its setting (the same shape
// and cost table, reports/findings/comparable_runs.hpp) has at most its energy and at most its
// error, one of them strictly less; so of equal runs all are on it. A run without an error, or
// whose error or energy is not finite, is not compared: it is never on the front, and takes no
// other off it. Nothing here throws.

#include <vector>

#include "reports/report.hpp"

namespace wattention {

/// Whether energy and error of the run are both finite numbers.
bool is_comparable(const Run& run);

/// One flag a run, in the report's order.
std::vector<bool> pareto_front(const Report& report);

}  // namespace wattention
