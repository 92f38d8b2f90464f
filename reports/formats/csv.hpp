#pragma once

// The columns of the CSV report, the same for every report, in their order (docs/report.md says
// what they hold), and the cells of RFC 4180.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "reports/totals.hpp"

namespace wattention {

inline constexpr std::array<std::string_view, 46> csv_columns_before_totals{
    // what the row is
    "record", "run", "network", "attention", "label", "options",
    // how it came about
    "mode", "precision", "accumulate", "accounting", "input", "input_size", "inputs", "weights",
    "parameters", "table", "table_title", "node_nm", "table_unit", "memory_policy",
    // shape of an attention
    "heads", "key_heads", "queries", "keys", "head_dim", "value_dim", "shared_queries_and_keys",
    // a part of it
    "phase", "op", "format", "count", "level", "off_chip", "read_bytes", "write_bytes", "layer",
    "layer_type", "layer_in", "layer_out", "replaced", "item", "verdict", "paper_multiplications",
    "paper_additions", "paper_pj_low", "paper_pj_high"};
inline constexpr std::array<std::string_view, 18> csv_columns_after_totals{
    // energy
    "energy_pj_low", "energy_pj_high", "compute_pj_low", "compute_pj_high", "memory_pj_low",
    "memory_pj_high", "area_um2",
    // quality and time
    "max_abs", "rmse", "relative_l2", "cosine", "pareto", "images", "correct", "host_seconds",
    // where prices come from, and what a reader must know
    "source", "kind", "notes"};

inline constexpr auto csv_columns = [] {
  std::array<std::string_view, csv_columns_before_totals.size() + total_groups.size() +
                                   csv_columns_after_totals.size()>
      columns;
  auto next = std::ranges::copy(csv_columns_before_totals, columns.begin()).out;
  next = std::ranges::transform(total_groups, next, &TotalGroup::key).out;
  std::ranges::copy(csv_columns_after_totals, next);
  return columns;
}();

/// Quoted where it has to be. A text that a spreadsheet would take for a formula, since it starts
/// with =, +, - or @, gets an apostrophe in front.
std::string csv_text(std::string_view text);

/// So that it reads back exactly; "" where it is not finite.
std::string csv_number(double value);

}  // namespace wattention
