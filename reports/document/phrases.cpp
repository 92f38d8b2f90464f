#include "reports/document/phrases.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <variant>

#include "reports/findings/comparable_runs.hpp"
#include "reports/findings/estimates.hpp"
#include "reports/findings/rankings.hpp"
#include "reports/wording/numbers.hpp"

namespace wattention {
namespace {

std::string plural(std::uint64_t count, std::string_view noun, std::string_view nouns) {
  return fmt::format("{} {}", count, count == 1 ? noun : nouns);
}

/// ", fp16 with sums in fp32"; nothing for plain fp32.
std::string arithmetic_text(const std::string& precision, const std::string& accumulate,
                            std::string_view where) {
  if (precision == "fp32") return "";
  return fmt::format(", {} with sums in {}{}", precision,
                     accumulate == "same" ? precision : accumulate, where);
}

}  // namespace

std::string options_text(const std::vector<std::pair<std::string, OptionValue>>& options) {
  std::string text;
  for (const auto& [name, value] : options) {
    const std::string shown = std::visit([](const auto& v) { return fmt::format("{}", v); }, value);
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, shown);
  }
  return text;
}

std::string shape_text(const Run::Shape& shape) {
  std::string text = plural(shape.heads, "head", "heads");
  if (shape.key_heads != shape.heads) {
    text += fmt::format(" ({} of keys and values)", shape.key_heads);
  }
  text +=
      ", " + plural(shape.queries, "query", "queries") + ", " + plural(shape.keys, "key", "keys");
  if (shape.shared_queries_and_keys) text += " (the same tensor)";
  return text + fmt::format(", head dim {}, value dim {}", shape.head_dim, shape.value_dim);
}

std::string table_text(const Run::Table& table) {
  std::string text = fmt::format("{}, {} nm", table.name, table.node_nm);
  if (!table.title.empty()) text += ": " + table.title;
  if (table.unit == "relative") {
    text += fmt::format("; energies are relative, no joules: {}", table.unit_note);
  }
  return text;
}

std::vector<Fact> facts_of(const Run& run) {
  return {{"options", run.options.empty() ? "none" : options_text(run.options)},
          {"input", run.input.empty() ? "unknown" : run.input},
          {"shape", shape_text(run.shape)},
          {"mode", fmt::format("{}{}, {} accounting", run.mode,
                               arithmetic_text(run.precision, run.accumulate, ""), run.accounting)},
          {"cost table", table_text(run.table)}};
}

std::vector<Fact> facts_of(const NetworkRun& run) {
  const bool alone = run.input == "sizes alone";
  return {{"network", fmt::format("{}: {} parameters here", run.title, si_count(run.parameters))},
          {"attention", run.attention},
          {"input", alone ? run.input_size : fmt::format("{}; {}", run.input_size, run.input)},
          {"weights", run.weights},
          {"mode", fmt::format("{}{}{}, {} accounting", run.mode,
                               arithmetic_text(run.precision, run.accumulate, " in attentions"),
                               arithmetic_text(run.layer_precision, run.accumulate, " in layers"),
                               run.accounting)},
          {"cost table", table_text(run.table)}};
}

std::string totals_text(const Totals& totals) {
  std::string text;
  for (const TotalGroup& group : total_groups) {
    const std::uint64_t count = totals[group.total];
    if (count == 0 || group.total == Total::macs) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", si_count(count), group.words);
  }
  if (totals[Total::macs] != 0) {
    text += fmt::format("; of these {} multiplications and as many additions are macs",
                        si_count(totals[Total::macs]));
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
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", group.name,
                        share_of(group.energy_pj, total));
  }
  return text;
}

std::string_view priced_energy(const Energy& energy) {
  return energy.memory == Range{} ? "the compute energy" : "the energy";
}

std::string energy_text(const Energy& energy, std::string_view unit) {
  if (energy.memory == Range{}) {
    return si_energy(energy.total, unit) + " of compute; memory is not priced";
  }
  return fmt::format("{}: compute {}, memory {}", si_energy(energy.total, unit),
                     si_energy(energy.compute, unit), si_energy(energy.memory, unit));
}

