#pragma once

// The columns of the CSV report, the same for every report, in their order (docs/report.md says
// what they hold), and the cells of RFC 4180.

#include <string>
#include <string_view>
#include <vector>

namespace wattention {

const std::vector<std::string>& csv_columns();

/// Quoted where it has to be. A text that a spreadsheet would take for a formula, since it starts
/// with =, +, - or @, gets an apostrophe in front.
std::string csv_text(std::string_view text);

/// So that it reads back exactly; "" where it is not finite.
std::string csv_number(double value);

}  // namespace wattention
