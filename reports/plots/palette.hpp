#pragma once

// The colour of each phase, kind of layer and kind of operation: the same in every plot and page.
//
// Colours are Okabe and Ito's, which the colour-blind can tell apart. Names that occur most are
// solid and stand in the order in which bars are stacked, so that neighbours differ in lightness
// and a copy in grey can be read; rarer ones are hatched. A name that is not known here gets a
// hatched style that follows from its letters, the next one where another such name has it.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace wattention {

enum class Hatch { none, rising, falling, crossed, dense };

struct Style {
  std::string_view colour;  // "#0072B2"
  Hatch hatch = Hatch::none;
  bool operator==(const Style&) const = default;
};

struct NamedStyle {
  std::string_view name;
  Style style;
};

/// From the bottom of a bar to its top.
using Palette = std::vector<NamedStyle>;

const Palette& phase_palette();
const Palette& layer_palette();
const Palette& operation_palette();

/// One style a name; names occur once.
std::vector<Style> styles_of(const Palette& palette, const std::vector<std::string>& names);

/// Of the i-th level of memory on the chip, or off it.
Style level_style(std::size_t index, bool off_chip);

/// Of the i-th of several curves or points, again from the first after eight.
std::string_view curve_colour(std::size_t index);

/// Whether text on the colour is read best in white.
bool is_dark(std::string_view colour);

}  // namespace wattention
