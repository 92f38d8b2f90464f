#include "reports/wording/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace wattention {
namespace {

// From here on a number with three digits would round to 1000.
constexpr double too_many_digits = 999.5;

constexpr std::array<EnergyUnit, 8> energy_units{{{"fJ", 1e-3},
                                                  {"pJ", 1.0},
                                                  {"nJ", 1e3},
                                                  {"uJ", 1e6},
                                                  {"mJ", 1e9},
                                                  {"J", 1e12},
                                                  {"kJ", 1e15},
                                                  {"MJ", 1e18}}};
constexpr std::array<EnergyUnit, 7> relative_units{{{"units", 1.0},
                                                    {"k units", 1e3},
                                                    {"M units", 1e6},
                                                    {"G units", 1e9},
                                                    {"T units", 1e12},
                                                    {"P units", 1e15},
                                                    {"E units", 1e18}}};

/// `value` divided by `step` until three digits hold it, with the prefix that makes up for it.
template <std::size_t Size>
std::string scaled(double value, double step, const std::array<std::string_view, Size>& prefixes) {
  std::size_t prefix = 0;
  while (value >= too_many_digits && prefix + 1 < Size) {
    value /= step;
    ++prefix;
  }
  return fmt::format("{} {}", three_digits(value), prefixes[prefix]);
}

}  // namespace

EnergyUnit energy_unit(double pj, std::string_view table_unit) {
  const bool relative = table_unit == "relative";
  if (pj == 0.0 || !std::isfinite(pj)) return {relative ? "units" : "pJ", 1.0};
  const std::span<const EnergyUnit> units =
      relative ? std::span<const EnergyUnit>(relative_units) : energy_units;
  const auto fits = [pj](const EnergyUnit& unit) { return pj / unit.pj < too_many_digits; };
  const auto found = std::ranges::find_if(units, fits);
  return found == units.end() ? units.back() : *found;
}

std::string three_digits(double value) {
  if (value == 0.0) return "0";
  constexpr double smallest_fixed = 1e-4;
  if (!std::isfinite(value) || value < smallest_fixed) return fmt::format("{:.2e}", value);
  if (value >= 1e6) return fmt::format("{:.2e}", value);
  constexpr double below_rounding_up = 0.9995;
  const int digits_before_point =
      static_cast<int>(std::floor(std::log10(value / below_rounding_up))) + 1;
  const int decimals = std::max(0, 3 - digits_before_point);
  return fmt::format("{:.{}f}", value, decimals);
}

std::string si_count(std::uint64_t count) {
  constexpr std::uint64_t exact_below = 10'000;
  if (count < exact_below) return fmt::format("{}", count);
  constexpr std::array<std::string_view, 6> prefixes{"k", "M", "G", "T", "P", "E"};
  return scaled(static_cast<double>(count) / 1e3, 1e3, prefixes);
}

std::string si_energy(const Range& pj, std::string_view table_unit) {
  const EnergyUnit unit = energy_unit(pj.high, table_unit);
  const std::string low = three_digits(pj.low / unit.pj);
  const std::string high = three_digits(pj.high / unit.pj);
  if (low == high) return fmt::format("{} {}", high, unit.name);
  return fmt::format("{}-{} {}", low, high, unit.name);
}

std::string iec_bytes(std::uint64_t bytes) {
  constexpr double step = 1024.0;
  if (bytes < static_cast<std::uint64_t>(step)) return fmt::format("{} B", bytes);
  constexpr std::array<std::string_view, 6> prefixes{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  return scaled(static_cast<double>(bytes) / step, step, prefixes);
}

std::string si_seconds(double seconds) {
  constexpr std::array<std::string_view, 4> prefixes{"ns", "us", "ms", "s"};
  return scaled(seconds * 1e9, 1e3, prefixes);
}

std::string percent(double share) {
  if (!std::isfinite(share)) return "-";
  constexpr double visible = 0.0005;
  if (share > 0.0 && share < visible) return "<0.1%";
  if (share < 0.0 && share > -visible) return ">-0.1%";
  return fmt::format("{:.{}f}%", 100.0 * share, std::abs(share) <= 1.0 ? 1 : 0);
}

}  // namespace wattention
