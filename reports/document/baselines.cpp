#include "reports/document/baselines.hpp"

#include <algorithm>

#include "reports/document/phrases.hpp"
#include "reports/findings/comparable_runs.hpp"
#include "reports/wording/numbers.hpp"

namespace wattention {
namespace {

using Kind = Column::Kind;

template <class AnyRun>
std::optional<Table> savings_of(const std::vector<AnyRun>& runs,
                                const std::vector<std::string>& labels) {
  Table table{"Energy saved against both forms of exact attention",
              "energy saved",
              {{"attention", Kind::name, 0},
               {"energy", Kind::number, 17},
               {"vs softmax", Kind::number, 18},
               {"vs flash", Kind::number, 18}},
              {},
              "softmax writes and reads its scores; flash is the same function without that; "
              "negative where a run costs more"};
  const std::vector<std::size_t> settings = settings_of(runs);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::size_t softmax = run_named(runs, settings, i, "softmax");
    const std::size_t flash = run_named(runs, settings, i, "flash");
    if (softmax == runs.size() || flash == runs.size()) continue;
    const Range& energy = runs[i].energy_pj.total;
    table.row({labels[i], si_energy(energy, runs[i].table.unit),
               i == softmax ? "-" : saved(energy, runs[softmax].energy_pj.total),
               i == flash ? "-" : saved(energy, runs[flash].energy_pj.total)});
  }
  if (table.rows.empty()) return std::nullopt;
  return table;
}

}  // namespace

std::optional<Table> savings_against_both(const std::vector<Run>& runs,
                                          const std::vector<std::string>& labels) {
  return savings_of(runs, labels);
}
std::optional<Table> savings_against_both(const std::vector<NetworkRun>& networks,
                                          const std::vector<std::string>& labels) {
  return savings_of(networks, labels);
}

std::string caution_on_unfused(const std::vector<Run>& runs) {
  const bool against_softmax = runs.size() > 1 && runs.front().attention == "softmax";
  if (!against_softmax || std::ranges::find(runs, "flash", &Run::attention) != runs.end())
    return "";
  return "; softmax writes and reads its scores here: flash is the same function without that";
}

}  // namespace wattention