std::string_view text_of(ReconciledItem::Verdict verdict) {
  switch (verdict) {
    case ReconciledItem::Verdict::same:
      return "same";
    case ReconciledItem::Verdict::different:
      return "differs";
    case ReconciledItem::Verdict::left_out:
      return "left out";
    case ReconciledItem::Verdict::not_executed:
      break;
  }
  return "not executed";
}

void add_area(Facts& facts, const std::optional<double>& area_um2) {
  if (!area_um2) return;
  facts.items.push_back(
      {"area", fmt::format("{} mm2, as the paper adds it up: one unit an operation",
                           three_digits(*area_um2 / 1e6))});
}

std::string bar(double pj, double largest_pj) {
  constexpr double columns = 40.0;
  if (!(pj > 0.0) || !std::isfinite(pj) || !std::isfinite(largest_pj)) return "";
  const auto length =
      static_cast<std::size_t>(std::lround(columns * std::min(pj / largest_pj, 1.0)));
  return std::string(length, '#');  // NOLINT(modernize-return-braced-init-list): not two letters
}

SharedFacts shared_facts(const std::vector<std::vector<Fact>>& facts,
                         const std::vector<std::string>& labels) {
  SharedFacts shared;
  for (std::size_t name = 0; name < facts.front().size(); ++name) {
    const Fact& first = facts.front()[name];
    const bool common = std::ranges::all_of(
        facts, [&](const std::vector<Fact>& of_run) { return of_run[name] == first; });
    if (common) {
      shared.common.items.push_back(first);
      continue;
    }
    Facts& own = shared.own.emplace_back(Facts{first.name, {}});
    for (std::size_t i = 0; i < facts.size(); ++i) {
      own.items.push_back({labels[i], facts[i][name].value});
    }
  }
  return shared;
}

List notes_of(const Report& report) {
  using Labels = std::vector<std::string>;
  const auto add_once = [](Labels& labels, const std::string& label) {
    if (std::ranges::find(labels, label) == labels.end()) labels.push_back(label);
  };
  Labels all;
  std::vector<std::pair<std::string, Labels>> notes;  // note, labels of its runs
  const auto add = [&](const std::string& label, const std::vector<std::string>& of_run) {
    add_once(all, label);
    for (const std::string& note : of_run) {
      auto known = std::ranges::find(notes, note, &decltype(notes)::value_type::first);
      if (known == notes.end()) known = notes.insert(notes.end(), {note, {}});
      add_once(known->second, label);
    }
  };
  const bool ranked = rankings_of(report).has_value();  // then labels need not say the table
  const Labels runs = labels_of(report.runs);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    add(ranked ? label_of(report.runs[i]) : runs[i], report.runs[i].notes);
  }
  const Labels networks = labels_of(report.networks);
  for (std::size_t i = 0; i < networks.size(); ++i) add(networks[i], report.networks[i].notes);
  List list{"Notes", {}};
  for (const auto& [note, labels] : notes) {
    constexpr std::size_t most_named = 6;
    const bool of_all = labels.size() == all.size();
    const std::string whose = labels.size() > most_named
                                  ? fmt::format("{} runs", labels.size())
                                  : fmt::format("{}", fmt::join(labels, ", "));
    list.items.push_back(of_all ? note : fmt::format("{}: {}", whose, note));
  }
  return list;
}

List sources_of(const Report& report) {
  List list{std::string(sources_title), {}};
  const auto add = [&list](const std::string& source) {
    if (!source.empty() && std::ranges::find(list.items, source) == list.items.end()) {
      list.items.push_back(source);
    }
  };
  for (const Run& run : report.runs) {
    for (const OperationLine& line : run.operations) add(line.source);
    for (const TrafficLine& line : run.traffic) add(line.source);
  }
  for (const NetworkRun& run : report.networks) {
    for (const OperationLine& line : run.operations) add(line.source);
    for (const TrafficLine& line : run.traffic) add(line.source);
  }
  return list;
}

}  // namespace wattention
