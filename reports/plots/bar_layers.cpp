#include "reports/plots/bar_layers.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>

#include "reports/findings/energy_groups.hpp"

namespace wattention {
namespace {

constexpr std::size_t most_layers = 24;
constexpr std::string_view rest_name = "all others";

double total_of(const BarLayer& layer) {
  double total = 0.0;
  for (const double height : layer.heights) total += height;
  return total;
}

/// The smallest layers as one, where there are too many to tell apart.
void merge_smallest(std::vector<BarLayer>& layers) {
  if (layers.size() <= most_layers) return;
  std::vector<double> totals;
  totals.reserve(layers.size());
  for (const BarLayer& layer : layers) totals.push_back(total_of(layer));
  std::sort(totals.begin(), totals.end(), std::greater<>());
  const double smallest_kept = totals[most_layers - 2];
  BarLayer rest{std::string(rest_name), {"#999999"}, {}};
  rest.heights.resize(layers.front().heights.size());
  std::vector<BarLayer> kept;
  for (BarLayer& layer : layers) {
    if (total_of(layer) >= smallest_kept && kept.size() + 1 < most_layers) {
      kept.push_back(std::move(layer));
    } else {
      for (std::size_t i = 0; i < rest.heights.size(); ++i) rest.heights[i] += layer.heights[i];
    }
  }
  kept.push_back(std::move(rest));
  layers = std::move(kept);
}

}  // namespace

double drawable(double pj) { return std::isfinite(pj) ? std::max(pj, 0.0) : 0.0; }

std::vector<BarLayer> layers_of(const std::vector<std::vector<EnergyGroup>>& bars,
                                const Palette& palette) {
  std::vector<BarLayer> layers;
  layers.reserve(palette.size());
  for (const NamedStyle& known : palette) layers.push_back({std::string(known.name), {}, {}});
  for (std::size_t i = 0; i < bars.size(); ++i) {
    for (const EnergyGroup& group : bars[i]) {
      auto layer = std::ranges::find(layers, group.name, &BarLayer::name);
      if (layer == layers.end()) layer = layers.insert(layer, {group.name, {}, {}});
      layer->heights.resize(bars.size());
      layer->heights[i] += drawable(group.energy_pj.middle());
    }
  }
  std::erase_if(layers, [](const BarLayer& layer) { return !(total_of(layer) > 0.0); });
  std::vector<std::string> names;
  names.reserve(layers.size());
  for (const BarLayer& layer : layers) names.push_back(layer.name);
  const std::vector<Style> styles = styles_of(palette, names);
  for (std::size_t i = 0; i < layers.size(); ++i) layers[i].style = styles[i];
  merge_smallest(layers);
  return layers;
}

}  // namespace wattention
