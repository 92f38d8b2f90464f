#include <memory>

#include "app/commands.hpp"
#include "app/published_networks.hpp"
#include "app/results.hpp"
#include "app/terminal.hpp"
#include "sim/error.hpp"
#include "sim/names.hpp"
#include "sim/prices/shipped_tables.hpp"

namespace wattention {
namespace {

struct State {
  std::string what;
  std::string table = "horowitz-45nm";
  bool reconcile = false;
  ResultOptions results;
};

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
  const std::vector<CountedNetwork> networks = counted_networks(table, state.reconcile);
  OutputFiles files;
  publish(document_of(networks, table), json_of(networks), state.results, files);
}

}  // namespace

void add_reproduce(Command program) {
  Command command =
      program.subcommand("reproduce", "Set a published table beside the same recipe here.");
  const auto state = std::make_shared<State>();
  command.option("what", &state->what, "What is reproduced: ecoformer.").required();
  command.option("--table", &state->table, "Cost table (default horowitz-45nm).");
  add_document_options(command, state->results);
  command.flag("--reconcile", &state->reconcile,
               "Show, for every network, what is executed beside what the recipe charges.");
  command.footer("Example: wattention reproduce ecoformer");
  command.on_run([state] { reproduce(*state); });
}

}  // namespace wattention
