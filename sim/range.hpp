#pragma once

// A number that is known as a range [low, high], or exactly (low == high).

#include <algorithm>

namespace wattention {

struct Range {
  double low = 0.0;
  double high = 0.0;

  static constexpr Range exactly(double value) { return {value, value}; }
  constexpr bool exact() const { return low == high; }
  constexpr double middle() const { return exact() ? low : 0.5 * low + 0.5 * high; }

  constexpr Range& operator+=(const Range& other) {
    low += other.low;
    high += other.high;
    return *this;
  }
  /// `factor` is not negative.
  friend constexpr Range operator*(double factor, const Range& range) {
    return {factor * range.low, factor * range.high};
  }
  bool operator==(const Range&) const = default;
};

}  // namespace wattention
