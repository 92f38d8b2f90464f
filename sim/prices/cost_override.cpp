#include "sim/prices/cost_override.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "sim/error.hpp"
#include "sim/files/json_cursor.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

constexpr std::string_view form =
    "FORMAT.OPERATION=PJ, or LEVEL.read=PJ or LEVEL.write=PJ, with PJ a number >= 0 or LOW..HIGH";

[[noreturn]] void refuse(std::string_view expected, std::string_view found) {
  throw InputError("cost", expected, found);
}

std::optional<double> number(std::string_view text) {
  double value = 0.0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end || !std::isfinite(value) || std::signbit(value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<Range> range(std::string_view text) {
  const std::size_t dots = text.find("..");
  const auto low = number(text.substr(0, dots));
  const auto high = dots == std::string_view::npos ? low : number(text.substr(dots + 2));
  if (!low || !high || *low > *high) return std::nullopt;
  return Range{*low, *high};
}

nlohmann::json json_of(const Range& range) {
  if (range.exact()) return range.low;
  return nlohmann::json::array({range.low, range.high});
}

std::string energy(const Range& range, const EnergyTable& table) {
  return fmt::format("{} {}", text_of(range), table.unit() == Unit::relative ? "units" : "pJ");
}

/// `before` is what `table` has.
std::string note_of(const CostOverride& cost, const EnergyTable& table, const Range* before) {
  return fmt::format("{}.{} is {}, given by the user; {} {}", cost.of, cost.what,
                     energy(cost.energy_pj, table), table.name(),
                     before == nullptr ? "does not price it" : "has " + energy(*before, table));
}

/// A key that the table's references do not have yet; its reference is the override as written.
std::string add_reference(nlohmann::json& table, const CostOverride& cost) {
  nlohmann::json& references = table["references"];
  std::string key = "user";
  while (references.contains(key)) key += "_";
  references[key] = "given by the user: " + cost.text;
  return key;
}

void set_operation(nlohmann::json& document, const EnergyTable& table, const CostOverride& cost,
                   Format format, Op op) {
  const auto& before = table.price(op, format);
  nlohmann::json replaced{{"energy_pj", json_of(cost.energy_pj)},
                          {"source", add_reference(document, cost)},
                          {"kind", name_of(Kind::user)}};
  if (before && before->area_um2) replaced["area_um2"] = *before->area_um2;
  document["operations"][cost.of][cost.what] = std::move(replaced);
}

const MemoryLevel& level_of(const EnergyTable& table, const CostOverride& cost) {
  const auto level = std::ranges::find(table.memory(), cost.of, &MemoryLevel::level);
  if (level == table.memory().end()) {
    std::vector<std::string> known = all_names_of<Format>();
    for (const MemoryLevel& other : table.memory()) known.push_back(other.level);
    refuse(one_of(known, cost.of), in_quotes(cost.of));
  }
  if (cost.what != "read" && cost.what != "write") {
    refuse(fmt::format("{}.read or {}.write", cost.of, cost.of), in_quotes(cost.what));
  }
  return *level;
}

const Range& energy_of(const MemoryLevel& level, const CostOverride& cost) {
  return cost.what == "read" ? level.read_pj : level.write_pj;
}

void set_level(nlohmann::json& document, const EnergyTable& table, const CostOverride& cost) {
  const MemoryLevel& level = level_of(table, cost);
  const bool reads = cost.what == "read";
  nlohmann::json& entry =
      *std::ranges::find(document["memory"], nlohmann::json(level.level),
                         [](const nlohmann::json& other) { return other.at("level"); });
  entry["read_pj"] = json_of(reads ? cost.energy_pj : level.read_pj);
  entry["write_pj"] = json_of(reads ? level.write_pj : cost.energy_pj);
  entry["source"] = add_reference(document, cost);
  entry["kind"] = name_of(Kind::user);
  entry["note"] =
      fmt::format("The energy of a {} stays that of: {}", reads ? "write" : "read", level.source);
  entry.erase("interpolate");
}

/// Sets the price in `document`, whose table is `table`; says what it was in `original`.
std::string set(nlohmann::json& document, const EnergyTable& table, const EnergyTable& original,
                const CostOverride& cost) {
  const auto format = find_named<Format>(cost.of);
  if (!format) {
    set_level(document, table, cost);
    return note_of(cost, original, &energy_of(level_of(original, cost), cost));
  }
  const auto op = find_named<Op>(cost.what);
  if (!op) {
    refuse(one_of(all_names_of<Op>(), cost.what), "operation " + in_quotes(cost.what));
  }
  set_operation(document, table, cost, *format, *op);
  const auto& before = original.price(*op, *format);
  return note_of(cost, original, before ? &before->energy_pj : nullptr);
}

}  // namespace

CostOverride parse_cost(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view left = text.substr(0, equals);
  const std::size_t point = left.rfind('.');
  if (equals == std::string_view::npos || point == std::string_view::npos) {
    refuse(form, in_quotes(text));
  }
  const auto energy_pj = range(text.substr(equals + 1));
  if (!energy_pj) refuse(form, in_quotes(text));
  return {std::string(text), std::string(left.substr(0, point)),
          std::string(left.substr(point + 1)), *energy_pj};
}

OverriddenTable with_costs(Json document, std::span<const CostOverride> costs) {
  const EnergyTable original = EnergyTable::read(document);
  OverriddenTable result{original, {}};
  for (const CostOverride& cost : costs) {
    const auto same = [&cost](const CostOverride& other) {
      return other.of == cost.of && other.what == cost.what;
    };
    if (std::ranges::count_if(costs, same) > 1) {
      refuse("each price once", fmt::format("{}.{} twice", cost.of, cost.what));
    }
    result.notes.push_back(set(document.value, result.table, original, cost));
    result.table = EnergyTable::read(document);
  }
  return result;
}

}  // namespace wattention
