#include "sweeps/combinations.hpp"

#include <fmt/format.h>

#include <limits>

namespace wattention {
namespace {

/// {"from", "to", "times" or "step"}: both ends belong to it where the steps meet them.
std::vector<std::uint64_t> range_of(const JsonCursor& range, std::uint64_t least,
                                    std::uint64_t most) {
  range.only_keys({"from", "to", "times", "step"});
  const std::uint64_t from = range.required("from").unsigned_integer(least, most);
  const std::uint64_t to = range.required("to").unsigned_integer(from, most);
  const auto times = range.optional("times");
  const auto step = range.optional("step");
  if (times.has_value() == step.has_value()) {
    range.fail("\"times\" or \"step\"", times ? "both" : "neither");
  }
  if (times && from == 0) range.required("from").unsigned_integer(1, most);
  const std::uint64_t factor = times ? times->unsigned_integer(2, most) : 1;
  const std::uint64_t summand = step ? step->unsigned_integer(1, most) : 0;
  std::vector<std::uint64_t> values;
  for (std::uint64_t value = from;;) {
    values.push_back(value);
    if (values.size() > most_values)
      range.fail(fmt::format("at most {} values", most_values), "more");
    if (factor > 1 ? value > to / factor : summand > to - value) return values;
    value = value * factor + summand;
  }
}

}  // namespace

std::vector<JsonCursor> one_or_several(const JsonCursor& cursor) {
  if (!cursor.is_array()) return {cursor};
  std::vector<JsonCursor> elements = cursor.elements();
  if (elements.empty()) cursor.fail("at least one value", "an empty array");
  if (elements.size() > most_values)
    cursor.fail(fmt::format("at most {} values", most_values), "more");
  return elements;
}

std::vector<std::uint64_t> integers_of(const JsonCursor& cursor, std::uint64_t least,
                                       std::uint64_t most) {
  if (cursor.is_object()) return range_of(cursor, least, most);
  return values_of<std::uint64_t>(
      cursor, [&](const JsonCursor& one) { return one.unsigned_integer(least, most); });
}

std::size_t Combinations::size() const {
  std::size_t size = 1;
  for (const Axis& axis : axes_) {
    if (axis.size != 0 && size > std::numeric_limits<std::size_t>::max() / axis.size) {
      return std::numeric_limits<std::size_t>::max();
    }
    size *= axis.size;
  }
  return size;
}

Configuration Combinations::at(std::size_t index) const {
  Configuration configuration;
  for (std::size_t a = axes_.size(); a-- > 0;) {
    axes_[a].set(configuration, index % axes_[a].size);
    index /= axes_[a].size;
  }
  return configuration;
}

}  // namespace wattention
