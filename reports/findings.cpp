// What follows from a run, in words.

#include <fmt/format.h>

#include <string>

#include "reports/numbers.hpp"
#include "reports/phrases.hpp"

namespace wattention {
namespace {

std::string error_vs_softmax_text(const Run& run) {
  if (!run.error_vs_softmax) return "not computed";
  const OutputError& error = *run.error_vs_softmax;
  return fmt::format(
      "max abs {:.3g}, rmse {:.3g}, relative L2 {:.3g}, cosine {:.6f}, against exact softmax "
      "attention",
      error.max_abs, error.rmse, error.relative_l2, error.cosine);
}

std::string accuracy_text(const Accuracy& accuracy) {
  return fmt::format("{:.2f}% top-1: {} of {} images", 100.0 * accuracy.top1(), accuracy.correct,
                     accuracy.images);
}

/// Of the energy, what is spent in attentions that were put in place of the network's own.
Range replaced_energy(const NetworkRun& run) {
  Range energy;
  for (const LayerLine& layer : run.layers) {
    if (layer.replaced) energy += layer.energy_pj;
  }
  return energy;
}

std::string error_vs_native_text(const OutputError& error) {
  return fmt::format(
      "cosine {:.6f}, max abs {:.3g}, relative L2 {:.3g}, against the output with the network's "
      "own "
      "attention",
      error.cosine, error.max_abs, error.relative_l2);
}

std::string memory_text(const NetworkRun& run) {
  const std::string bytes =
      fmt::format("{} read, {} written", iec_bytes(run.read_bytes), iec_bytes(run.write_bytes));
  if (run.energy_pj.memory == Range{}) return "not priced here (tensors: " + bytes + ")";
  return fmt::format("{} (tensors: {})", si_energy(run.energy_pj.memory), bytes);
}

}  // namespace

Facts findings_of(const Run& run) {
  Facts facts{"", {}, true};
  facts.items = {{"totals", totals_text(run.totals)}, {"energy", energy_text(run.energy_pj), true}};
  if (!memory_is_priced(run)) {
    facts.items.push_back(
        {"memory",
         run.traffic.empty() ? "not priced here" : "not priced here (tensor traffic above)", true});
  }
  add_area(facts, run.area_um2);
  if (const std::string shares = price_shares(run.operations); !shares.empty()) {
    facts.items.push_back({"prices", shares + " of the compute energy", true});
  }
  facts.items.push_back({"error", error_vs_softmax_text(run)});
  if (run.host_seconds) {
    facts.items.push_back({"host time", si_seconds(*run.host_seconds) +
                                            " on this machine, not on the hardware above"});
  }
  return facts;
}

void add_untouched(Facts& facts, const NetworkRun& run, const std::string& label) {
  const Range inside = replaced_energy(run);
  const double total = run.energy_pj.total.middle();
  if (inside == Range{} || !(total > 0.0)) return;
  facts.items.push_back(
      {"untouched",
       fmt::format("{} of the energy is in layers outside the attentions that {} "
                   "replaces, which take {}",
                   percent(1.0 - inside.middle() / total), label, si_energy(inside)),
       true});
}

Facts findings_of(const NetworkRun& run) {
  const std::string of_one = run.inputs == 1 ? "" : " an input";
  Facts facts{"",
              {{"totals", totals_text(run.totals) + of_one},
               {"energy", energy_text(run.energy_pj) + of_one, true}},
              true};
  add_untouched(facts, run, run.attention);
  add_area(facts, run.area_um2);
  facts.items.push_back({"memory", memory_text(run)});
  if (const std::string shares = price_shares(run.operations); !shares.empty()) {
    facts.items.push_back({"prices", shares + " of the compute energy", true});
  }
  if (run.accuracy) facts.items.push_back({"accuracy", accuracy_text(*run.accuracy)});
  if (run.error_vs_native)
    facts.items.push_back({"error", error_vs_native_text(*run.error_vs_native)});
  if (run.host_seconds) {
    facts.items.push_back({"host time", si_seconds(*run.host_seconds) +
                                            " on this machine, not on the hardware above"});
  }
  return facts;
}

}  // namespace wattention
