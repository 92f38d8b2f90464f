#include "reports/text_parts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>
#include <variant>

#include "reports/columns.hpp"
#include "reports/estimates.hpp"
#include "reports/labels.hpp"
#include "reports/numbers.hpp"

namespace wattention {
namespace {

constexpr std::size_t name_columns = 13;

std::string plural(std::uint64_t count, std::string_view noun, std::string_view nouns) {
  return fmt::format("{} {}", count, count == 1 ? noun : nouns);
}

std::string shape_of(const Run::Shape& shape) {
  std::string text = plural(shape.heads, "head", "heads");
  if (shape.key_heads != shape.heads) {
    text += fmt::format(" ({} of keys and values)", shape.key_heads);
  }
  text +=
      ", " + plural(shape.queries, "query", "queries") + ", " + plural(shape.keys, "key", "keys");
  if (shape.shared_queries_and_keys) text += " (the same tensor)";
  return text + fmt::format(", head dim {}, value dim {}", shape.head_dim, shape.value_dim);
}

/// A bulleted list under a title, empty where there is nothing to list.
std::string list_block(std::string_view title, const std::vector<std::string>& items) {
  if (items.empty()) return "";
  std::string text = fmt::format("\n{}\n", title);
  for (const std::string& item : items) text += paragraph("  * ", item);
  return text;
}

}  // namespace

std::string options_text(const std::vector<std::pair<std::string, OptionValue>>& options) {
  std::string text;
  for (const auto& [name, value] : options) {
    const std::string shown = std::visit([](const auto& v) { return fmt::format("{}", v); }, value);
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, shown);
  }
  return text.empty() ? "none" : text;
}

std::string table_text(const Run::Table& table) {
  std::string text = fmt::format("{}, {} nm", table.name, table.node_nm);
  if (!table.title.empty()) text += ": " + table.title;
  if (table.unit == "relative") {
    text += fmt::format("; energies are relative, no joules: {}", table.unit_note);
  }
  return text;
}

std::string arithmetic_text(const std::string& precision, const std::string& accumulate) {
  if (precision == "fp32") return "";
  return fmt::format(", {} with sums in {}", precision,
                     accumulate == "same" ? precision : accumulate);
}

std::vector<Fact> facts_of(const Run& run) {
  return {{"options", options_text(run.options)},
          {"input", run.input.empty() ? "unknown" : run.input},
          {"shape", shape_of(run.shape)},
          {"mode", fmt::format("{}{}, {} accounting", run.mode,
                               arithmetic_text(run.precision, run.accumulate), run.accounting)},
          {"cost table", table_text(run.table)}};
}

std::string label_of(const Run& run) {
  return printable(run.label.empty() ? run.attention : run.label);
}

std::string heading(std::string_view title) {
  const std::string shown = shortened(printable(title), page_columns);
  return fmt::format("{}\n{}\n", shown, std::string(width_of(shown), '='));
}

std::string paragraph(std::string_view lead, std::string_view text) {
  std::string result;
  std::string margin(lead);
  for (const std::string& line : wrapped(printable(text), page_columns - width_of(lead))) {
    result += margin + line + '\n';
    margin.assign(width_of(lead), ' ');
  }
  return result;
}

std::string fact_line(const Fact& fact) {
  return paragraph(fmt::format("{:{}}", fact.name, name_columns), fact.value);
}

