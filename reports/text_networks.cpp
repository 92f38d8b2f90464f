// The text report of networks: one in full, several side by side.

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

std::string label_of(const NetworkRun& run) { return printable(run.attention); }

std::string arithmetic_of(const NetworkRun& run) {
  const std::string narrow = arithmetic_text(run.precision, run.accumulate);
  return narrow.empty() ? "" : narrow + " in attentions";
}

std::string accuracy_text(const Accuracy& accuracy) {
  return fmt::format("{:.2f}% top-1: {} of {} images", 100.0 * accuracy.top1(), accuracy.correct,
                     accuracy.images);
}

std::string of_one(const NetworkRun& run) { return run.inputs == 1 ? "" : " an input"; }

std::vector<Fact> facts_of(const NetworkRun& run) {
  return {
      {"network", fmt::format("{}: {} parameters here", run.title, si_count(run.parameters))},
      {"attention", run.attention},
      {"input", run.input == "sizes alone" ? run.input_size
                                           : fmt::format("{}; {}", run.input_size, run.input)},
      {"weights", run.weights},
      {"mode", fmt::format("{}{}, {} accounting", run.mode, arithmetic_of(run), run.accounting)},
      {"cost table", table_text(run.table)}};
}

std::string operations_table(const NetworkRun& run) {
  Columns table({{"layers", Align::left, 0},
                 {"op", Align::left, 10},
                 {"format", Align::left, 8},
                 {"count", Align::right, 9},
                 {"energy", Align::right, 17},
                 {"share", Align::right, 6},
                 {"price", Align::left, 12}});
  const Range total = run.energy_pj.total;
  const auto& lines = run.operations;
  for (std::size_t begin = 0, end = 0; begin < lines.size(); begin = end) {
    Range subtotal;
    for (end = begin; end < lines.size() && lines[end].phase == lines[begin].phase; ++end) {
      const OperationLine& line = lines[end];
      table.row({end == begin ? printable(line.phase) : "", printable(line.op),
                 printable(line.format), si_count(line.count),
                 si_energy(line.energy_pj, run.table.unit), share_of(line.energy_pj, total),
                 printable(line.kind)});
      subtotal += line.energy_pj;
    }
    table.row({"", "subtotal", "", "", si_energy(subtotal, run.table.unit),
               share_of(subtotal, total), ""});
    table.rule();
  }
  const Range compute = run.energy_pj.compute;
  table.row(
      {"all layers", "", "", "", si_energy(compute, run.table.unit), share_of(compute, total), ""});
  return table.text();
}

std::vector<EnergyGroup> energy_by_layer_kind(const NetworkRun& run) {
  std::vector<EnergyGroup> groups;
  for (const OperationLine& line : run.operations) add_to_group(groups, line.phase, line.energy_pj);
  for (const TrafficLine& line : run.traffic) add_to_group(groups, line.phase, line.energy_pj);
  return groups;
}

/// Of the energy, what is spent in attentions that were put in place of the network's own.
Range replaced_energy(const NetworkRun& run) {
  Range energy;
  for (const LayerLine& layer : run.layers) {
    if (layer.replaced) energy += layer.energy_pj;
  }
  return energy;
}

std::string untouched_line(const NetworkRun& run) {
  const Range inside = replaced_energy(run);
  const double total = run.energy_pj.compute.middle();
  if (inside == Range{} || !(total > 0.0)) return "";
  return fact_line(
      {"untouched", fmt::format("{} of the compute energy is in layers outside the attentions "
                                "that {} replaces, which take {}",
                                percent(1.0 - inside.middle() / total), run.attention,
                                si_energy(inside, run.table.unit))});
}

std::string error_text(const OutputError& error) {
  return fmt::format(
      "cosine {:.6f}, max abs {:.3g}, relative L2 {:.3g}, against the output with "
      "the network's own attention",
      error.cosine, error.max_abs, error.relative_l2);
}

