// Where the bytes go, in documents: one run by level and by phase, several side by side; and the
// prices that were estimated.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "reports/document/document_parts.hpp"
#include "reports/document/phrases.hpp"
#include "reports/findings/energy_groups.hpp"
#include "reports/findings/memory_levels.hpp"
#include "reports/wording/numbers.hpp"

namespace wattention {
namespace {

using Kind = Column::Kind;

Table unmodelled_table(std::string_view group, const std::vector<TrafficLine>& traffic) {
  Table table{"Tensors that are read and written, no memory hierarchy applied",
              "",
              {{std::string(group), Kind::name, 0},
               {"read", Kind::number, 9},
               {"written", Kind::number, 9}},
              {},
              ""};
  for (const TrafficLine& line : traffic) {
    table.row({line.phase, iec_bytes(line.read_bytes), iec_bytes(line.write_bytes)});
  }
  return table;
}

Table levels_table(const Result& run) {
  const Range& total = run.energy_pj.total;
  const Range& compute = run.energy_pj.compute;
  Table table{"Energy by place",
              "energy by place",
              {{"place", Kind::name, 0},
               {"", Kind::text, 8},
               {"read", Kind::number, 9},
               {"written", Kind::number, 9},
               {"energy", Kind::number, 17},
               {"share", Kind::number, 6}},
              {},
              "memory is modelled: " + policy_text(run.memory)};
  table.row({"compute", "", "", "", si_energy(compute, run.table.unit), share_of(compute, total)});
  for (const LevelSum& level : levels_of(run.traffic)) {
    table.row({level.name, level.off_chip ? "off chip" : "on chip", iec_bytes(level.read_bytes),
               iec_bytes(level.write_bytes), si_energy(level.energy_pj, run.table.unit),
               share_of(level.energy_pj, total)});
  }
  table.rule();
  table.row({"all", "", "", "", si_energy(total, run.table.unit), ""});
  return table;
}

Table groups_table(std::string_view group, const Result& run) {
  std::vector<EnergyGroup> compute;
  for (const OperationLine& line : run.operations)
    add_to_group(compute, line.phase, line.energy_pj);
  for (const TrafficLine& line : run.traffic) add_to_group(compute, line.phase, {});
  Table table{fmt::format("Energy by {}", group),
              fmt::format("energy by {}", group),
              {{std::string(group), Kind::name, 0},
               {"compute", Kind::number, 17},
               {"on chip", Kind::number, 17},
               {"off chip", Kind::number, 17},
               {"share", Kind::number, 6}},
              {},
              ""};
  for (const EnergyGroup& phase : compute) {
    Range on_chip;
    Range off_chip;
    for (const TrafficLine& line : run.traffic) {
      if (line.phase == phase.name) (line.off_chip ? off_chip : on_chip) += line.energy_pj;
    }
    Range all = phase.energy_pj;
    all += on_chip;
    all += off_chip;
    table.row({phase.name, si_energy(phase.energy_pj, run.table.unit),
               si_energy(on_chip, run.table.unit), si_energy(off_chip, run.table.unit),
               share_of(all, run.energy_pj.total)});
  }
  return table;
}

}  // namespace

void add_memory(Document& document, std::string_view group, const Result& run) {
  if (run.traffic.empty()) return;
  if (run.memory == "none") {
    document.blocks.emplace_back(unmodelled_table(group, run.traffic));
    return;
  }
  document.blocks.emplace_back(levels_table(run));
  document.blocks.emplace_back(groups_table(group, run));
}

void add_memory_comparison(Document& document, const std::vector<const Result*>& runs,
                           const std::vector<std::string>& labels) {
  std::vector<std::string> policies;
  Table table{"Compute and memory",
              "compute and memory",
              {{"attention", Kind::name, 0},
               {"compute", Kind::number, 17},
               {"on chip", Kind::number, 17},
               {"off chip", Kind::number, 17},
               {"off-chip bytes", Kind::number, 14}},
              {},
              ""};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Result& run = *runs[i];
    LevelSum on_chip;
    LevelSum off_chip;
    for (const LevelSum& level : levels_of(run.traffic)) {
      LevelSum& place = level.off_chip ? off_chip : on_chip;
      place.energy_pj += level.energy_pj;
      place.read_bytes += level.read_bytes + level.write_bytes;
    }
    const bool modelled = run.memory != "none";
    table.row({labels[i], si_energy(run.energy_pj.compute, run.table.unit),
               modelled ? si_energy(on_chip.energy_pj, run.table.unit) : "-",
               modelled ? si_energy(off_chip.energy_pj, run.table.unit) : "-",
               modelled ? iec_bytes(off_chip.read_bytes) : "-"});
    const std::string policy = policy_text(run.memory);
    if (modelled && std::ranges::find(policies, policy) == policies.end()) {
      policies.push_back(policy);
    }
  }
  if (policies.empty()) return;
  for (const std::string& policy : policies) {
    table.legend += (table.legend.empty() ? "memory is modelled: " : "; ") + policy;
  }
  document.blocks.emplace_back(std::move(table));
}

void add_estimates(Document& document, const Result& run) {
  Table table = estimates_table(run.operations, run.traffic, run.table, run.energy_pj.total);
  if (!table.rows.empty()) document.blocks.emplace_back(std::move(table));
}

}  // namespace wattention