std::string totals_text(const Totals& totals) {
  const std::vector<std::pair<std::uint64_t, std::string_view>> counts{
      {totals.multiplications, "multiplications"},
      {totals.additions, "additions"},
      {totals.divisions, "divisions"},
      {totals.square_roots, "square roots"},
      {totals.exponentials, "exponentials"},
      {totals.comparisons, "comparisons"},
      {totals.bit_operations, "bit operations"}};
  std::string text;
  for (const auto& [count, name] : counts) {
    if (count == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", si_count(count), name);
  }
  if (totals.macs != 0) {
    text += fmt::format("; of these {} multiplications and as many additions are macs",
                        si_count(totals.macs));
  }
  return text.empty() ? "no operations" : text;
}

std::string saved(const Range& run, const Range& first) {
  const double at_low = 1.0 - run.low / first.low;
  const double at_high = 1.0 - run.high / first.high;
  const std::string least = percent(std::min(at_low, at_high));
  const std::string most = percent(std::max(at_low, at_high));
  return least == most ? least : fmt::format("{} to {}", least, most);
}

std::string bar(double pj, double largest_pj) {
  constexpr double columns = 40.0;
  if (!(pj > 0.0) || !std::isfinite(pj) || !std::isfinite(largest_pj)) return "";
  const auto length =
      static_cast<std::size_t>(std::lround(columns * std::min(pj / largest_pj, 1.0)));
  return std::string(length, '#');  // NOLINT(modernize-return-braced-init-list): not two letters
}

std::string share_of(const Range& part, const Range& whole) {
  return whole.middle() > 0.0 ? percent(part.middle() / whole.middle()) : "-";
}

std::string price_shares(const std::vector<OperationLine>& operations,
                         const std::vector<TrafficLine>& traffic) {
  const std::vector<EnergyGroup> groups = energy_by_price(operations, traffic);
  Range total;
  for (const EnergyGroup& group : groups) total += group.energy_pj;
  if (!(total.middle() > 0.0)) return "";
  std::string text;
  for (const EnergyGroup& group : groups) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", printable(group.name),
                        share_of(group.energy_pj, total));
  }
  return text;
}

std::string energy_text(const Energy& energy, std::string_view unit) {
  if (energy.memory == Range{}) {
    return si_energy(energy.total, unit) + " of compute; memory is not priced";
  }
  return fmt::format("{}: compute {}, memory {}", si_energy(energy.total, unit),
                     si_energy(energy.compute, unit), si_energy(energy.memory, unit));
}

std::string estimates_table(const std::vector<OperationLine>& operations,
                            const std::vector<TrafficLine>& traffic, const Run::Table& cost_table,
                            const Range& total) {
  const std::vector<Estimate> estimates = estimates_of(operations, traffic);
  if (estimates.empty()) return "";
  Columns table({{"estimated price", Columns::Align::left, 0},
                 {"energy", Columns::Align::right, 17},
                 {"share", Columns::Align::right, 6},
                 {"source", Columns::Align::left, 50}});
  for (const Estimate& estimate : estimates) {
    table.row({printable(estimate.price), si_energy(estimate.energy_pj, cost_table.unit),
               share_of(estimate.energy_pj, total), printable(estimate.source)});
  }
  return "\nEstimates, by the energy that rests on them\n" + table.text();
}

std::string_view priced_energy(const Energy& energy) {
  return energy.memory == Range{} ? "the compute energy" : "the energy";
}

std::string notes_block(const Report& report) {
  using Labels = std::vector<std::string>;
  const auto add_once = [](Labels& labels, const std::string& label) {
    if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
  };
  Labels all;
  std::vector<std::pair<std::string, Labels>> notes;  // note, labels of its runs
  const auto add = [&](const std::string& label, const std::vector<std::string>& of_run) {
    add_once(all, label);
    for (const std::string& note : of_run) {
      auto known = std::find_if(notes.begin(), notes.end(),
                                [&](const auto& entry) { return entry.first == note; });
      if (known == notes.end()) known = notes.insert(notes.end(), {note, {}});
      add_once(known->second, label);
    }
  };
  for (const Run& run : report.runs) add(label_of(run), run.notes);
  for (const NetworkRun& run : report.networks) add(printable(run.attention), run.notes);
  std::vector<std::string> items;
  for (const auto& [note, labels] : notes) {
    const bool of_all = labels.size() == all.size();
    items.push_back(of_all ? note : fmt::format("{}: {}", fmt::join(labels, ", "), note));
  }
  return list_block("Notes", items);
}

std::string sources_block(const Report& report) {
  std::vector<std::string> sources;
  const auto add = [&sources](const std::string& source) {
    const bool known = std::find(sources.begin(), sources.end(), source) != sources.end();
    if (!known && !source.empty()) sources.push_back(source);
  };
  for (const Run& run : report.runs) {
    for (const OperationLine& line : run.operations) add(line.source);
    for (const TrafficLine& line : run.traffic) add(line.source);
  }
  for (const NetworkRun& run : report.networks) {
    for (const OperationLine& line : run.operations) add(line.source);
  }
  return list_block("Sources of the prices", sources);
}

}  // namespace wattention
