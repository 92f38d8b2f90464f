#include "app/run_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/error.hpp"
#include "sim/files/json_cursor.hpp"
#include "sim/prices/shipped_tables.hpp"

namespace wattention {

void add_run_options(Command command, RunOptions& o) {
  command.option("--seed", &o.seed, "Seed of all random inputs and parameters (default 1).")
      .group("Run");
  command
      .option("--set", &o.settings, "Option of the attention, as NAME=VALUE. It may be repeated.")
      .group("Attention");
  command.option("--hash", &o.hash, "Hash functions of EcoFormer, as .safetensors.")
      .group("Attention");

  command
      .option(
          "--threads", &o.threads,
          "Number of threads, over which the inputs of a network or the blocks of an attention are "
          "spread (default: all cores).")
      .between(1, 1024)
      .group("Run");
  command.option("--mode", &o.mode, "Mode: execute (default), audit or estimate.").group("Run");
  command
      .option("--precision", &o.precision,
              "Arithmetic of the attention: fp32 (default), fp16, bf16, e4m3 or e5m2.")
      .group("Run");
  command
      .option("--accumulate", &o.accumulate,
              "Format of sums in narrow arithmetic: fp32 (default) or same.")
      .group("Run");
  command.option("--repeat", &o.repeats, "Number of times to execute. The fastest counts.")
      .from_one()
      .group("Run");
  command
      .option(
          "--table", &o.tables,
          "Cost table, by name or as a .json file (default horowitz-45nm). compare takes several.")
      .one_value()
      .group("Run");
  command
      .option(
          "--cost", &o.costs,
          "Price of your own in pJ, as fp32.mul=2.2, fp32.exp=15..20 or dram.read=1300. It may be "
          "repeated.")
      .one_value()
      .group("Run");
  command
      .option(
          "--accounting", &o.accounting,
          "Accounting: complete (default) is all that is executed, paper is EcoFormer's published "
          "forms.")
      .group("Run");
  command
      .option("--memory", &o.memory,
              "Policy by which bytes move through the table's memory levels: none, ideal, tiled "
              "(default), or trace, address by address.")
      .group("Run");
  command
      .flag("--reconcile", &o.reconcile,
            "Show what is executed beside what EcoFormer's published accounting charges.")
      .group("Results");
  command.option("--output", &o.output, "File of the numerical output, as .npy.").group("Results");
  command
      .flag("--allow-nonfinite", &o.allow_nonfinite,
            "Take inputs, and give outputs, with numbers that are infinite or NaN.")
      .group("Run");
  command.option("--json", &o.json, "File of the report for programs, or - for standard output.")
      .group("Results");
  command.option("--report", &o.report, "File of the report for people.").group("Results");
  command
      .option(
          "--format", &o.format,
          "Format of the report for people: text (default), markdown, csv, latex, html or json.")
      .group("Results");
  command
      .option(
          "--plot", &o.plot,
          "File of a picture, as .svg, .png or .pdf: energy by phase and kind, and error; energy "
          "against tokens where there are several; of networks, savings.")
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
