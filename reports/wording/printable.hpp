#pragma once

// Text that users wrote (labels, titles, file names), made fit for a terminal or a picture.
//
// Width is in columns. printable() leaves only characters that take one column each: ASCII, Latin,
// Greek, Cyrillic and common punctuation and mathematics in UTF-8. Anything else becomes '?' or,
// for tabs and line ends, a space: control characters, broken UTF-8, letters of two columns or
// none. The functions below expect text that went through it. Nothing here throws.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace wattention {

std::string printable(std::string_view text);

std::size_t width_of(std::string_view text);

/// At most `width` columns, the end replaced by "..." where something is cut.
std::string shortened(std::string_view text, std::size_t width);

/// Lines of at most `width` columns, broken at spaces, within a word only where it is longer.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

}  // namespace wattention
