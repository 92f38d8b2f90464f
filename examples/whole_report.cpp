// Two attentions on one input in one report, in every format that there is, and its totals.

#include <cstdio>
#include <string>
#include <vector>
#include <wattention/wattention.hpp>

int main() {
  using namespace wattention;
  const auto workload = Workload::synthetic({.heads = 2, .tokens = 256, .head_dim = 32}, 1);
  const std::vector<EnergyTable> tables{find_table("horowitz-45nm")};
  std::vector<Run> runs;
  for (const char* name : {"softmax", "flash"}) {
    runs.push_back(measure({name}, workload, {}, tables).runs.front());
  }
  const Report report = report_of(runs);

  std::string formats;
  for (const std::string& format : report_formats()) {
    if (written(report, format).find("flash") == std::string::npos) {
      std::printf("the report in %s lacks flash\n", format.c_str());
      return 1;
    }
    formats += (formats.empty() ? "" : ", ") + format;
  }
  std::printf("%zu runs in %s\n", report.runs.size(), formats.c_str());
  const double softmax_pj = runs[0].energy_pj.total.low;
  const double flash_pj = runs[1].energy_pj.total.low;
  std::printf("flash saves %.0f%% of the energy\n", 100.0 * (1.0 - flash_pj / softmax_pj));
  std::printf("largest error of flash: %g\n", runs[1].error_vs_softmax->max_abs);
}
