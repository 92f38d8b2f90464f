#include "app/published_networks.hpp"

#include <fmt/format.h>

#include "measure/network_run.hpp"
#include "reports/document/phrases.hpp"
#include "reports/formats/json_parts.hpp"
#include "reports/wording/numbers.hpp"
#include "sim/version.hpp"

namespace wattention {
namespace {

using Kind = Column::Kind;

NetworkRun counted(const std::string& network, const std::string& attention,
                   const EnergyTable& table, bool reconcile) {
  NetworkJob job{NetworkDefinition::find(network)};
  job.attention = AttentionChoice{attention};
  job.how.mode = Mode::estimate;
  job.how.accounting = Accounting::paper;
  job.how.reconcile = reconcile;
  return measure_network(job, std::span(&table, 1)).runs.front();
}

std::string difference(double ours, const Published& published) {
  return fmt::format("{:+.{}f}", ours - published.value, published.decimals + 1);
}

std::string ours_as_printed(double ours, const Published& published) {
  return fmt::format("{:.{}f}", ours, published.decimals + 1);
}

double billions(std::uint64_t count) { return static_cast<double>(count) / 1e9; }

Table published_table(const std::vector<CountedNetwork>& networks) {
  Table table{"EcoFormer as printed, and by the same recipe here",
              "ecoformer",
              {{"network", Kind::name, 0},
               {"mul", Kind::number, 5},
               {"ours", Kind::number, 6},
               {"off", Kind::number, 7},
               {"add", Kind::number, 5},
               {"ours", Kind::number, 6},
               {"off", Kind::number, 7},
               {"mJ", Kind::number, 6},
               {"ours", Kind::number, 7},
               {"off", Kind::number, 7}},
              {},
              "mul and add in billions, mJ in billions of picojoules, as printed; an image of "
              "3 x 224 x 224"};
  for (const CountedNetwork& row : networks) {
    const double mul = billions(row.ecoformer.totals[Total::multiplications]);
    const double add = billions(row.ecoformer.totals[Total::additions]);
    const double energy = row.ecoformer.energy_pj.total.middle() / 1e9;
    const PublishedNetwork& p = row.published;
    table.row({p.network, p.multiplications.text, ours_as_printed(mul, p.multiplications),
               difference(mul, p.multiplications), p.additions.text,
               ours_as_printed(add, p.additions), difference(add, p.additions), p.energy.text,
               ours_as_printed(energy, p.energy), difference(energy, p.energy)});
  }
  return table;
}

Table counts_table(const std::vector<CountedNetwork>& networks) {
  Table table{
      "Counts, and energy against softmax attention",
      "network",
      {{"network", Kind::name, 0},
       {"attention", Kind::text, 9},
       {"multiplications", Kind::number, 15},
       {"additions", Kind::number, 14},
       {"energy, pJ", Kind::number, 12},
       {"area, mm2", Kind::number, 10},
       {"saved", Kind::number, 6},
       {"top-1", Kind::number, 6}},
      {},
      "saved: energy against softmax attention in the same places, both as the paper counts; "
      "area: one unit an operation, as the paper adds it up; top-1: of EcoFormer, as printed"};
  for (const CountedNetwork& row : networks) {
    for (const NetworkRun* run : {&row.ecoformer, &row.softmax}) {
      const bool eco = run == &row.ecoformer;
      table.row({eco ? row.published.network : "", run->attention,
                 fmt::format("{}", run->totals[Total::multiplications]),
                 fmt::format("{}", run->totals[Total::additions]),
                 fmt::format("{:.4e}", run->energy_pj.total.middle()),
                 run->area_um2 ? fmt::format("{:.3e}", *run->area_um2 / 1e6) : "-",
                 eco ? saved(run->energy_pj.total, row.softmax.energy_pj.total) : "-",
                 eco ? row.published.top1.text + "%" : ""});
    }
  }
  return table;
}

/// What of the published row does not follow from the published recipe.
std::vector<std::string> misprints(const CountedNetwork& row) {
  const PublishedNetwork& p = row.published;
  const double mul = billions(row.ecoformer.totals[Total::multiplications]);
  const double add = billions(row.ecoformer.totals[Total::additions]);
  const double energy = row.ecoformer.energy_pj.total.middle() / 1e9;
  std::vector<std::string> found;
  const auto check = [&](std::string_view what, double ours, const Published& printed) {
    if (printed.covers(ours)) return;
    std::string text = fmt::format("{}: {} {} printed, {} by the recipe", p.network, printed.text,
                                   what, ours_as_printed(ours, printed));
    if (&printed != &p.energy && p.energy.covers(energy)) {
      text +=
          fmt::format("; the printed energy, {} billion pJ, agrees with the recipe", p.energy.text);
    }
    found.push_back(std::move(text));
  };
  check("billion multiplications", mul, p.multiplications);
  check("billion additions", add, p.additions);
  check("billion pJ", energy, p.energy);
  return found;
}

OrderedJson counts_of(const NetworkRun& run) {
  return {{"multiplications", run.totals[Total::multiplications]},
          {"additions", run.totals[Total::additions]},
          {"energy_pj", number(run.energy_pj.total)},
          {"area_um2", run.area_um2 ? number(*run.area_um2) : OrderedJson(nullptr)}};
}

}  // namespace

std::vector<CountedNetwork> counted_networks(const EnergyTable& table, bool reconcile) {
  std::vector<CountedNetwork> networks;
  for (const PublishedNetwork& published : published_ecoformer()) {
    networks.push_back({published, counted(published.network, "ecoformer", table, reconcile),
                        counted(published.network, "softmax", table, reconcile)});
  }
  return networks;
}

Document document_of(const std::vector<CountedNetwork>& networks, const EnergyTable& table) {
  Document document{
      "EcoFormer's published table, and the same recipe here",
      {Facts{"",
             {{"paper",
               "Liu et al., EcoFormer: Energy-Saving Attention with Linear Complexity, NeurIPS "
               "2022: ImageNet-1K"},
              {"accounting", "paper: multiplications and additions alone; docs/counting.md"},
              {"cost table", fmt::format("{}: {}", table.name(), table.title())}}},
       published_table(networks), counts_table(networks)}};
  List list{"Where the printed table does not follow from its own recipe", {}};
  for (const CountedNetwork& row : networks) {
    for (std::string& misprint : misprints(row)) list.items.push_back(std::move(misprint));
  }
  if (list.items.empty()) list.items.emplace_back("nowhere");
  document.blocks.emplace_back(std::move(list));
  for (const CountedNetwork& row : networks) {
    for (const NetworkRun* run : {&row.ecoformer, &row.softmax}) {
      if (run->reconciliation.empty()) continue;
      document.blocks.emplace_back(reconciliation_table(
          run->reconciliation, run->table, fmt::format("{}, {}", run->network, run->attention)));
    }
  }
  return document;
}

std::string json_of(const std::vector<CountedNetwork>& networks) {
  OrderedJson list = OrderedJson::array();
  for (const CountedNetwork& row : networks) {
    const PublishedNetwork& p = row.published;
    list.push_back({{"network", p.network},
                    {"published",
                     {{"multiplications", p.multiplications.value * 1e9},
                      {"additions", p.additions.value * 1e9},
                      {"energy_pj", p.energy.value * 1e9},
                      {"top1_percent", p.top1.value}}},
                    {"ecoformer", counts_of(row.ecoformer)},
                    {"softmax", counts_of(row.softmax)},
                    {"saved", 1.0 - row.ecoformer.energy_pj.total.middle() /
                                        row.softmax.energy_pj.total.middle()},
                    {"misprints", misprints(row)}});
  }
  return json_text(
      {{"schema", "wattention-reproduce/1"}, {"version", version}, {"ecoformer", list}});
}

}  // namespace wattention
