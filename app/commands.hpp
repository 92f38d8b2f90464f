#pragma once

// The subcommands, one file each. Each adds itself with its options, help and an example.

#include <CLI/CLI.hpp>

namespace wattention {

void add_run(CLI::App& app);
void add_compare(CLI::App& app);
void add_network(CLI::App& app);
void add_check(CLI::App& app);
void add_learn_hash(CLI::App& app);
void add_reproduce(CLI::App& app);
void add_sweep(CLI::App& app);
void add_report(CLI::App& app);
void add_query(CLI::App& app);
void add_list(CLI::App& app);
void add_table(CLI::App& app);
void add_completion(CLI::App& app);

}  // namespace wattention
