// The attention of README's example, beside the shipped ones, through the installed package.

#include <cstdio>

#include "models/attention.hpp"
#include "models/workload.hpp"
#include "sim/prices/price.hpp"
#include "sim/prices/shipped_tables.hpp"

namespace {

using namespace wattention;

double energy_pj(const char* name, Mode mode) {
  const auto workload = Workload::synthetic({2, 10, {}, 8, {}}, 1);
  const auto attention = Registry<Attention>::global().make(name, "attention");
  attention->prepare(workload.qkv(), {});
  Ledger ledger(attention->phases());
  attention->run(mode, workload.qkv(), ledger);
  if (mode == Mode::audit && !ledger.imbalances().empty()) return -1;
  return total_energy(price(ledger, find_table("horowitz-45nm"))).low;
}

}  // namespace

int main() {
  for (const char* name : {"plain-linear", "softmax", "ecoformer"}) {
    const double audited = energy_pj(name, Mode::audit);
    std::printf("%s: %.1f pJ\n", name, audited);
    if (audited <= 0 || audited != energy_pj(name, Mode::estimate)) return 1;
  }
}
