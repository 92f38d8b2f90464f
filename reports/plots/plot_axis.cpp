#include "reports/plots/plot_axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace wattention {
namespace {

constexpr double widest_linear = 20.0;  // largest to smallest
constexpr double margin = 0.06;         // of the axis's length

constexpr double lowest_floor = 1e-8;  // of the largest

double power_of_ten_below(double value) { return std::pow(10.0, std::floor(std::log10(value))); }

/// From `lowest`, which becomes the floor where some of `values` are below it.
Axis logarithmic_axis(std::span<const double> values, double lowest, double largest) {
  const double factor = std::pow(largest / lowest, margin);
  const bool some_below =
      std::any_of(values.begin(), values.end(), [&](double value) { return value < lowest; });
  return {lowest / factor, largest * factor, true, some_below ? lowest : 0.0};
}

}  // namespace

double Axis::drawn(double value) const { return logarithmic ? std::max(value, floor) : value; }

double Axis::position(double value) const {
  const double inside = std::clamp(drawn(value), begin, end);
  if (!logarithmic) return (inside - begin) / (end - begin);
  return std::log(inside / begin) / std::log(end / begin);
}

Axis axis_around(std::span<const double> values) {
  if (values.empty()) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double smallest = *low;
  const double largest = *high;
  if (!(largest > 0.0)) return {};
  if (smallest > 0.0 && largest / smallest > widest_linear) {
    const bool in_sight = smallest >= lowest_floor * largest;
    const double lowest = in_sight ? smallest : power_of_ten_below(lowest_floor * largest);
    return logarithmic_axis(values, lowest, largest);
  }
  const double pad = std::max(margin * (largest - smallest), 0.01 * largest);
  return {std::max(smallest - pad, 0.0), largest + pad};
}

Axis axis_from_zero(std::span<const double> values) {
  std::vector<double> positive(values.begin(), values.end());
  std::erase_if(positive, [](double value) { return !(value > 0.0); });
  if (positive.empty()) return {-margin, 1.0};
  std::sort(positive.begin(), positive.end());
  const double largest = positive.back();
  if (largest / positive[(positive.size() - 1) / 2] <= widest_linear) {
    return {-margin * largest, (1.0 + margin) * largest};
  }
  const double smallest = std::max(positive.front(), lowest_floor * largest);
  return logarithmic_axis(values, power_of_ten_below(smallest), largest);
}

Axis logarithmic_axis_around(std::span<const double> values) {
  if (values.empty()) return {1.0, 10.0, true};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double pad = std::max(std::pow(*high / *low, margin), 1.2);
  return {*low / pad, *high * pad, true};
}

std::vector<double> logarithmic_tics(const Axis& axis) {
  constexpr int most_tics = 10;
  constexpr int dense_decades = 3;
  const int first = static_cast<int>(std::floor(std::log10(axis.begin)));
  const int last = static_cast<int>(std::ceil(std::log10(axis.end)));
  const int step = (last - first) / most_tics + 1;
  std::vector<double> tics;
  for (int decade = first; decade <= last; decade += step) {
    for (const int digit : {1, 2, 5}) {
      const double value = digit * std::pow(10.0, decade);
      if (digit != 1 && last - first > dense_decades) continue;
      if (value >= axis.begin && value <= axis.end) tics.push_back(value);
    }
  }
  return tics;
}

std::string axis_script(const Axis& axis, char name) {
  if (!axis.logarithmic) {
    return fmt::format(
        "unset logscale {0}\nset {0}range [{1:.9g}:{2:.9g}]\n"
        "set {0}tics nomirror autofreq\n",
        name, axis.begin, axis.end);
  }
  std::vector<Tic> tics;
  for (const double value : logarithmic_tics(axis)) {
    tics.push_back({value, fmt::format("{:g}", value)});
  }
  return axis_script(axis, name, tics);
}

std::string axis_script(const Axis& axis, char name, const std::vector<Tic>& tics) {
  std::string list;
  for (const Tic& tic : tics) {
    list += fmt::format("{}'{}' {:.9g}", list.empty() ? "" : ", ", tic.label, tic.value);
  }
  return fmt::format("{} logscale {}\nset {}range [{:.9g}:{:.9g}]\nset {}tics nomirror ({})\n",
                     axis.logarithmic ? "set" : "unset", name, name, axis.begin, axis.end, name,
                     list);
}

}  // namespace wattention
