// Runs softmax attention on drawn tensors, reads its totals, and prints the report for people.

#include <cstdio>
#include <vector>
#include <wattention/wattention.hpp>

int main() {
  using namespace wattention;
  const auto workload = Workload::synthetic({.heads = 4, .tokens = 128, .head_dim = 64}, 1);
  const std::vector<EnergyTable> tables{find_table("horowitz-45nm")};
  const Measurement measured = measure({"softmax"}, workload, {}, tables);
  const Run& run = measured.runs.front();
  std::printf("%llu multiplications, %g to %g pJ\n",
              static_cast<unsigned long long>(run.totals[Total::multiplications]),
              run.energy_pj.total.low, run.energy_pj.total.high);
  std::fputs(written(report_of(measured.runs), "text").c_str(), stdout);
}
