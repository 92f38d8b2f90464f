#pragma once

// Arrays of any rank with their sizes, as files hold them.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace wattention {

struct Array {
  std::vector<std::size_t> shape;
  std::vector<float> data;  // row-major; as many as the product of the sizes
};

struct IntegerArray {
  std::vector<std::size_t> shape;
  std::vector<std::int32_t> data;
};

/// "[2, 48, 32]"
std::string shape_text(const std::vector<std::size_t>& shape);

}  // namespace wattention
