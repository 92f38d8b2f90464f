#pragma once

// Text of users as LaTeX that pdflatex sets with its default fonts: special characters become
// commands, Greek letters and mathematics formulas; what these fonts lack becomes '?'.

#include <string>
#include <string_view>

namespace wattention {

std::string latex_text(std::string_view text);

}  // namespace wattention
