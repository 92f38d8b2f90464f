#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <memory>

#include "app/attention_choices.hpp"
#include "app/commands.hpp"
#include "app/results.hpp"
#include "app/table_page.hpp"
#include "app/terminal.hpp"
#include "sim/error.hpp"
#include "sim/files/json_cursor.hpp"
#include "sim/files/output_files.hpp"
#include "sim/names.hpp"
#include "sim/prices/accelergy_import.hpp"
#include "sim/prices/process_scaling.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "sim/prices/table_fields.hpp"
#include "sim/prices/table_file.hpp"

namespace wattention {
namespace {

void check(const std::string& file) {
  const EnergyTable table = EnergyTable::load(file);
  std::size_t prices = 0;
  for_each_price(table, [&prices](Op, Format, const Price&) { ++prices; });
  fmt::print("{}: a valid cost table: {} prices ({}), {} memory levels\n", file, prices,
             count_of_kinds(table), table.memory().size());
}

void show(const std::string& name, const std::string& format) {
  const Json json = find_table_document(name);
  const EnergyTable table = EnergyTable::read(json);
  print_note(note_on_table_name(name));
  std::cout << text_of(document_of(table), table_file_text(json.value), format);
}

void add_table_check(Command command) {
  const auto file = std::make_shared<std::string>();
  Command checker = command.subcommand("check", "Validate the file of a table.");
  checker.option("file", file.get(), "File of the table, as .json.").required();
  checker.footer("Example: wattention table check mine.json");
  checker.on_run([file] { check(*file); });
}

void add_show(Command command) {
  struct State {
    std::string name;
    std::string format = "text";
  };
  const auto state = std::make_shared<State>();
  Command shower = command.subcommand("show", "Print a table with its sources.");
  shower.option("name", &state->name, "Name of a shipped table, or a .json file.").required();
  shower
      .option("--format", &state->format,
              "Format of the page (default text). json is the table itself.")
      .choices(document_formats());
  shower.footer("Example: wattention table show horowitz-45nm --format markdown");
  shower.on_run([state] { show(state->name, state->format); });
}

void scale(const std::string& name, const Process& to, const std::string& output) {
  const ScaledTable result = scaled(find_table_document(name), to);
  print_note(note_on_table_name(name));
  OutputFiles files;
  files.stage(output, table_file_text(result.document.value));
  files.commit();
  fmt::print("{}: {} from {} nm at {} V to {} nm at {} V\n", output, name, result.from.node_nm,
             result.from.voltage_v, to.node_nm, to.voltage_v);
  const bool less = result.factor < 1.0;
  fmt::print("energy factor {:.4g} (Stillmaker and Baas 2017): {:.3g} times {}\n", result.factor,
             less ? 1.0 / result.factor : result.factor, less ? "less" : "as much");
  fmt::print("not scaled: {}; areas are left out\n",
             result.kept.empty() ? "no level" : joined(result.kept) + ", off the chip");
}

void add_scale(Command command) {
  struct State {
    std::string name, output;
    Process to{};
  };
  const auto state = std::make_shared<State>();
  Command scaler = command.subcommand(
      "scale", "Scale a table to another process node and voltage (Stillmaker and Baas 2017).");
  scaler.option("name", &state->name, "Name of a shipped table, or a .json file.").required();
  scaler
      .option("--node", &state->to.node_nm,
              "Process node in nm: 130, 90, 65, 45, 32, 20, 16, 14, 10 or 7.")
      .required();
  scaler.option("--voltage", &state->to.voltage_v, "Voltage in V, from 0.6 to 1.2.").required();
  scaler.option("--output", &state->output, "File of the new table, as .json.").required();
  scaler.footer(
      "Example: wattention table scale horowitz-45nm --node 7 --voltage 0.7 --output h7.json");
  scaler.on_run([state] { scale(state->name, state->to, state->output); });
}

std::string name_of_file(const std::string& path) {
  const std::string stem = std::filesystem::path(path).stem().string();
  return is_identifier(stem) ? stem : "imported";
}

void import_files(const std::vector<std::string>& paths, const std::vector<std::string>& where,
                  const std::string& output) {
  std::vector<RowFilter> filters;
  for (const std::string& text : where) {
    auto [column, value] = name_and_value(text, "--where");
    filters.push_back({std::move(column), std::move(value)});
  }
  std::vector<Csv> files;
  files.reserve(paths.size());
  for (const std::string& path : paths) files.push_back(load_csv(path));
  const ImportedTable imported = import_accelergy(files, filters, name_of_file(output));
  OutputFiles written;
  written.stage(output, imported.text);
  written.commit();
  fmt::print("{}: taken\n", output);
  for (const std::string& line : imported.taken) fmt::print("  {}\n", line);
  if (!imported.left_out.empty()) fmt::print("left out\n");
  for (const std::string& line : imported.left_out) fmt::print("  {}\n", line);
}

void add_import(Command command) {
  struct State {
    std::vector<std::string> files, where;
    std::string output;
  };
  const auto state = std::make_shared<State>();
  Command importer = command.subcommand("import", "Make a table from files of another program.");
  importer.requires_subcommand();
  importer.footer("Example: wattention table import accelergy intmac.csv --output mine.json");
  Command accelergy =
      importer.subcommand("accelergy", "Import the CSV files of Accelergy's table-based plug-ins.");
  accelergy
      .option("files", &state->files, "Files named after component classes: intmac.csv SRAM.csv.")
      .required();
  accelergy
      .option("--where", &state->where,
              "Attribute that rows must have, as latency=5ns. It may be repeated.")
      .one_value();
  accelergy.option("--output", &state->output, "File of the table, as .json.").required();
  accelergy.footer(
      "Example: wattention table import accelergy intmac.csv SRAM.csv --output mine.json");
  accelergy.on_run([state] { import_files(state->files, state->where, state->output); });
}

}  // namespace

void add_table(Command program) {
  Command command =
      program.subcommand("table", "Show, check, scale and import hardware cost tables.");
  command.requires_subcommand();
  command.footer("Example: wattention table show horowitz-45nm");
  add_table_check(command);
  add_show(command);
  add_scale(command);
  add_import(command);
}

}  // namespace wattention
