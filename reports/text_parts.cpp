#include "reports/text_parts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "reports/columns.hpp"
#include "reports/energy_groups.hpp"
#include "reports/labels.hpp"
#include "reports/numbers.hpp"

namespace wattention {
namespace {

/// ", fp16 with sums in fp32"; nothing for plain fp32.
std::string arithmetic_of(const Run& run) {
  if (run.precision == "fp32") return "";
  return fmt::format(", {} with sums in {}", run.precision,
                     run.accumulate == "same" ? run.precision : run.accumulate);
}

constexpr std::size_t name_columns = 13;

std::string options_of(const Run& run) {
  std::string text;
  for (const auto& [name, value] : run.options) {
    const std::string shown = std::visit([](const auto& v) { return fmt::format("{}", v); }, value);
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, shown);
  }
  return text.empty() ? "none" : text;
}

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

std::string table_of(const Run::Table& table) {
  std::string text = fmt::format("{}, {} nm", table.name, table.node_nm);
  if (!table.title.empty()) text += ": " + table.title;
  return text;
}

/// A bulleted list under a title, empty where there is nothing to list.
std::string list_block(std::string_view title, const std::vector<std::string>& items) {
  if (items.empty()) return "";
  std::string text = fmt::format("\n{}\n", title);
  for (const std::string& item : items) text += paragraph("  * ", item);
  return text;
}

}  // namespace

std::vector<Fact> facts_of(const Run& run) {
  return {
      {"options", options_of(run)},
      {"input", run.input.empty() ? "unknown" : run.input},
      {"shape", shape_of(run.shape)},
      {"mode", fmt::format("{}{}, {} accounting", run.mode, arithmetic_of(run), run.accounting)},
      {"cost table", table_of(run.table)}};
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

std::string share_of(const Range& part, const Range& whole) {
  return whole.middle() > 0.0 ? percent(part.middle() / whole.middle()) : "-";
}

std::string price_shares(const Run& run) {
  const double compute = run.energy_pj.compute.middle();
  if (!(compute > 0.0)) return "";
  std::string text;
  for (const EnergyGroup& group : energy_by_price(run)) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", printable(group.name),
                        percent(group.energy_pj.middle() / compute));
  }
  return text;
}

bool memory_is_priced(const Run& run) { return run.energy_pj.memory != Range{}; }

std::string notes_block(const Report& report) {
  std::vector<std::pair<std::string, std::vector<std::string>>> notes;  // note, labels of its runs
  for (const Run& run : report.runs) {
    for (const std::string& note : run.notes) {
      auto known = std::find_if(notes.begin(), notes.end(),
                                [&](const auto& entry) { return entry.first == note; });
      if (known == notes.end()) known = notes.insert(notes.end(), {note, {}});
      known->second.push_back(label_of(run));
    }
  }
  std::vector<std::string> items;
  for (const auto& [note, labels] : notes) {
    const bool of_all = labels.size() >= report.runs.size();
    items.push_back(of_all ? note : fmt::format("{}: {}", fmt::join(labels, ", "), note));
  }
  return list_block("Notes", items);
}

std::string sources_block(const Report& report) {
  std::vector<std::string> sources;
  for (const Run& run : report.runs) {
    for (const OperationLine& line : run.operations) {
      const bool known = std::find(sources.begin(), sources.end(), line.source) != sources.end();
      if (!known && !line.source.empty()) sources.push_back(line.source);
    }
  }
  return list_block("Sources of the prices", sources);
}

}  // namespace wattention
