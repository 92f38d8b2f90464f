#include "sim/tensor/array.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace wattention {

std::string shape_text(const std::vector<std::size_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

}  // namespace wattention
