#include "app/table_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "reports/formats/columns.hpp"
#include "reports/wording/printable.hpp"

namespace wattention {
namespace {

/// The sources of a table, numbered from 1 in the order in which its page first needs them.
class Sources {
 public:
  explicit Sources(const EnergyTable& table) {
    for_each_price(table, [this](Op, Format, const Price& price) { add(price.source); });
    for (const MemoryLevel& level : table.memory()) add(level.source);
    if (table.array()) add(table.array()->source);
    for (const Overhead& overhead : table.overheads()) add(overhead.source);
  }
  std::size_t number(const std::string& source) const {
    return static_cast<std::size_t>(std::ranges::find(all_, source) - all_.begin()) + 1;
  }
  const std::vector<std::string>& all() const { return all_; }

 private:
  void add(const std::string& source) {
    if (std::ranges::find(all_, source) == all_.end()) all_.push_back(source);
  }

  std::vector<std::string> all_;
};

std::string_view unit_of(const EnergyTable& table) {
  return table.unit() == Unit::relative ? "units" : "pJ";
}

std::string conditions_of(const EnergyTable& table) {
  std::string text = fmt::format("{} nm", table.node_nm());
  if (table.voltage_v()) text += fmt::format(", {} V", *table.voltage_v());
  if (table.unit() == Unit::relative) {
    text += "; energies are relative, no joules: " + table.unit_note();
  }
  return text;
}

std::string area_of(const Price& price) {
  return price.area_um2 ? fmt::format("{:g}", *price.area_um2) : "-";
}

std::string capacity_of(const MemoryLevel& level) {
  return level.capacity_bytes ? fmt::format("{}", *level.capacity_bytes) : "unbounded";
}

constexpr std::size_t note_margin = 4;

/// Lines of at most a page's width, all of them `margin` columns from the left.
std::string indented(std::size_t margin, std::string_view text) {
  std::string lines;
  for (const std::string& line : wrapped(printable(text), page_columns - margin)) {
    if (!line.empty()) lines += std::string(margin, ' ') + line + '\n';
  }
  return lines;
}

std::string sum_of(const std::vector<Component>& components, Format own) {
  std::string parts;
  for (const Component& part : components) {
    const std::string name =
        part.format == own ? std::string(name_of(part.op)) : operation_name(part.op, part.format);
    const std::string factor = part.factor == 1.0 ? "" : fmt::format("{:g} ", part.factor);
    parts += fmt::format("{}{}{}", parts.empty() ? "" : " + ", factor, name);
  }
  return parts;
}

/// "4 mul + 4 add", or "1.84 mul, or 4 mul + 4 add": operations of other formats than the price's
/// own with theirs.
std::string composition_of(const Price& price, Format own) {
  const std::string one = sum_of(price.composition, own);
  return price.alternative.empty() ? one : one + ", or " + sum_of(price.alternative, own);
}

/// Text that Markdown takes as it is, in the cell of a table too.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '`' || c == '\\' || c == '[') result += '\\';
    if (c == '<') {
      result += "&lt;";
    } else if (c == '&') {
      result += "&amp;";
    } else {
      result += c;
    }
  }
  return result;
}

std::string sentence(const std::string& note) { return note.empty() ? "" : " " + escaped(note); }

std::string markdown_operations(const EnergyTable& table, const Sources& sources) {
  std::string text = fmt::format(
      "## Operations\n\nEach with its price, {}. Of these: {}.\n\n"
      "| operation | {} | um2 | kind | source | how |\n|---|---:|---:|---|---|---|\n",
      table.unit() == Unit::relative ? "in units that are no joules" : "in picojoules",
      count_of_kinds(table), unit_of(table));
  for_each_price(table, [&](Op op, Format format, const Price& price) {
    const std::string parts = composition_of(price, format);
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", operation_name(op, format),
                        text_of(price.energy_pj), area_of(price), name_of(price.kind),
                        sources.number(price.source),
                        parts.empty() ? escaped(price.note) : parts + "." + sentence(price.note));
  });
  return text;
}

std::string markdown_memory(const EnergyTable& table, const Sources& sources) {
  std::string text = "\n## Memory\n\n";
  if (table.memory().empty()) return text + "None stated.\n";
  text += fmt::format(
      "Energies of one access, from the innermost level outward.\n\n"
      "| level | technology | bytes | bits | read, {0} | write, {0} | kind | source | how |\n"
      "|---|---|---:|---:|---:|---:|---|---|---|\n",
      unit_of(table));
  for (const MemoryLevel& level : table.memory()) {
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", level.level,
                        level.technology.empty() ? "-" : level.technology, capacity_of(level),
                        level.access_bits, text_of(level.read_pj), text_of(level.write_pj),
                        name_of(level.kind), sources.number(level.source), escaped(level.note));
  }
  return text;
}

