#pragma once

// The style sheet and the scripts of the HTML report: the files of reports/page/.

#include <span>

#include "sim/files/shipped_text.hpp"

namespace wattention {

std::span<const ShippedText> page_files();

}  // namespace wattention
