#pragma once

// A file that ships within the binary: cmake/embed_files.cmake turns folders of cost tables,
// networks and parts of the HTML report into lists of these.

#include <string_view>

namespace wattention {

struct ShippedText {
  std::string_view name;  // of the file, without folder and extension
  std::string_view text;
};

}  // namespace wattention
