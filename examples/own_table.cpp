// A cost table of one's own, own_table.json, with one of its prices changed: what softmax attention
// costs under it. Takes the file as its argument.

#include <cstdio>
#include <vector>
#include <wattention/wattention.hpp>

int main(int argc, char** argv) {
  using namespace wattention;
  if (argc != 2) {
    std::puts("usage: example_own_table FILE.json");
    return 2;
  }
  try {
    const OverriddenTable mine = table_with_costs(argv[1], {"fp32.mul=4"});
    std::printf("fp32 mac: %s pJ\n",
                text_of(mine.table.price(Op::mac, Format::fp32)->energy_pj).c_str());
    if (mine.table.memory().empty()) std::puts("memory moves at no price");

    const auto workload = Workload::without_data({.heads = 1, .tokens = 4096, .head_dim = 64});
    const std::vector<EnergyTable> tables{mine.table};
    const Measurement measured = measure({"softmax"}, workload, {.mode = Mode::estimate}, tables);
    std::printf("softmax: %g pJ\n", measured.runs.front().energy_pj.compute.low);
  } catch (const Error& error) {
    std::puts(error.what());
    return 1;
  }
}
