#include "models/input_range.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "sim/error.hpp"

namespace wattention {
namespace {

constexpr double largest = std::numeric_limits<float>::max();

double largest_magnitude_of(const View<const float>& x) {
  double magnitude = 0.0;
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      for (std::size_t c = 0; c < x.cols; ++c) {
        magnitude = std::fmax(magnitude, std::fabs(x(h, i, c)));
      }
    }
  }
  return magnitude;
}

}  // namespace

void demand_squared_norms(std::string_view attention, std::string_view tensor,
                          const View<const float>& x) {
  if (x.data == nullptr) return;
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      double squares = 0.0;
      for (std::size_t c = 0; c < x.cols; ++c) {
        squares += static_cast<double>(x(h, i, c)) * static_cast<double>(x(h, i, c));
      }
      if (!std::isfinite(squares) || squares <= largest) continue;
      throw InputError(attention, tensor,
                       fmt::format("rows whose squared norm fp32 holds, at most {:.3g} (scale the "
                                   "input down)",
                                   largest),
                       fmt::format("{:.3g} in head {}, token {}", squares, h, i));
    }
  }
}

void demand_product_of_scales(std::string_view attention, const View<const float>& q,
                              const View<const float>& k) {
  if (q.data == nullptr || k.data == nullptr) return;
  const double product = largest_magnitude_of(q) * largest_magnitude_of(k);
  if (!std::isfinite(product) || product <= largest) return;
  throw InputError(attention, "queries and keys",
                   fmt::format("largest magnitudes whose product fp32 holds, at most {:.3g} (scale "
                               "the input down)",
                               largest),
                   fmt::format("{:.3g}", product));
}

}  // namespace wattention
