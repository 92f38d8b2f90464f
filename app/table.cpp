#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "app/commands.hpp"
#include "app/table_page.hpp"
#include "sim/energy_tables.hpp"
#include "sim/error.hpp"
#include "sim/names.hpp"

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
  if (format != "text" && format != "markdown") {
    throw InputError("command line", "--format", one_of({"text", "markdown"}, format),
                     in_quotes(format));
  }
  const EnergyTable table = find_table(name);
  std::cout << (format == "text" ? text_page(table) : markdown_page(table));
}

void add_check(CLI::App& command) {
  const auto file = std::make_shared<std::string>();
  CLI::App& checker = *command.add_subcommand("check", "validate a table file");
  checker.add_option("file", *file, "a .json")->required();
  checker.callback([file] { check(*file); });
}

void add_show(CLI::App& command) {
  struct State {
    std::string name;
    std::string format = "text";
  };
  const auto state = std::make_shared<State>();
  CLI::App& shower = *command.add_subcommand("show", "print a table with its sources");
  shower.add_option("name", state->name, "a shipped name or a .json")->required();
  shower.add_option("--format", state->format, "text (default) or markdown");
  shower.callback([state] { show(state->name, state->format); });
}

}  // namespace

void add_table(CLI::App& app) {
  CLI::App& command = *app.add_subcommand("table", "hardware cost tables");
  command.require_subcommand(1);
  command.footer("Example: wattention table show horowitz-45nm");
  add_check(command);
  add_show(command);
}

}  // namespace wattention
