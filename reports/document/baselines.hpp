#pragma once

// Savings against both forms of exact attention. `softmax` writes and reads its scores, as a
// framework does that runs operator by operator; `flash` is the same function and keeps them
// inside. What another attention saves depends on which of them it is held against.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/document/document.hpp"
#include "reports/report.hpp"

namespace wattention {

/// A row for each run that has both forms beside it, of the same input and table; nothing where
/// there is none.
std::optional<Table> savings_against_both(const std::vector<Run>& runs,
                                          const std::vector<std::string>& labels);
std::optional<Table> savings_against_both(const std::vector<NetworkRun>& networks,
                                          const std::vector<std::string>& labels);

/// What a legend adds where savings are against softmax alone; empty otherwise.
std::string caution_on_unfused(const std::vector<Run>& runs);

/// The run of an attention in the setting of run i, or runs.size().
template <class AnyRun>
std::size_t run_named(const std::vector<AnyRun>& runs, const std::vector<std::size_t>& settings,
                      std::size_t i, std::string_view attention) {
  for (std::size_t j = 0; j < runs.size(); ++j) {
    if (settings[j] == settings[i] && runs[j].attention == attention) return j;
  }
  return runs.size();
}

}  // namespace wattention
