#pragma once

// One run of gnuplot: a script goes in, the picture's bytes come out.
//
// gnuplot works in a temporary folder of its own, which is gone afterwards, and reads no start-up
// files. Text of users enters a script only through gnuplot_string(). Error where gnuplot is
// missing, fails, or draws nothing.

#include <string>
#include <string_view>

namespace wattention {

/// `script` must draw to the file named by gnuplot_output, which is relative to the folder.
std::string run_gnuplot(const std::string& script);

inline constexpr std::string_view gnuplot_output = "picture";

/// `text` as a string constant of gnuplot, in which nothing is expanded.
std::string gnuplot_string(std::string_view text);

}  // namespace wattention
