#pragma once

// What reports say in words, the same in every format of text: facts, totals, shares, savings,
// notes and sources. Numbers are for people; text of users passes through as it is.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/document/document.hpp"
#include "reports/report.hpp"

namespace wattention {

/// Options, input, shape, mode and cost table: always the same names in the same order.
std::vector<Fact> facts_of(const Run& run);
std::vector<Fact> facts_of(const NetworkRun& run);

/// "bits=16 form=linear"
std::string options_text(const std::vector<std::pair<std::string, OptionValue>>& options);

std::string shape_text(const Run::Shape& shape);
std::string table_text(const Run::Table& table);

/// What follows from a run: totals, energy, error, time ...
Facts findings_of(const Run& run);
Facts findings_of(const NetworkRun& run);

/// Of a network's energy, what no attention in place of its own could save.
void add_untouched(Facts& facts, const NetworkRun& run, const std::string& label);

/// "9.1 M multiplications, ...", those that are not 0.
std::string totals_text(const Totals& totals);

/// The share of `first` that `run` does without; negative where it costs more. A range where the
/// prices are ranges: both runs at their low ends, and both at their high ends.
std::string saved(const Range& run, const Range& first);

/// "12.3%", or "-" where the whole is nothing.
std::string share_of(const Range& part, const Range& whole);

/// "published 92.1%, derived 7.9%": shares of the energy by where its prices come from, "" where
/// there is none.
std::string price_shares(const std::vector<OperationLine>& operations,
                         const std::vector<TrafficLine>& traffic);

/// What shares of prices are shares of: "the energy", or "the compute energy" alone.
std::string_view priced_energy(const Energy& energy);

/// "107 uJ: compute 22.6 uJ, memory 83.9 uJ"
std::string energy_text(const Energy& energy, std::string_view unit);

std::string_view text_of(ReconciledItem::Verdict verdict);

/// Every operation of the lines by group, op and format, with subtotals.
Table operations_table(std::string_view caption, std::string_view group,
                       const std::vector<OperationLine>& lines, const Energy& energy,
                       const std::string& unit);

/// What is executed beside what the published accounting charges.
Table reconciliation_table(const std::vector<ReconciledItem>& items, const Run::Table& cost_table,
                           const std::string& label);

/// The prices that were estimated, by the energy that has them.
Table estimates_table(const std::vector<OperationLine>& operations,
                      const std::vector<TrafficLine>& traffic, const Run::Table& cost_table,
                      const Range& total);

/// What the published accounting adds up, where it was asked for.
void add_area(Facts& facts, const std::optional<double>& area_um2);

/// A bar for plain text: forty columns for the largest.
std::string bar(double pj, double largest_pj);

/// First the facts that all runs share, then, fact by fact, those that they do not.
struct SharedFacts {
  Facts common;
  std::vector<Facts> own;
};
SharedFacts shared_facts(const std::vector<std::vector<Fact>>& facts,
                         const std::vector<std::string>& labels);

/// Each note once; with the labels of its runs, or how many these are, where not all have it.
List notes_of(const Report& report);

inline constexpr std::string_view sources_title = "Sources of the prices";

/// Each source of a price once.
List sources_of(const Report& report);

}  // namespace wattention
