#include "reports/findings/pareto.hpp"

#include <cmath>
#include <cstddef>

#include "reports/findings/comparable_runs.hpp"

namespace wattention {
namespace {

/// Both are comparable.
bool is_better(const Run& a, const Run& b) {
  const double a_energy = a.energy_pj.total.middle();
  const double b_energy = b.energy_pj.total.middle();
  const double a_error = a.error_vs_softmax->relative_l2;
  const double b_error = b.error_vs_softmax->relative_l2;
  return a_energy <= b_energy && a_error <= b_error && (a_energy < b_energy || a_error < b_error);
}

}  // namespace

bool is_comparable(const Run& run) {
  return run.error_vs_softmax && std::isfinite(run.error_vs_softmax->relative_l2) &&
         std::isfinite(run.energy_pj.total.middle());
}

std::vector<bool> pareto_front(const Report& report) {
  const std::vector<Run>& runs = report.runs;
  const std::vector<std::size_t> settings = settings_of(runs);
  std::vector<bool> front(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    front[i] = is_comparable(runs[i]);
    for (std::size_t other = 0; front[i] && other < runs.size(); ++other) {
      front[i] = settings[other] != settings[i] || !is_comparable(runs[other]) ||
                 !is_better(runs[other], runs[i]);
    }
  }
  return front;
}

}  // namespace wattention
