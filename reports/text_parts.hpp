#pragma once

// What the two text reports, of one run and of several side by side, have in common: the facts at
// the top, and the lines below the tables. All text is printable and at most 100 columns wide;
// every block ends with a newline or is empty. Energies are printed with SI prefixes.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/report.hpp"

namespace wattention {

/// One line of the head of a report, with the run's options, input, shape, mode, table ...
struct Fact {
  std::string name;
  std::string value;
  bool operator==(const Fact&) const = default;
};

/// Always the same names in the same order.
std::vector<Fact> facts_of(const Run& run);

/// The run's label, or the attention where it has none.
std::string label_of(const Run& run);

/// `title` underlined.
std::string heading(std::string_view title);

/// `lead`, then `text` broken into lines that start under its first letter.
std::string paragraph(std::string_view lead, std::string_view text);

/// "name        value"
std::string fact_line(const Fact& fact);

std::string options_text(const std::vector<std::pair<std::string, OptionValue>>& options);
std::string table_text(const Run::Table& table);
/// ", fp16 with sums in fp32"; nothing for plain fp32.
std::string arithmetic_text(const std::string& precision, const std::string& accumulate);

/// "9.1 M multiplications, ...", those that are not 0.
std::string totals_text(const Totals& totals);

/// The share of `first` that `run` does without; negative where it costs more. A range where the
/// prices are ranges: both runs at their low ends, and both at their high ends.
std::string saved(const Range& run, const Range& first);

/// A bar of forty columns for the largest run.
std::string bar(double pj, double largest_pj);

/// "12.3%", or "-" where the whole is nothing.
std::string share_of(const Range& part, const Range& whole);

/// "published 92.1%, derived 7.9%": shares of the energy by where its prices come from, "" where
/// there is none.
std::string price_shares(const std::vector<OperationLine>& operations,
                         const std::vector<TrafficLine>& traffic);

/// The prices that were estimated, by the energy that has them; "" where none was.
std::string estimates_table(const std::vector<OperationLine>& operations,
                            const std::vector<TrafficLine>& traffic, const Run::Table& table,
                            const Range& total);

/// What shares of prices are shares of: "the energy", or "the compute energy" alone.
std::string_view priced_energy(const Energy& energy);

/// A run's traffic, however it was modelled.
struct MemoryFacts {
  std::string policy;
  const std::vector<TrafficLine>* traffic;
  const Energy* energy;
  std::string unit;
};
MemoryFacts memory_facts(const Run& run);
MemoryFacts memory_facts(const NetworkRun& run);

/// Energy by level and by phase; the tensors' bytes where no hierarchy was applied.
std::string memory_block(const MemoryFacts& facts, const std::vector<OperationLine>& operations);
/// Compute, on-chip and off-chip energy of each; "" where no hierarchy was applied.
std::string memory_comparison(const std::vector<std::pair<std::string, MemoryFacts>>& runs);
/// The policy in words.
std::string policy_text(const std::string& policy);
/// "107 uJ: compute 22.6 uJ, memory 83.9 uJ"
std::string energy_text(const Energy& energy, std::string_view unit);

/// Each note once; with the labels of its runs where not all have it.
std::string notes_block(const Report& report);

/// Each source of a price once.
std::string sources_block(const Report& report);

/// The report of one run, and the comparison of several.
std::string text_of_run(const Report& report);
std::string text_of_comparison(const Report& all);
std::string text_of_networks(const Report& report);

/// Ranks under each cost table and where they change; "" where there is one table.
std::string rankings_text(const Report& report);

/// What is executed beside what the published accounting charges; "" where that was not asked for.
std::string reconciliation_table(const std::vector<ReconciledItem>& items,
                                 const Run::Table& cost_table, const std::string& label);
/// "area        6.49e+06 mm2 ..."; "" where there is none.
std::string area_line(const std::optional<double>& area_um2);

}  // namespace wattention
