#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <memory>

#include "app/commands.hpp"
#include "app/job.hpp"
#include "app/terminal.hpp"
#include "measure/network_run.hpp"
#include "models/networks/paper_accounting.hpp"
#include "reports/document/phrases.hpp"
#include "reports/formats/columns.hpp"
#include "reports/formats/json_parts.hpp"
#include "reports/formats/text_parts.hpp"
#include "reports/wording/numbers.hpp"
#include "reports/writer.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "sim/version.hpp"

namespace wattention {
namespace {

using Align = Columns::Align;

struct State {
  std::string what;
  std::string table = "horowitz-45nm";
  std::optional<std::string> json;
  bool reconcile = false;
};

/// A published network, as we count it with EcoFormer and with softmax attention.
struct Row {
  PublishedNetwork published;
  NetworkRun ecoformer;
  NetworkRun softmax;
};

NetworkRun counted(const std::string& network, const std::string& attention,
                   const EnergyTable& table, bool reconcile) {
  NetworkJob job{NetworkDefinition::find(network)};
  job.attention = AttentionChoice{attention};
  job.how.mode = Mode::estimate;
  job.how.accounting = Accounting::paper;
  job.how.reconcile = reconcile;
  return measure_network(job, table).run;
}

std::string difference(double ours, const Published& published) {
  return fmt::format("{:+.{}f}", ours - published.value, published.decimals + 1);
}

std::string ours_as_printed(double ours, const Published& published) {
  return fmt::format("{:.{}f}", ours, published.decimals + 1);
}

double billions(std::uint64_t count) { return static_cast<double>(count) / 1e9; }

std::string published_table(const std::vector<Row>& rows) {
  Columns table({{"ecoformer", Align::left, 0},
                 {"mul", Align::right, 5},
                 {"ours", Align::right, 6},
                 {"off", Align::right, 7},
                 {"add", Align::right, 5},
                 {"ours", Align::right, 6},
                 {"off", Align::right, 7},
                 {"mJ", Align::right, 6},
                 {"ours", Align::right, 7},
                 {"off", Align::right, 7}});
  for (const Row& row : rows) {
    const double mul = billions(row.ecoformer.totals.multiplications);
    const double add = billions(row.ecoformer.totals.additions);
    const double energy = row.ecoformer.energy_pj.total.middle() / 1e9;
    const PublishedNetwork& p = row.published;
    table.row({p.network, p.multiplications.text, ours_as_printed(mul, p.multiplications),
               difference(mul, p.multiplications), p.additions.text,
               ours_as_printed(add, p.additions), difference(add, p.additions), p.energy.text,
               ours_as_printed(energy, p.energy), difference(energy, p.energy)});
  }
  return table.text() + paragraph("",
                                  "mul and add in billions, mJ in billions of picojoules, as "
                                  "printed; an image of 3 x 224 x 224");
}

std::string counts_table(const std::vector<Row>& rows) {
  Columns table({{"network", Align::left, 0},
                 {"attention", Align::left, 9},
                 {"multiplications", Align::right, 15},
                 {"additions", Align::right, 14},
                 {"energy, pJ", Align::right, 12},
                 {"area, mm2", Align::right, 10},
                 {"saved", Align::right, 6},
                 {"top-1", Align::right, 6}});
  for (const Row& row : rows) {
    for (const NetworkRun* run : {&row.ecoformer, &row.softmax}) {
      const bool eco = run == &row.ecoformer;
      table.row({eco ? row.published.network : "", run->attention,
                 fmt::format("{}", run->totals.multiplications),
                 fmt::format("{}", run->totals.additions),
                 fmt::format("{:.4e}", run->energy_pj.total.middle()),
                 run->area_um2 ? fmt::format("{:.3e}", *run->area_um2 / 1e6) : "-",
                 eco ? saved(run->energy_pj.total, row.softmax.energy_pj.total) : "-",
                 eco ? row.published.top1.text + "%" : ""});
    }
  }
  return table.text() +
         paragraph("",
                   "saved: energy against softmax attention in the same places, both as the "
                   "paper counts; area: one unit an operation, as the paper adds it "
                   "up; top-1: of EcoFormer, as printed");
}

/// What of the published row does not follow from the published recipe.
std::vector<std::string> misprints(const Row& row) {
  const PublishedNetwork& p = row.published;
  const double mul = billions(row.ecoformer.totals.multiplications);
  const double add = billions(row.ecoformer.totals.additions);
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

OrderedJson json_of(const std::vector<Row>& rows) {
  OrderedJson list = OrderedJson::array();
  for (const Row& row : rows) {
    const PublishedNetwork& p = row.published;
    const auto ours = [](const NetworkRun& run) {
      return OrderedJson{{"multiplications", run.totals.multiplications},
                         {"additions", run.totals.additions},
                         {"energy_pj", number(run.energy_pj.total)},
                         {"area_um2", run.area_um2 ? number(*run.area_um2) : OrderedJson(nullptr)}};
    };
    list.push_back({{"network", p.network},
                    {"published",
                     {{"multiplications", p.multiplications.value * 1e9},
                      {"additions", p.additions.value * 1e9},
                      {"energy_pj", p.energy.value * 1e9},
                      {"top1_percent", p.top1.value}}},
                    {"ecoformer", ours(row.ecoformer)},
                    {"softmax", ours(row.softmax)},
                    {"saved", 1.0 - row.ecoformer.energy_pj.total.middle() /
                                        row.softmax.energy_pj.total.middle()},
                    {"misprints", misprints(row)}});
  }
  return {{"schema", "wattention-reproduce/1"}, {"version", version}, {"ecoformer", list}};
}

void reproduce(const State& state) {
  if (state.what != "ecoformer") {
    throw InputError("command line", "reproduce", "ecoformer", in_quotes(state.what));
  }
  const EnergyTable table = find_table(state.table);
  print_note(note_on_table_name(state.table));
  if (table.unit() == Unit::relative) {
    throw InputError("command line", "--table",
                     "a table in pJ, as the published energies are, not a relative one",
                     in_quotes(state.table));
  }
  std::vector<Row> rows;
  for (const PublishedNetwork& published : published_ecoformer()) {
    rows.push_back({published, counted(published.network, "ecoformer", table, state.reconcile),
                    counted(published.network, "softmax", table, state.reconcile)});
  }
  std::string text = heading("EcoFormer's published table, and the same recipe here");
  text += fact_line({"paper",
                     "Liu et al., EcoFormer: Energy-Saving Attention with Linear "
                     "Complexity, NeurIPS 2022: ImageNet-1K"});
  text += fact_line({"accounting", "paper: multiplications and additions alone; docs/counting.md"});
  text += fact_line({"cost table", fmt::format("{}: {}", table.name(), table.title())});
  text += '\n' + published_table(rows) + '\n' + counts_table(rows);
  std::vector<std::string> all;
  for (const Row& row : rows) {
    for (std::string& misprint : misprints(row)) all.push_back(std::move(misprint));
  }
  text += "\nWhere the printed table does not follow from its own recipe\n";
  if (all.empty()) text += paragraph("  * ", "nowhere");
  for (const std::string& misprint : all) text += paragraph("  * ", misprint);
  if (state.reconcile) {
    for (const Row& row : rows) {
      for (const NetworkRun* run : {&row.ecoformer, &row.softmax}) {
        text += fmt::format("\n{}\n", run->network) +
                text_of(reconciliation_table(run->reconciliation, run->table, run->attention));
      }
    }
  }
  OutputFiles files;
  const std::string json = json_of(rows).dump(2) + "\n";
  if (state.json && *state.json != "-") files.stage(*state.json, json);
  files.commit();
  std::cout << (state.json == "-" ? json : text);
}

}  // namespace

void add_reproduce(Command program) {
  Command command =
      program.subcommand("reproduce", "a published table beside the same recipe here");
  const auto state = std::make_shared<State>();
  command.option("what", &state->what, "ecoformer").required();
  command.option("--table", &state->table, "cost table (default horowitz-45nm)");
  command.option("--json", &state->json, "the same for programs, to a file or - (stdout)");
  command.flag("--reconcile", &state->reconcile,
               "for every network, what is executed beside what the recipe charges");
  command.footer("Example: wattention reproduce ecoformer");
  command.on_run([state] { reproduce(*state); });
}

}  // namespace wattention
