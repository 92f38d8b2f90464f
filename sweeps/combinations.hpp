#pragma once

// The axes of a sweep and all their combinations, and how an axis is written: one value, a list
// [1, 2, 4], or for integers {"from": 64, "to": 4096, "times": 2}, or "step" in place of "times".

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "sim/files/json_cursor.hpp"
#include "sweeps/configuration.hpp"

namespace wattention {

/// Of one axis.
inline constexpr std::size_t most_values = 100'000;

/// The elements of a list, or the one value.
std::vector<JsonCursor> one_or_several(const JsonCursor& cursor);

template <class Value, class Read>
std::vector<Value> values_of(const JsonCursor& cursor, const Read& read) {
  std::vector<Value> values;
  for (const JsonCursor& one : one_or_several(cursor)) values.push_back(read(one));
  return values;
}

std::vector<std::uint64_t> integers_of(const JsonCursor& cursor, std::uint64_t least,
                                       std::uint64_t most);

class Combinations {
 public:
  /// The axis added last changes fastest.
  template <class Value, class Set>
  void add(const std::vector<Value>& values, const Set& set) {
    axes_.push_back({values.size(), [values, set](Configuration& configuration, std::size_t i) {
                       set(configuration, values[i]);
                     }});
  }

  /// The largest size_t where there are more.
  std::size_t size() const;
  Configuration at(std::size_t index) const;

 private:
  struct Axis {
    std::size_t size;
    std::function<void(Configuration&, std::size_t)> set;
  };
  std::vector<Axis> axes_;
};

}  // namespace wattention
