#include "app/table_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace wattention {
namespace {

using Kind = Column::Kind;

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

std::string area_of(const Price& price) {
  return price.area_um2 ? fmt::format("{:g}", *price.area_um2) : "-";
}

std::string capacity_of(const MemoryLevel& level) {
  return level.capacity_bytes ? fmt::format("{}", *level.capacity_bytes) : "unbounded";
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

/// How a price came about: "= add + mul. One of each.", what it is composed of and its note.
std::string how_priced(const Price& price, Format own) {
  const std::string parts = composition_of(price, own);
  if (parts.empty()) return price.note;
  return "= " + parts + "." + (price.note.empty() ? "" : " " + price.note);
}

std::string described(const ProcessingArray& array, const Sources& sources) {
  return fmt::format("{} rows x {} columns of processing elements ({}, source {}).{}", array.rows,
                     array.cols, name_of(array.kind), sources.number(array.source),
                     array.note.empty() ? "" : " " + array.note);
}

Facts facts_of(const EnergyTable& table, const Sources& sources) {
  Facts facts{"", {{"title", table.title()}, {"process", fmt::format("{} nm", table.node_nm())}}};
  if (table.voltage_v()) facts.items.back().value += fmt::format(", {} V", *table.voltage_v());
  if (table.unit() == Unit::relative) {
    facts.items.push_back({"unit", "energies are relative, no joules: " + table.unit_note()});
  }
  if (!table.note().empty()) facts.items.push_back({"note", table.note()});
  if (table.memory().empty()) facts.items.push_back({"memory", "none stated"});
  facts.items.push_back(
      {"array", table.array() ? described(*table.array(), sources) : "none stated"});
  facts.items.push_back({"made by", fmt::format("wattention table show {}", table.name())});
  return facts;
}

Table operations_of(const EnergyTable& table, const Sources& sources) {
  Table operations{
      "Operations",
      "operation",
      {{"operation", Kind::name, 0},
       {std::string(unit_of(table)), Kind::number, 16},
       {"um2", Kind::number, 9},
       {"kind", Kind::text, 9},
       {"source", Kind::number, 6},
       {"how", Kind::note, 0}},
      {},
      fmt::format("Each with its price, {}. Of these: {}.",
                  table.unit() == Unit::relative ? "in units that are no joules" : "in picojoules",
                  count_of_kinds(table))};
  for_each_price(table, [&](Op op, Format format, const Price& price) {
    operations.row({operation_name(op, format), text_of(price.energy_pj), area_of(price),
                    std::string(name_of(price.kind)),
                    fmt::format("{}", sources.number(price.source)), how_priced(price, format)});
  });
  return operations;
}

Table memory_of(const EnergyTable& table, const Sources& sources) {
  Table memory{"Memory",
               "memory level",
               {{"level", Kind::name, 0},
                {"technology", Kind::text, 12},
                {"bytes", Kind::number, 13},
                {"bits", Kind::number, 5},
                {fmt::format("read, {}", unit_of(table)), Kind::number, 12},
                {fmt::format("write, {}", unit_of(table)), Kind::number, 12},
                {"kind", Kind::text, 9},
                {"source", Kind::number, 6},
                {"how", Kind::note, 0}},
               {},
               "Energies of one access, from the innermost level outward."};
  for (const MemoryLevel& level : table.memory()) {
    memory.row({level.level, level.technology.empty() ? "-" : level.technology, capacity_of(level),
                fmt::format("{}", level.access_bits), text_of(level.read_pj),
                text_of(level.write_pj), std::string(name_of(level.kind)),
                fmt::format("{}", sources.number(level.source)), level.note});
  }
  return memory;
}

List overheads_of(const EnergyTable& table, const Sources& sources) {
  List list{"Stated beside, charged nowhere", {}};
  for (const Overhead& overhead : table.overheads()) {
    list.items.push_back(fmt::format("{}: {} {} ({}, source {}).{}", overhead.name,
                                     text_of(overhead.energy_pj), unit_of(table),
                                     name_of(overhead.kind), sources.number(overhead.source),
                                     overhead.note.empty() ? "" : " " + overhead.note));
  }
  return list;
}

}  // namespace

std::string operation_name(Op op, Format format) {
  return fmt::format("{}.{}", name_of(format), name_of(op));
}

std::string count_of_kinds(const EnergyTable& table) {
  std::array<std::size_t, names_of<wattention::Kind>.size()> counts{};
  for_each_price(table, [&](Op, Format, const Price& price) {
    ++counts[static_cast<std::size_t>(price.kind)];
  });
  std::string text;
  for (std::size_t kind = 0; kind < counts.size(); ++kind) {
    if (counts[kind] == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", counts[kind],
                        names_of<wattention::Kind>[kind]);
  }
  return text;
}

Document document_of(const EnergyTable& table) {
  const Sources sources(table);
  Document document{table.name(), {facts_of(table, sources), operations_of(table, sources)}};
  if (!table.memory().empty()) document.blocks.emplace_back(memory_of(table, sources));
  if (!table.overheads().empty()) document.blocks.emplace_back(overheads_of(table, sources));
  Facts numbered{"Sources", {}};
  for (std::size_t i = 0; i < sources.all().size(); ++i) {
    numbered.items.push_back({fmt::format("{}", i + 1), sources.all()[i]});
  }
  document.blocks.emplace_back(std::move(numbered));
  return document;
}

}  // namespace wattention
