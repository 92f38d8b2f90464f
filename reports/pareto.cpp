#include "reports/pareto.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

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
  std::vector<bool> front(report.runs.size());
  for (std::size_t i = 0; i < front.size(); ++i) {
    const Run& run = report.runs[i];
    front[i] = is_comparable(run) &&
               std::none_of(report.runs.begin(), report.runs.end(), [&run](const Run& other) {
                 return other.table.name == run.table.name && is_comparable(other) &&
                        is_better(other, run);
               });
  }
  return front;
}

}  // namespace wattention
