#include "models/networks/layer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wattention {

std::string text_of(const Sizes& sizes) {
  if (sizes.ids) return fmt::format("{} token ids", sizes.tokens);
  const std::string grid =
      sizes.is_image() ? fmt::format(" ({} x {})", sizes.grid.height, sizes.grid.width) : "";
  return fmt::format("{} tokens{} of {} channels", sizes.tokens, grid, sizes.channels);
}

std::string ParameterList::name(std::string_view suffix) const {
  if (suffix.starts_with('/')) return std::string(suffix.substr(1));
  return layer_ + std::string(suffix);
}

void ParameterList::vector(std::string_view suffix, std::size_t size, Parameter::Start start,
                           Tensor<float>& to) {
  to = Tensor<float>::without_data(1, 1, size);
  add({{name(suffix)}, {size}, start, 0.0F, {}, [&to, size](const Array& array) {
         to = Tensor<float>(1, 1, size);
         std::ranges::copy(array.data, to.data());
       }});
}

void ParameterList::matrix(const std::string& name, std::vector<std::size_t> shape, float spread,
                           Tensor<float>& to) {
  const std::size_t rows = to.rows();
  const std::size_t cols = to.cols();
  add({{name},
       std::move(shape),
       Parameter::Start::normal,
       spread,
       {},
       [&to, rows, cols](const Array& array) {
         to = Tensor<float>(1, rows, cols);
         std::ranges::copy(array.data, to.data());
       }});
}

}  // namespace wattention
