#include "sim/prices/sram_energy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/error.hpp"

namespace wattention {
namespace {

Range between(const Range& from, const Range& to, double share) {
  return {from.low + share * (to.low - from.low), from.high + share * (to.high - from.high)};
}

std::string text(const SramPoint& point) {
  return fmt::format("{} at {} bytes", text_of(point.read_pj), point.capacity_bytes);
}

}  // namespace

SramPoint sram_energy(std::span<const SramPoint> points, std::uint64_t capacity_bytes,
                      std::string_view file, std::string_view place) {
  if (points.empty()) {
    throw InputError(file, place, "SRAM energies to interpolate from, in sram_points or memory",
                     "none");
  }
  const auto next =
      std::ranges::lower_bound(points, capacity_bytes, {}, &SramPoint::capacity_bytes);
  if (next != points.end() && next->capacity_bytes == capacity_bytes) return *next;
  if (next == points.begin() || next == points.end()) {
    throw InputError(file, place,
                     fmt::format("from {} to {} bytes, between which this table has SRAM energies",
                                 points.front().capacity_bytes, points.back().capacity_bytes),
                     fmt::format("{}", capacity_bytes));
  }
  const SramPoint& low = *std::prev(next);
  const SramPoint& high = *next;
  const auto side = [](std::uint64_t bytes) { return std::sqrt(static_cast<double>(bytes)); };
  const double share = (side(capacity_bytes) - side(low.capacity_bytes)) /
                       (side(high.capacity_bytes) - side(low.capacity_bytes));
  SramPoint point{capacity_bytes, low.access_bits, between(low.read_pj, high.read_pj, share),
                  between(low.write_pj, high.write_pj, share)};
  point.source = low.source == high.source ? low.source : low.source + "; " + high.source;
  point.kind = weaker(Kind::derived, weaker(low.kind, high.kind));
  point.note = fmt::format("Between {} and {}, over the square root of the capacity.", text(low),
                           text(high));
  return point;
}

}  // namespace wattention