std::string text_of_network(const Report& report) {
  const NetworkRun& run = report.networks.front();
  std::string text = heading(run.network);
  for (const Fact& fact : facts_of(run)) text += fact_line(fact);
  text += '\n' + operations_table(run);
  text += memory_block(memory_facts(run), run.operations) + '\n';
  text += fact_line({"totals", totals_text(run.totals) + of_one(run)});
  text += fact_line({"energy", energy_text(run.energy_pj, run.table.unit) + of_one(run)});
  text += untouched_line(run);
  text += area_line(run.area_um2);
  text +=
      fact_line({"tensors", fmt::format("{} read, {} written by layers", iec_bytes(run.read_bytes),
                                        iec_bytes(run.write_bytes))});
  if (const std::string shares = price_shares(run.operations, run.traffic); !shares.empty()) {
    text += fact_line({"prices", fmt::format("{} of {}", shares, priced_energy(run.energy_pj))});
  }
  if (run.accuracy) text += fact_line({"accuracy", accuracy_text(*run.accuracy)});
  if (run.error_vs_native) text += fact_line({"error", error_text(*run.error_vs_native)});
  if (run.host_seconds) {
    text += fact_line({"host time", si_seconds(*run.host_seconds) +
                                        " on this machine, not on the hardware above"});
  }
  text += estimates_table(run.operations, {}, run.table, run.energy_pj.total);
  return text + reconciliation_table(run.reconciliation, run.table, label_of(run)) +
         notes_block(report) + sources_block(report);
}

std::string comparison_table(const Report& report) {
  const auto any = [&](const auto& member) {
    return std::ranges::any_of(report.networks,
                               [&](const NetworkRun& run) { return (run.*member).has_value(); });
  };
  const bool accuracies = any(&NetworkRun::accuracy);
  const bool errors = any(&NetworkRun::error_vs_native);
  std::vector<Columns::Column> columns{{"attention", Align::left, 0}, {"mul", Align::right, 6},
                                       {"add", Align::right, 6},      {"exp", Align::right, 6},
                                       {"energy", Align::right, 17},  {"saved", Align::right, 18}};
  if (accuracies) columns.push_back({"top-1", Align::right, 7});
  if (errors) columns.push_back({"cosine", Align::right, 9});
  columns.push_back({"host time", Align::right, 9});
  Columns table(columns);
  const NetworkRun& first = report.networks.front();
  for (const NetworkRun& run : report.networks) {
    std::vector<std::string> cells{
        label_of(run),
        si_count(run.totals.multiplications),
        si_count(run.totals.additions),
        si_count(run.totals.exponentials),
        si_energy(run.energy_pj.total, run.table.unit),
        &run == &first ? "-" : saved(run.energy_pj.total, first.energy_pj.total)};
    if (accuracies) {
      cells.push_back(run.accuracy ? fmt::format("{:.2f}%", 100.0 * run.accuracy->top1()) : "-");
    }
    if (errors) {
      cells.push_back(run.error_vs_native ? fmt::format("{:.6f}", run.error_vs_native->cosine)
                                          : "-");
    }
    cells.push_back(run.host_seconds ? si_seconds(*run.host_seconds) : "-");
    table.row(std::move(cells));
  }
  std::string legend =
      fmt::format("mul and add include those of macs; saved: energy against {}", label_of(first));
  if (errors) legend += "; cosine: of the output with that of the network's own attention";
  return table.text() + paragraph("", legend + "; host time: of all inputs, on this machine");
}

std::string kinds_table(const Report& report) {
  double largest = 0.0;
  for (const NetworkRun& run : report.networks) {
    largest = std::max(largest, run.energy_pj.total.middle());
  }
  Columns table({{"energy by layers", Align::left, 0},
                 {"energy", Align::right, 17},
                 {"share", Align::right, 6},
                 {"", Align::left, 40}});
  for (const NetworkRun& run : report.networks) {
    table.row({label_of(run), si_energy(run.energy_pj.total, run.table.unit), "", ""});
    for (const EnergyGroup& group : energy_by_layer_kind(run)) {
      table.row({"  " + printable(group.name), si_energy(group.energy_pj, run.table.unit),
                 share_of(group.energy_pj, run.energy_pj.total),
                 bar(group.energy_pj.middle(), largest)});
    }
  }
  return table.text();
}

}  // namespace

std::string text_of_networks(const Report& report) {
  if (report.networks.size() == 1) return text_of_network(report);
  const NetworkRun& first = report.networks.front();
  std::string text =
      heading(fmt::format("{}: {} attentions compared", first.network, report.networks.size()));
  for (const Fact& fact : facts_of(first)) {
    if (fact.name != "attention") text += fact_line(fact);
  }
  text += '\n' + comparison_table(report) + '\n' + kinds_table(report);
  std::vector<std::pair<std::string, MemoryFacts>> memory;
  for (const NetworkRun& run : report.networks) {
    memory.emplace_back(label_of(run), memory_facts(run));
  }
  text += memory_comparison(memory);
  for (const NetworkRun& run : report.networks) text += untouched_line(run);
  for (const NetworkRun& run : report.networks)
    text += reconciliation_table(run.reconciliation, run.table, label_of(run));
  return text + notes_block(report) + sources_block(report);
}

}  // namespace wattention