std::string markdown_array(const EnergyTable& table, const Sources& sources) {
  std::string text = "\n## Array of processing elements\n\n";
  if (!table.array()) return text + "None stated.\n";
  const ProcessingArray& array = *table.array();
  return text + fmt::format("{} rows x {} columns ({}, source {}).{}\n", array.rows, array.cols,
                            name_of(array.kind), sources.number(array.source),
                            sentence(array.note));
}

std::string markdown_overheads(const EnergyTable& table, const Sources& sources) {
  if (table.overheads().empty()) return "";
  std::string text = "\n## Stated beside, charged nowhere\n\n";
  for (const Overhead& overhead : table.overheads()) {
    text += fmt::format("* {}: {} {} ({}, source {}).{}\n", overhead.name,
                        text_of(overhead.energy_pj), unit_of(table), name_of(overhead.kind),
                        sources.number(overhead.source), sentence(overhead.note));
  }
  return text;
}

}  // namespace

std::string operation_name(Op op, Format format) {
  return fmt::format("{}.{}", name_of(format), name_of(op));
}

std::string count_of_kinds(const EnergyTable& table) {
  std::array<std::size_t, kind_names.size()> counts{};
  for_each_price(table, [&](Op, Format, const Price& price) {
    ++counts[static_cast<std::size_t>(price.kind)];
  });
  std::string text;
  for (std::size_t kind = 0; kind < counts.size(); ++kind) {
    if (counts[kind] == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", counts[kind], kind_names[kind]);
  }
  return text;
}

std::string markdown_page(const EnergyTable& table) {
  const Sources sources(table);
  std::string text = fmt::format(
      "# {0}\n\nGenerated from the table itself: `wattention table show {0} --format markdown`.\n\n"
      "{1}. {2}.\n",
      table.name(), escaped(table.title()), escaped(conditions_of(table)));
  if (!table.note().empty()) text += fmt::format("\n{}\n", escaped(table.note()));
  text += "\n" + markdown_operations(table, sources) + markdown_memory(table, sources) +
          markdown_array(table, sources) + markdown_overheads(table, sources);
  text += "\n## Sources\n\n";
  for (std::size_t i = 0; i < sources.all().size(); ++i) {
    text += fmt::format("{}. {}\n", i + 1, escaped(sources.all()[i]));
  }
  return text;
}

std::string text_page(const EnergyTable& table) {
  const Sources sources(table);
  std::string text = fmt::format("{}: {}\n", table.name(), table.title());
  text += indented(0, conditions_of(table)) + indented(0, table.note());
  text += fmt::format("\n{:<18} {:>14} {:>8}  {:<9} {:>6}\n", "operation", unit_of(table), "um2",
                      "kind", "source");
  for_each_price(table, [&](Op op, Format format, const Price& price) {
    text += fmt::format("{:<18} {:>14} {:>8}  {:<9} {:>6}\n", operation_name(op, format),
                        text_of(price.energy_pj), area_of(price), name_of(price.kind),
                        sources.number(price.source));
    const std::string parts = composition_of(price, format);
    if (!parts.empty()) text += indented(note_margin, "= " + parts);
    text += indented(note_margin, price.note);
  });
  if (!table.memory().empty()) {
    text += fmt::format("\n{:<18} {:>14} {:>6} {:>14} {:>14}  {:<9} {:>6}\n", "memory level",
                        "bytes", "bits", fmt::format("read, {}", unit_of(table)),
                        fmt::format("write, {}", unit_of(table)), "kind", "source");
  }
  for (const MemoryLevel& level : table.memory()) {
    text += fmt::format("{:<18} {:>14} {:>6} {:>14} {:>14}  {:<9} {:>6}\n", level.level,
                        capacity_of(level), level.access_bits, text_of(level.read_pj),
                        text_of(level.write_pj), name_of(level.kind), sources.number(level.source));
    text += indented(note_margin, level.note);
  }
  if (table.array()) {
    const ProcessingArray& array = *table.array();
    text += fmt::format("\narray of processing elements: {} x {} ({}, source {})\n", array.rows,
                        array.cols, name_of(array.kind), sources.number(array.source));
    text += indented(note_margin, array.note);
  }
  for (const Overhead& overhead : table.overheads()) {
    text += fmt::format("\nnot charged: {} {} {} ({}, source {})\n", overhead.name,
                        text_of(overhead.energy_pj), unit_of(table), name_of(overhead.kind),
                        sources.number(overhead.source));
    text += indented(note_margin, overhead.note);
  }
  text += "\nsources\n";
  for (std::size_t i = 0; i < sources.all().size(); ++i) {
    text += fmt::format("{:>2} {}", i + 1, indented(3, sources.all()[i]).substr(3));
  }
  return text;
}

}  // namespace wattention
