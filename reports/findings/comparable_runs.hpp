#pragma once

// Which runs of a report may be compared with each other, and what tells them apart.
//
// Runs share a setting where they do the same task on the same hardware: the same shape and cost
// table, or the same network, size of input and table. Savings and the Pareto front hold within a
// setting. A report of one command has one setting; one of several token counts has several.

#include <cstddef>
#include <string>
#include <vector>

#include "reports/report.hpp"

namespace wattention {

/// The run's label, or the attention where it has none.
std::string label_of(const Run& run);

/// One number a run: that of its setting, from 0 in the order in which settings appear.
std::vector<std::size_t> settings_of(const std::vector<Run>& runs);
std::vector<std::size_t> settings_of(const std::vector<NetworkRun>& networks);

/// Of each run the first run of its setting.
std::vector<std::size_t> baselines_of(const std::vector<std::size_t>& settings);

bool is_one_setting(const std::vector<std::size_t>& settings);

/// Which runs do the same at any number of tokens: one number a run, as above.
std::vector<std::size_t> settings_but_tokens(const std::vector<Run>& runs);

/// A run whose energies are in another unit than those of the first run; null where none is.
template <class AnyRun>
const AnyRun* first_of_another_unit(const std::vector<AnyRun>& runs) {
  for (const AnyRun& run : runs) {
    if (run.table.unit != runs.front().table.unit) return &run;
  }
  return nullptr;
}

/// Labels with what differs between the settings: "softmax", or "softmax, 256 tokens".
std::vector<std::string> labels_of(const std::vector<Run>& runs);
std::vector<std::string> labels_of(const std::vector<NetworkRun>& networks);
/// The same but for the number of tokens.
std::vector<std::string> labels_but_tokens(const std::vector<Run>& runs);

}  // namespace wattention
