#include "reports/layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

#include "reports/energy_groups.hpp"

namespace wattention {
namespace {

struct Known {
  std::string_view name;
  std::string_view colour;
};

// Okabe and Ito's colours for the names that occur most. Bars are stacked in this order, in which
// neighbours differ in lightness too; names that are not here follow, with patterns.
constexpr std::array<Known, 8> known_phases{{{"scores", "#0072B2"},
                                             {"softmax", "#F0E442"},
                                             {"normalise", "#D55E00"},
                                             {"kernel", "#56B4E9"},
                                             {"hash", "#009E73"},
                                             {"context", "#CC79A7"},
                                             {"normaliser", "#000000"},
                                             {"output", "#E69F00"}}};
constexpr std::array<Known, 9> known_kinds{{{"mac", "#0072B2"},
                                            {"mul", "#E69F00"},
                                            {"add", "#009E73"},
                                            {"exp", "#F0E442"},
                                            {"div, sqrt", "#CC79A7"},
                                            {"compare", "#D55E00"},
                                            {"bit operations", "#56B4E9"},
                                            {"other", "#000000"},
                                            {"memory", "#999999"}}};

constexpr std::size_t most_layers = 24;
constexpr std::string_view rest_name = "all others";

double total_of(const Layer& layer) {
  double total = 0.0;
  for (const double height : layer.heights) total += height;
  return total;
}

std::string solid(std::string_view colour) {
  return fmt::format("fillstyle solid 1.0 border linecolor rgb '#FFFFFF' linecolor rgb '{}'",
                     colour);
}

std::string patterned(std::size_t index) {
  constexpr std::array<int, 4> patterns{4, 2, 5, 1};
  constexpr std::size_t first = 2;  // the neighbour below, "output", is orange
  const std::string_view colour = known_phases[(index * 3 + first) % known_phases.size()].colour;
  return fmt::format("fillstyle pattern {} border linecolor rgb '{}' linecolor rgb '{}'",
                     patterns[index % patterns.size()], colour, colour);
}

/// The smallest layers as one, where there are too many to tell apart.
void merge_smallest(std::vector<Layer>& layers) {
  if (layers.size() <= most_layers) return;
  std::vector<double> totals;
  totals.reserve(layers.size());
  for (const Layer& layer : layers) totals.push_back(total_of(layer));
  std::sort(totals.begin(), totals.end(), std::greater<>());
  const double smallest_kept = totals[most_layers - 2];
  Layer rest{std::string(rest_name), solid("#999999"), {}};
  rest.heights.resize(layers.front().heights.size());
  std::vector<Layer> kept;
  for (Layer& layer : layers) {
    if (total_of(layer) >= smallest_kept && kept.size() + 1 < most_layers) {
      kept.push_back(std::move(layer));
    } else {
      for (std::size_t i = 0; i < rest.heights.size(); ++i) rest.heights[i] += layer.heights[i];
    }
  }
  kept.push_back(std::move(rest));
  layers = std::move(kept);
}

std::vector<Layer> layers_of(const Report& report, std::span<const Known> known,
                             std::vector<EnergyGroup> (*groups_of)(const Run&)) {
  std::vector<Layer> layers;
  for (const Known& name : known)
    layers.push_back({std::string(name.name), solid(name.colour), {}});
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    for (const EnergyGroup& group : groups_of(report.runs[i])) {
      auto layer = std::find_if(layers.begin(), layers.end(),
                                [&](const Layer& other) { return other.name == group.name; });
      if (layer == layers.end()) {
        layer = layers.insert(layer, {group.name, patterned(layers.size() - known.size()), {}});
      }
      layer->heights.resize(report.runs.size());
      layer->heights[i] += drawable(group.energy_pj.middle());
    }
  }
  std::erase_if(layers, [](const Layer& layer) { return !(total_of(layer) > 0.0); });
  merge_smallest(layers);
  return layers;
}

}  // namespace

double drawable(double pj) { return std::isfinite(pj) ? std::max(pj, 0.0) : 0.0; }

std::vector<Layer> layers_by_phase(const Report& report) {
  return layers_of(report, known_phases, energy_by_phase);
}

std::vector<Layer> layers_by_kind(const Report& report) {
  return layers_of(report, known_kinds, energy_by_kind);
}

}  // namespace wattention
