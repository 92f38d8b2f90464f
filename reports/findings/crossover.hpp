#pragma once

// Energy as a function of the number of tokens, and where one attention becomes cheaper than
// another.
//
// A curve joins the runs of a report that differ in their number of queries alone. Between two
// neighbouring token counts that both curves have, log(energy) is taken as linear in log(tokens):
//
//     d_i = log(E_a(N_i) / E_b(N_i)),  N = N_0 (N_1 / N_0)^(d_0 / (d_0 - d_1))  where d changes
//     sign
//
// Energies are picojoules, the middle of a range. Curves cross only within one setting (same heads,
// dims and cost table). Nothing is extrapolated. Nothing here throws.

#include <cstddef>
#include <string>
#include <vector>

#include "reports/report.hpp"

namespace wattention {

struct CurvePoint {
  double tokens = 0.0;
  Range energy_pj;
};

struct EnergyCurve {
  std::string label;
  std::size_t setting = 0;
  std::string unit;                // of the cost table
  std::vector<CurvePoint> points;  // by ascending tokens, each once
};

struct Crossover {
  std::string before;  // cheaper at fewer tokens
  std::string after;   // cheaper at more
  double tokens = 0.0;
  double energy_pj = 0.0;
  std::string unit = {};  // of the cost table
};

/// In the order in which labels appear. Runs without a finite energy above 0 are left out.
std::vector<EnergyCurve> energy_curves(const Report& report);

/// By pairs of curves, in their order, then by tokens.
std::vector<Crossover> crossovers(const std::vector<EnergyCurve>& curves);

/// Whether the report has a curve of at least two points.
bool has_several_token_counts(const Report& report);

}  // namespace wattention
