// wattention: the command line. 0 done, 2 bad input, 1 anything else; an error is one line.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "app/terminal.hpp"
#include "sim/error.hpp"
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

void run_command_line(int argc, char** argv) {
  wattention::CommandLine line(
      "Wattention: executes an attention, counts every operation, prices it in picojoules",
      fmt::format("wattention {}", wattention::version));
  wattention::Command program = line.top();
  program.requires_subcommand();
  program.footer("Example: wattention compare softmax ecoformer --tokens 784 --head-dim 32");
  wattention::add_run(program);
  wattention::add_compare(program);
  wattention::add_network(program);
  wattention::add_check(program);
  wattention::add_learn_hash(program);
  wattention::add_reproduce(program);
  wattention::add_sweep(program);
  wattention::add_report(program);
  wattention::add_query(program);
  wattention::add_list(program);
  wattention::add_table(program);
  wattention::add_completion(program);
  line.run(argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
  wattention::keep_freed_memory();
  try {
    run_command_line(argc, argv);
    return 0;
  } catch (const wattention::InputError& error) {
    return fail(error.what(), 2);
  } catch (const std::bad_alloc&) {
    return fail("memory: expected an input that fits this machine, found one that does not", 2);
  } catch (const std::exception& error) {
    return fail(error.what(), 1);
  }
}
