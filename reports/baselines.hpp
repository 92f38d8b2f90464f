#pragma once

// Savings against both forms of exact attention. `softmax` writes and reads its scores, as a
// framework does that runs operator by operator; `flash` is the same function and keeps them
// inside. What another attention saves depends on which of them it is held against.

#include <optional>
#include <string>
#include <vector>

#include "reports/document.hpp"
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

}  // namespace wattention
