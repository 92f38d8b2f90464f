// The attention of README's example, beside the shipped ones, through the front door of the
// installed package.

#include <cstdio>
#include <vector>
#include <wattention/network.hpp>
#include <wattention/wattention.hpp>

namespace {

using namespace wattention;

double energy_pj(const char* name, Mode mode) {
  const auto workload = Workload::synthetic({.heads = 2, .tokens = 10, .head_dim = 8}, 1);
  const std::vector<EnergyTable> tables{find_table("horowitz-45nm")};
  return measure({name}, workload, {.mode = mode}, tables).runs.front().energy_pj.compute.low;
}

}  // namespace

int main() {
  for (const char* name : {"plain-linear", "softmax", "ecoformer"}) {
    const double audited = energy_pj(name, Mode::audit);
    std::printf("%s: %.1f pJ\n", name, audited);
    if (audited <= 0 || audited != energy_pj(name, Mode::estimate)) return 1;
  }
  NetworkJob job{.definition = NetworkDefinition::find("pvtv2-b0")};
  job.how.mode = Mode::estimate;
  const std::vector<EnergyTable> tables{find_table("horowitz-45nm")};
  const NetworkRun run = measure_network(job, tables).runs.front();
  return written(Report{version, {}, {run}}, "text").find("pvtv2-b0") == std::string::npos ? 1 : 0;
}
