#pragma once

// Attentions ordered by energy under each of several cost tables, and where the order changes. It
// only compares what the report holds. Where energies are ranges, two attentions stand at their low
// ends together, and at their high ends: prices are the same for both.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "reports/report.hpp"

namespace wattention {

struct Ranking {
  Run::Table table;
  std::vector<const Run*> runs;    // of each attention
  std::vector<std::size_t> ranks;  // of each, from 1, by the middle of the range; equals share one
};

/// A pair of attentions of which not the same takes less under every table.
struct OrderChange {
  std::size_t first = 0;
  std::size_t second = 0;
  std::vector<std::string> first_lower;   // tables under which the first takes less
  std::vector<std::string> second_lower;  // ... the second
  std::vector<std::string> undecided;     // ... the low and the high ends disagree
};

/// Refers to the runs of its report.
struct Rankings {
  std::vector<std::string> labels;  // of the attentions
  std::vector<Ranking> tables;
  std::vector<OrderChange> changes;
};

/// Nothing where the report's runs are not the same attentions on the same shape, in the same
/// order, under each of two or more tables.
std::optional<Rankings> rankings_of(const Report& report);

/// The report with the runs of the first table alone.
Report under_first_table(const Report& report);

}  // namespace wattention
