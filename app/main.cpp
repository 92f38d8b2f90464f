// wattention: the command line. 0 done, 2 bad input, 1 anything else; an error is one line.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>

#include "app/commands.hpp"
#include "app/terminal.hpp"
#include "sim/error.hpp"
#include "sim/names.hpp"
#include "sim/tensor/block_pool.hpp"
#include "sim/version.hpp"

namespace {

int fail(std::string_view message, int status) {
  std::string line(message);
  std::ranges::replace_if(
      line, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  constexpr int red = 31;
  fmt::print(stderr, "{} {}\n", wattention::bold("error:", stderr, red), line);
  return status;
}

void demand_known_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::vector<std::string> known;
  for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
  if (std::ranges::find(known, argv[1]) != known.end()) return;
  throw wattention::InputError("command line", "command", wattention::one_of(known, argv[1]),
                               wattention::in_quotes(argv[1]));
}

int run_command_line(int argc, char** argv) {
  CLI::App app{
      "Wattention: executes an attention, counts every operation, prices it in picojoules"};
  app.set_version_flag("--version", fmt::format("wattention {}", wattention::version));
  app.require_subcommand(1);
  app.footer("Example: wattention compare softmax ecoformer --tokens 784 --head-dim 32");
  wattention::add_run(app);
  wattention::add_compare(app);
  wattention::add_network(app);
  wattention::add_check(app);
  wattention::add_learn_hash(app);
  wattention::add_reproduce(app);
  wattention::add_sweep(app);
  wattention::add_report(app);
  wattention::add_query(app);
  wattention::add_list(app);
  wattention::add_table(app);
  wattention::add_completion(app);
  try {
    demand_known_command(app, argc, argv);
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(error);
    return fail(fmt::format("command line: {}", error.what()), 2);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  wattention::keep_freed_memory();
  try {
    return run_command_line(argc, argv);
  } catch (const wattention::InputError& error) {
    return fail(error.what(), 2);
  } catch (const std::bad_alloc&) {
    return fail("memory: expected an input that fits this machine, found one that does not", 2);
  } catch (const std::exception& error) {
    return fail(error.what(), 1);
  }
}
