#pragma once

// Options of every command that runs something: how it runs, under which prices, and where the
// results go.

#include <algorithm>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "app/command_line.hpp"
#include "app/results.hpp"
#include "measure/measure.hpp"
#include "sim/prices/cost_override.hpp"

namespace wattention {

/// Options of every command that runs something.
struct RunOptions : RunResults {
  std::uint64_t seed = 1;
  std::vector<std::string> settings;  // NAME=VALUE
  std::optional<std::string> hash;
  std::vector<std::string> tables{"horowitz-45nm"};
  std::vector<std::string> costs;  // FORMAT.OPERATION=PJ
  std::string mode = "execute";
  std::string precision = "fp32";
  std::string accumulate = "fp32";
  std::string accounting = "complete";
  std::string memory = "tiled";
  std::size_t repeats = 1;
  std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
  bool reconcile = false;
  bool allow_nonfinite = false;

  Arithmetic arithmetic() const {
    return {floating_format_named(precision), named<Accumulate>("accumulate", accumulate)};
  }
  RunSettings run_settings() const {
    return {named<Mode>("mode", mode),
            repeats,
            threads,
            named<Accounting>("accounting", accounting),
            reconcile,
            named<MemoryPolicy>("memory", memory),
            allow_nonfinite};
  }
};

void add_run_options(Command command, RunOptions& options);

/// Every --table with every --cost applied; throws InputError for a name that is not known, and
/// where two tables have one name.
std::vector<OverriddenTable> chosen_tables(const RunOptions& options);

/// Throws InputError where --table was given several times.
void demand_one_table(const RunOptions& options);

}  // namespace wattention
