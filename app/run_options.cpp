#include "app/run_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/error.hpp"
#include "sim/files/json_cursor.hpp"
#include "sim/prices/shipped_tables.hpp"

namespace wattention {

void add_run_options(Command command, RunOptions& o) {
  command.option("--seed", &o.seed, "of everything that is drawn (default 1)").group("Run");
  command.option("--set", &o.settings, "an option of the attention: NAME=VALUE, repeatable")
      .group("Attention");
  command.option("--hash", &o.hash, "EcoFormer's hash functions: .safetensors").group("Attention");

  command
      .option("--threads", &o.threads,
              "for the inputs of a network, or for the blocks of an attention (default: all cores)")
      .between(1, 1024)
      .group("Run");
  command.option("--mode", &o.mode, "execute (default), audit or estimate").group("Run");
  command
      .option("--precision", &o.precision,
              "arithmetic of the attention: fp32 (default), fp16, bf16, e4m3 or e5m2")
      .group("Run");
  command.option("--accumulate", &o.accumulate, "sums in narrow formats: fp32 (default) or same")
      .group("Run");
  command.option("--repeat", &o.repeats, "execute N times; the fastest counts")
      .from_one()
      .group("Run");
  command
      .option("--table", &o.tables,
              "cost table: a name or a .json (default horowitz-45nm); compare takes several")
      .one_value()
      .group("Run");
  command
      .option("--cost", &o.costs,
              "a price of your own, repeatable: fp32.mul=2.2, fp32.exp=15..20, dram.read=1300")
      .one_value()
      .group("Run");
  command
      .option("--accounting", &o.accounting,
              "complete (default): all that is executed; paper: EcoFormer's published forms")
      .group("Run");
  command
      .option("--memory", &o.memory,
              "how bytes move through the table's memory levels: none, ideal, tiled (default), "
              "or trace, address by address")
      .group("Run");
  command
      .flag("--reconcile", &o.reconcile,
            "what is executed beside what EcoFormer's published accounting charges")
      .group("Results");
  command.option("--output", &o.output, "the numerical output: .npy").group("Results");
  command
      .flag("--allow-nonfinite", &o.allow_nonfinite,
            "take inputs, and give outputs, with numbers that are infinite or NaN")
      .group("Run");
  command.option("--json", &o.json, "the report for programs, to a file or - (stdout)")
      .group("Results");
  command.option("--report", &o.report, "the report for people, to a file").group("Results");
  command
      .option("--format", &o.format,
              "of that report: text (default), markdown, csv, latex, html or json")
      .group("Results");
  command
      .option("--plot", &o.plot,
              "a picture: energy by phase and kind, and error; energy against tokens where there "
              "are several; of networks, savings: .svg, .png or .pdf")
      .group("Results");
}

std::vector<OverriddenTable> chosen_tables(const RunOptions& options) {
  std::vector<CostOverride> costs;
  for (const std::string& text : options.costs) costs.push_back(parse_cost(text));
  std::vector<OverriddenTable> tables;
  for (const std::string& name : options.tables) {
    tables.push_back(with_costs(find_table_document(name), costs));
    std::vector<std::string>& notes = tables.back().notes;
    if (std::string note = note_on_table_name(name); !note.empty()) {
      notes.insert(notes.begin(), std::move(note));
    }
    const std::string& new_name = tables.back().table.name();
    const auto same = [&](const OverriddenTable& other) { return other.table.name() == new_name; };
    if (std::ranges::count_if(tables, same) > 1) {
      throw InputError("command line", "--table", "tables of different names", new_name + " twice");
    }
  }
  return tables;
}

void demand_one_table(const RunOptions& options) {
  if (options.tables.size() == 1) return;
  throw InputError("command line", "--table", "one table, or `compare`, which takes several",
                   fmt::format("{}", options.tables.size()));
}

}  // namespace wattention
