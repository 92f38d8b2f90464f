#pragma once

// A data file that ships within the binary: cmake/embed_json.cmake turns folders of JSON files into
// lists of these.

#include <string_view>

namespace wattention {

struct ShippedText {
  std::string_view name;  // of the file, without folder and extension
  std::string_view text;
};

}  // namespace wattention
