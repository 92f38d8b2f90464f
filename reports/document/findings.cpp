// What follows from a run, in words.

#include <fmt/format.h>

#include <string>

#include "reports/document/phrases.hpp"
#include "reports/wording/numbers.hpp"

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
      "own attention",
      error.cosine, error.max_abs, error.relative_l2);
}

void add_host_time(Facts& facts, const std::optional<double>& seconds) {
  if (!seconds) return;
  facts.items.push_back(
      {"host time", si_seconds(*seconds) + " on this machine, not on the hardware above"});
}

void add_price_shares(Facts& facts, const Result& run) {
  const std::string shares = price_shares(run.operations, run.traffic);
  if (shares.empty()) return;
  facts.items.push_back(
      {"prices", fmt::format("{} of {}", shares, priced_energy(run.energy_pj)), true});
}

}  // namespace

Facts findings_of(const Run& run) {
  Facts facts{"", {}, true};
  facts.items = {{"totals", totals_text(run.totals)},
                 {"energy", energy_text(run.energy_pj, run.table.unit), true}};
  add_area(facts, run.area_um2);
  add_price_shares(facts, run);
  facts.items.push_back({"error", error_vs_softmax_text(run)});
  add_host_time(facts, run.host_seconds);
  return facts;
}

void add_untouched(Facts& facts, const NetworkRun& run, const std::string& label) {
  const Range inside = replaced_energy(run);
  const double total = run.energy_pj.compute.middle();
  if (inside == Range{} || !(total > 0.0)) return;
  facts.items.push_back(
      {"untouched",
       fmt::format("{} of the compute energy is in layers outside the attentions that {} "
                   "replaces, which take {}",
                   percent(1.0 - inside.middle() / total), label,
                   si_energy(inside, run.table.unit)),
       true});
}

Facts findings_of(const NetworkRun& run) {
  const std::string of_one = run.inputs == 1 ? "" : " an input";
  Facts facts{"",
              {{"totals", totals_text(run.totals) + of_one},
               {"energy", energy_text(run.energy_pj, run.table.unit) + of_one, true}},
              true};
  add_untouched(facts, run, run.attention);
  add_area(facts, run.area_um2);
  facts.items.push_back(
      {"tensors", fmt::format("{} read, {} written by layers", iec_bytes(run.read_bytes),
                              iec_bytes(run.write_bytes))});
  add_price_shares(facts, run);
  if (run.accuracy) facts.items.push_back({"accuracy", accuracy_text(*run.accuracy)});
  if (run.error_vs_native)
    facts.items.push_back({"error", error_vs_native_text(*run.error_vs_native)});
  add_host_time(facts, run.host_seconds);
  return facts;
}

}  // namespace wattention
