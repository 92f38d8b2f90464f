#include "reports/plots/palette.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace wattention {
namespace {

constexpr std::string_view blue = "#0072B2";
constexpr std::string_view yellow = "#F0E442";
constexpr std::string_view vermilion = "#D55E00";
constexpr std::string_view sky = "#56B4E9";
constexpr std::string_view green = "#009E73";
constexpr std::string_view purple = "#CC79A7";
constexpr std::string_view black = "#000000";
constexpr std::string_view orange = "#E69F00";
constexpr std::string_view grey = "#999999";

constexpr std::array<std::string_view, 6> strange_colours{blue,   vermilion, green,
                                                          purple, black,     sky};
constexpr std::array<Hatch, 3> strange_hatches{Hatch::dense, Hatch::crossed, Hatch::falling};
constexpr std::size_t strange_styles = strange_colours.size() * strange_hatches.size();

/// Of a name that no palette knows.
Style strange_style(std::size_t number) {
  number %= strange_styles;
  return {strange_colours[number % strange_colours.size()],
          strange_hatches[number / strange_colours.size()]};
}

/// From its letters (FNV-1a), so that it gets the same style in every picture.
std::size_t number_of(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash % strange_styles;
}

}  // namespace

const Palette& phase_palette() {
  static const Palette palette{{"scale", {purple, Hatch::falling}},
                               {"quantise", {black, Hatch::falling}},
                               {"binarise", {black, Hatch::rising}},
                               {"landmarks", {blue, Hatch::rising}},
                               {"compression", {purple, Hatch::rising}},
                               {"projection", {green, Hatch::rising}},
                               {"features", {sky, Hatch::rising}},
                               {"key weights", {orange, Hatch::rising}},
                               {"query weights", {vermilion, Hatch::falling}},
                               {"scores", {blue}},
                               {"softmax", {yellow}},
                               {"normalise", {vermilion}},
                               {"kernel", {sky}},
                               {"hash", {green}},
                               {"sort", {green, Hatch::falling}},
                               {"similarity", {vermilion, Hatch::rising}},
                               {"pseudo-inverse", {sky, Hatch::crossed}},
                               {"context", {purple}},
                               {"normaliser", {black}},
                               {"output", {orange}}};
  return palette;
}

const Palette& layer_palette() {
  static const Palette palette{
      {"embedding", {sky}},   {"projection", {green}}, {"attention", {blue}},
      {"reduction", {black}}, {"mlp", {orange}},       {"norm", {yellow}},
      {"residual", {purple}}, {"head", {vermilion}},   {"other", {grey}}};
  return palette;
}

const Palette& operation_palette() {
  static const Palette palette{
      {"mac", {blue}},           {"mul", {orange}},       {"add", {green}},
      {"exp", {yellow}},         {"div, sqrt", {purple}}, {"compare", {vermilion}},
      {"bit operations", {sky}}, {"other", {black}},      {"memory", {grey}}};
  return palette;
}

Style level_style(std::size_t index, bool off_chip) {
  constexpr std::array<std::string_view, 4> on_chip_colours{sky, green, purple, yellow};
  constexpr std::array<std::string_view, 2> off_chip_colours{orange, vermilion};
  if (off_chip) return {off_chip_colours[index % off_chip_colours.size()]};
  return {on_chip_colours[index % on_chip_colours.size()]};
}

std::vector<Style> styles_of(const Palette& palette, const std::vector<std::string>& names) {
  std::vector<Style> styles;
  for (const std::string& name : names) {
    const auto known = std::ranges::find(palette, name, &NamedStyle::name);
    if (known != palette.end()) {
      styles.push_back(known->style);
      continue;
    }
    std::size_t number = number_of(name);
    for (std::size_t tries = 1; tries < strange_styles; ++tries, ++number) {
      if (std::ranges::find(styles, strange_style(number)) == styles.end()) break;
    }
    styles.push_back(strange_style(number));
  }
  return styles;
}

std::string_view curve_colour(std::size_t index) {
  constexpr std::array<std::string_view, 8> colours{black,  blue, vermilion, green,
                                                    orange, sky,  purple,    grey};
  return colours[index % colours.size()];
}

bool is_dark(std::string_view colour) {
  double lightness = 0.0;
  constexpr std::array<double, 3> weights{0.2126, 0.7152, 0.0722};  // of red, green and blue
  for (std::size_t i = 0; i < weights.size(); ++i) {
    unsigned channel = 0;
    const std::string_view digits = colour.substr(1 + 2 * i, 2);
    std::from_chars(digits.data(), digits.data() + digits.size(), channel, 16);
    lightness += weights[i] * static_cast<double>(channel) / 255.0;
  }
  constexpr double middle = 0.4;
  return lightness < middle;
}

}  // namespace wattention
