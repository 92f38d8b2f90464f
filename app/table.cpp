#include <fmt/format.h>

#include <memory>

#include "app/commands.hpp"
#include "sim/energy_tables.hpp"

namespace wattention {
namespace {

template <class Visit>
void for_each_price(const EnergyTable& table, const Visit& visit) {
  for (std::size_t f = 0; f < format_count; ++f) {
    for (std::size_t o = 0; o < op_count; ++o) {
      const auto op = static_cast<Op>(o);
      const auto format = static_cast<Format>(f);
      if (table.price(op, format)) visit(op, format, *table.price(op, format));
    }
  }
}

void check(const std::string& file) {
  const EnergyTable table = EnergyTable::load(file);
  std::array<std::size_t, kind_names.size()> of_kind{};
  std::size_t prices = 0;
  for_each_price(table, [&](Op, Format, const Price& price) {
    ++prices;
    ++of_kind[static_cast<std::size_t>(price.kind)];
  });
  fmt::print(
      "{}: a valid cost table: {} prices ({} published, {} derived, {} estimated), {} memory "
      "levels\n",
      file, prices, of_kind[0], of_kind[1], of_kind[2], table.memory().size());
}

void show(const std::string& name) {
  const EnergyTable table = find_table(name);
  fmt::print("{}: {}\n{} nm", table.name(), table.title(), table.node_nm());
  if (table.voltage_v()) fmt::print(", {} V", *table.voltage_v());
  if (!table.note().empty()) fmt::print("\n{}", table.note());
  fmt::print("\n\n{:<18} {:>12} {:>10}  {:<10} {}\n", "operation", "pJ", "um2", "kind", "source");
  for_each_price(table, [](Op op, Format format, const Price& price) {
    fmt::print("{:<18} {:>12} {:>10}  {:<10} {}\n",
               fmt::format("{}.{}", name_of(format), name_of(op)), text_of(price.energy_pj),
               price.area_um2 ? fmt::format("{:g}", *price.area_um2) : "-", name_of(price.kind),
               price.source);
    std::string parts;
    for (const Component& part : price.composition) {
      parts += fmt::format("{}{:g} x {}.{}", parts.empty() ? "" : " + ", part.factor,
                           name_of(part.format), name_of(part.op));
    }
    if (!parts.empty()) fmt::print("{:18} = {}\n", "", parts);
    if (!price.note.empty()) fmt::print("{:18} {}\n", "", price.note);
  });
  if (!table.memory().empty()) {
    fmt::print("\n{:<18} {:>12} {:>6} {:>12} {:>12}  {}\n", "memory level", "bytes", "bits",
               "read pJ", "write pJ", "kind");
  }
  for (const MemoryLevel& level : table.memory()) {
    fmt::print("{:<18} {:>12} {:>6} {:>12} {:>12}  {}\n", level.level,
               level.capacity_bytes ? fmt::format("{}", *level.capacity_bytes) : "unbounded",
               level.access_bits, text_of(level.read_pj), text_of(level.write_pj),
               name_of(level.kind));
  }
  for (const Overhead& overhead : table.overheads()) {
    fmt::print("\nnot charged: {} {} pJ ({})\n", overhead.name, text_of(overhead.energy_pj),
               overhead.note);
  }
}

}  // namespace

void add_table(CLI::App& app) {
  CLI::App& command = *app.add_subcommand("table", "hardware cost tables");
  command.require_subcommand(1);
  command.footer("Example: wattention table show horowitz-45nm");
  const auto name = std::make_shared<std::string>();
  CLI::App& checker = *command.add_subcommand("check", "validate a table file");
  checker.add_option("file", *name, "a .json")->required();
  checker.callback([name] { check(*name); });
  CLI::App& shower = *command.add_subcommand("show", "print a table with its sources");
  shower.add_option("name", *name, "a shipped name or a .json")->required();
  shower.callback([name] { show(*name); });
}

}  // namespace wattention
