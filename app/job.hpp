#pragma once

// What `run`, `compare` and `network` share: options of the command line, and the job that the
// first two describe.

#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/command_line.hpp"
#include "app/results.hpp"
#include "measure/measure.hpp"
#include "sim/files/output_files.hpp"
#include "sim/prices/cost_override.hpp"

namespace wattention {

/// Options of every command that runs something.
struct RunOptions : ResultOptions {
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
  std::optional<std::string> output, plot;

  Arithmetic arithmetic() const {
    return {precision_named(precision), accumulate_named(accumulate)};
  }
  Measuring measuring() const {
    return {mode_named(mode), repeats,
            threads,          accounting_named(accounting),
            reconcile,        memory_policy_named(memory),
            allow_nonfinite};
  }
};

/// Every --table with every --cost applied; throws InputError for a name that is not known, and
/// where two tables have one name.
std::vector<OverriddenTable> chosen_tables(const RunOptions& options);

/// Throws InputError where --table was given several times.
void demand_one_table(const RunOptions& options);

void add_run_options(Command command, RunOptions& options);

struct JobOptions : RunOptions {
  std::optional<std::string> q, k, v;
  std::vector<std::size_t> tokens;  // each of them is a run of its own
  std::optional<std::size_t> heads, head_dim, keys, value_dim;
  bool share_qk = false;
  std::vector<std::string> tensors;  // NAME=F.npy
  std::string reference = "auto";
};

/// Adds the options to a subcommand.
void add_job_options(Command command, JobOptions& options);

/// "ecoformer:form=hamming,bits=32"; precision and accumulate may stand among the options.
AttentionChoice parse_choice(const std::string& text, const Arithmetic& arithmetic);

/// Gives every --set to the attentions that know its option.
void apply_settings(std::vector<AttentionChoice>& choices,
                    const std::vector<std::string>& settings);

/// Throws InputError where the formats of the report or of the plot are not known.
void demand_formats(const RunOptions& options);

/// Stages the report's files beside those that are staged, commits all, and prints the report.
void publish(const Report& report, const RunOptions& options, OutputFiles& files);

/// "out.npy" for one output; "out.ecoformer-bits=32.npy" among several.
std::string output_path(const std::string& path, const std::vector<std::string>& labels,
                        std::size_t index);

/// Splits "NAME=VALUE"; throws InputError where it is not that. `place` is for the message.
std::pair<std::string, std::string> name_and_value(const std::string& text,
                                                   const std::string& place);

/// Measures every choice on every input, writes the files that were asked for, all or none, and
/// prints the report.
void do_job(std::vector<AttentionChoice> choices, const JobOptions& options);

}  // namespace wattention
