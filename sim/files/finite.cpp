#include "sim/files/finite.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "sim/error.hpp"

namespace wattention {
namespace {

/// An exponent of all ones. Counting them has no branch, so that it runs on vectors.
std::uint64_t count_of(const float* numbers, std::size_t count) {
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < count; ++i) {
    found += (std::bit_cast<std::uint32_t>(numbers[i]) & 0x7f800000U) == 0x7f800000U ? 1U : 0U;
  }
  return found;
}

std::vector<std::size_t> place_of(std::size_t number, const std::vector<std::size_t>& shape) {
  std::vector<std::size_t> place(shape.size());
  for (std::size_t i = shape.size(); i-- > 0;) {
    place[i] = number % shape[i];
    number /= shape[i];
  }
  return place;
}

Nonfinite nonfinite_of(const float* numbers, std::size_t count,
                       const std::vector<std::size_t>& shape) {
  Nonfinite result{count_of(numbers, count), {}};
  for (std::size_t i = 0; result.count != 0 && i < count; ++i) {
    if (count_of(numbers + i, 1) == 0) continue;
    const std::string number = std::isnan(numbers[i]) ? "nan" : fmt::format("{}", numbers[i]);
    result.first = fmt::format("{} at {}", number, shape_text(place_of(i, shape)));
    break;
  }
  return result;
}

void refuse(const Nonfinite& found, const std::string& file, const std::string& place,
            const std::string& expected) {
  if (found.count == 0) return;
  throw InputError(file, place, expected, fmt::format("{}, {} in all", found.first, found.count));
}

constexpr const char* of_inputs = "finite numbers (allow_nonfinite takes others)";

}  // namespace

Nonfinite nonfinite_in(const View<const float>& x) {
  if (x.data == nullptr) return {};
  return nonfinite_of(x.data, x.heads * x.rows * x.cols, {x.heads, x.rows, x.cols});
}

Nonfinite nonfinite_in(const Array& x) {
  return nonfinite_of(x.data.data(), x.data.size(), x.shape);
}

void demand_finite(const View<const float>& x, const std::string& file) {
  refuse(nonfinite_in(x), file, "data", of_inputs);
}

void demand_finite(const Array& x, const std::string& file) {
  refuse(nonfinite_in(x), file, "data", of_inputs);
}

void demand_finite_parameter(const Array& x, const std::string& file, const std::string& tensor) {
  refuse(nonfinite_in(x), file, tensor, "finite numbers");
}

}  // namespace wattention
