#pragma once

// The job of `run` and `compare`: attentions on an input, measured, priced and published.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "app/run_options.hpp"
#include "models/workload.hpp"

namespace wattention {

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

/// The input that the options describe: of files, or of `tokens` tokens.
Workload workload_of(const JobOptions& options, Mode mode, std::optional<std::size_t> tokens);

/// Measures every choice on every input, writes the files that were asked for, all or none, and
/// prints the report.
void do_job(std::vector<AttentionChoice> choices, const JobOptions& options);

}  // namespace wattention
