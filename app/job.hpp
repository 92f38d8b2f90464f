#pragma once

// What `run` and `compare` share: the options of the command line, and the job that they describe.

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/measure.hpp"

namespace wattention {

struct JobOptions {
  std::optional<std::string> q, k, v;
  std::optional<std::size_t> tokens, heads, head_dim, keys, value_dim;
  std::uint64_t seed = 1;
  std::vector<std::string> settings;  // NAME=VALUE
  std::vector<std::string> tensors;   // NAME=F.npy
  std::optional<std::string> hash;
  std::string table = "horowitz-45nm";
  std::string mode = "execute";
  std::string precision = "fp32";
  std::string accumulate = "fp32";
  std::string accounting = "complete";
  std::string reference = "auto";
  std::size_t repeats = 1;
  std::optional<std::string> output, json, report, plot;
  std::string format = "text";
};

/// Adds the options to a subcommand.
void add_job_options(CLI::App& command, JobOptions& options);

/// Splits "NAME=VALUE"; throws InputError where it is not that. `place` is for the message.
std::pair<std::string, std::string> name_and_value(const std::string& text,
                                                   const std::string& place);

/// Measures every choice on the one input, writes the files that were asked for, all or none, and
/// prints the report.
void do_job(std::vector<AttentionChoice> choices, const JobOptions& options);

}  // namespace wattention
