#pragma once

// The subcommands, one file each. Each adds itself with its options, help and an example.

#include "app/command_line.hpp"

namespace wattention {

void add_run(Command program);
void add_compare(Command program);
void add_network(Command program);
void add_check(Command program);
void add_learn_hash(Command program);
void add_reproduce(Command program);
void add_sweep(Command program);
void add_report(Command program);
void add_query(Command program);
void add_list(Command program);
void add_table(Command program);
void add_completion(Command program);

}  // namespace wattention
