// Where the bytes go, as text: one run by level and by phase, several side by side.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "reports/columns.hpp"
#include "reports/energy_groups.hpp"
#include "reports/labels.hpp"
#include "reports/numbers.hpp"
#include "reports/text_parts.hpp"

namespace wattention {
namespace {

using Align = Columns::Align;

struct LevelSum {
  std::string name;
  bool off_chip = false;
  std::uint64_t read_bytes = 0;
  std::uint64_t write_bytes = 0;
  Range energy_pj;
};

/// In the order of the hierarchy: lines of a phase go from the innermost level outward.
std::vector<LevelSum> sums_by_level(const std::vector<TrafficLine>& traffic) {
  std::vector<LevelSum> levels;
  for (const TrafficLine& line : traffic) {
    auto level = std::ranges::find(levels, line.level, &LevelSum::name);
    if (level == levels.end()) {
      level = levels.insert(levels.end(), LevelSum{line.level, line.off_chip, 0, 0, {}});
    }
    level->read_bytes += line.read_bytes;
    level->write_bytes += line.write_bytes;
    level->energy_pj += line.energy_pj;
  }
  std::ranges::stable_sort(levels, {}, &LevelSum::off_chip);
  return levels;
}

std::string unmodelled_table(const std::vector<TrafficLine>& traffic) {
  Columns table(
      {{"phase", Align::left, 0}, {"read", Align::right, 9}, {"written", Align::right, 9}});
  for (const TrafficLine& line : traffic) {
    table.row({printable(line.phase), iec_bytes(line.read_bytes), iec_bytes(line.write_bytes)});
  }
  return "\nTensors that phases read and write, no memory hierarchy applied\n" + table.text();
}

std::string levels_table(const MemoryFacts& facts) {
  const Range total = facts.energy->total;
  Columns table({{"energy by place", Align::left, 0},
                 {"", Align::left, 8},
                 {"read", Align::right, 9},
                 {"written", Align::right, 9},
                 {"energy", Align::right, 17},
                 {"share", Align::right, 6}});
  const Range compute = facts.energy->compute;
  table.row({"compute", "", "", "", si_energy(compute, facts.unit), share_of(compute, total)});
  for (const LevelSum& level : sums_by_level(*facts.traffic)) {
    table.row({printable(level.name), level.off_chip ? "off chip" : "on chip",
               iec_bytes(level.read_bytes), iec_bytes(level.write_bytes),
               si_energy(level.energy_pj, facts.unit), share_of(level.energy_pj, total)});
  }
  table.rule();
  table.row({"all", "", "", "", si_energy(total, facts.unit), ""});
  return table.text();
}

std::string phases_table(const MemoryFacts& facts, const std::vector<OperationLine>& operations) {
  std::vector<EnergyGroup> compute;
  for (const OperationLine& line : operations) add_to_group(compute, line.phase, line.energy_pj);
  for (const TrafficLine& line : *facts.traffic) add_to_group(compute, line.phase, {});
  Columns table({{"energy by phase", Align::left, 0},
                 {"compute", Align::right, 17},
                 {"on chip", Align::right, 17},
                 {"off chip", Align::right, 17},
                 {"share", Align::right, 6}});
  for (const EnergyGroup& phase : compute) {
    Range on_chip;
    Range off_chip;
    for (const TrafficLine& line : *facts.traffic) {
      if (line.phase == phase.name) (line.off_chip ? off_chip : on_chip) += line.energy_pj;
    }
    Range all = phase.energy_pj;
    all += on_chip;
    all += off_chip;
    table.row({printable(phase.name), si_energy(phase.energy_pj, facts.unit),
               si_energy(on_chip, facts.unit), si_energy(off_chip, facts.unit),
               share_of(all, facts.energy->total)});
  }
  return table.text();
}

}  // namespace

MemoryFacts memory_facts(const Run& run) {
  return {run.memory, &run.traffic, &run.energy_pj, run.table.unit};
}
MemoryFacts memory_facts(const NetworkRun& run) {
  return {run.memory, &run.traffic, &run.energy_pj, run.table.unit};
}

std::string memory_block(const MemoryFacts& facts, const std::vector<OperationLine>& operations) {
  if (facts.traffic->empty()) return "";
  if (facts.policy == "none") return unmodelled_table(*facts.traffic);
  return fmt::format("\nMemory, modelled: {}\n{}\n{}", policy_text(facts.policy),
                     levels_table(facts), phases_table(facts, operations));
}

std::string memory_comparison(const std::vector<std::pair<std::string, MemoryFacts>>& runs) {
  const bool any =
      std::ranges::any_of(runs, [](const auto& run) { return run.second.policy != "none"; });
  if (!any) return "";
  Columns table({{"compute and memory", Align::left, 0},
                 {"compute", Align::right, 17},
                 {"on chip", Align::right, 17},
                 {"off chip", Align::right, 17},
                 {"off-chip bytes", Align::right, 14}});
  std::string policies;
  for (const auto& [label, facts] : runs) {
    LevelSum on_chip;
    LevelSum off_chip;
    for (const LevelSum& level : sums_by_level(*facts.traffic)) {
      LevelSum& place = level.off_chip ? off_chip : on_chip;
      place.energy_pj += level.energy_pj;
      place.read_bytes += level.read_bytes + level.write_bytes;
    }
    table.row({label, si_energy(facts.energy->compute, facts.unit),
               si_energy(on_chip.energy_pj, facts.unit), si_energy(off_chip.energy_pj, facts.unit),
               iec_bytes(off_chip.read_bytes)});
    policies = policy_text(facts.policy);
  }
  return "\n" + table.text() + paragraph("", "memory is modelled: " + policies);
}

std::string policy_text(const std::string& policy) {
  if (policy == "ideal") return "ideal, every tensor crosses each level once, a lower bound";
  if (policy == "tiled") return "tiled, products cut for each level, least recently used leaves";
  if (policy == "trace") return "trace, the tiled loop nests through simulated caches";
  return policy;
}

}  // namespace wattention
