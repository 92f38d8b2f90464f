#pragma once

// A float32 array of any rank with its sizes, as files hold it.

#include <cstddef>
#include <string>
#include <vector>

namespace wattention {

struct Array {
  std::vector<std::size_t> shape;
  std::vector<float> data;  // row-major; as many as the product of the sizes
};

/// "[2, 48, 32]"
std::string shape_text(const std::vector<std::size_t>& shape);

}  // namespace wattention
