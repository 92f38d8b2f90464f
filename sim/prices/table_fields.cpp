#include "sim/prices/table_fields.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/names.hpp"

namespace wattention {
namespace {

constexpr std::string_view an_identifier =
    "a name of 1 to 64 letters, digits, points, underscores and hyphens";

}  // namespace

bool is_identifier(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, allowed);
}

std::string read_text(const JsonCursor& cursor) {
  std::string result = cursor.string();
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (result.empty() || std::ranges::any_of(result, control)) {
    cursor.fail("text without control characters");
  }
  return result;
}

std::string read_identifier(const JsonCursor& cursor) {
  std::string name = cursor.string();
  if (!is_identifier(name)) cursor.fail(an_identifier);
  return name;
}

void demand_identifier(std::string_view key, const JsonCursor& member) {
  if (!is_identifier(key)) member.fail(an_identifier, "key " + in_quotes(key));
}

double read_positive(const JsonCursor& cursor) {
  if (!cursor.is_number() || !(cursor.number() > 0.0)) cursor.fail("a number > 0");
  return cursor.number();
}

Range read_range(const JsonCursor& cursor) {
  if (!cursor.is_array()) return Range::exactly(cursor.non_negative_number());
  const std::vector<JsonCursor> ends = cursor.elements();
  if (ends.size() != 2) {
    cursor.fail("a range [low, high]", fmt::format("an array of {}", ends.size()));
  }
  const Range result{ends[0].non_negative_number(), ends[1].non_negative_number()};
  if (result.low > result.high) {
    cursor.fail("a range [low, high] with low <= high",
                fmt::format("[{}, {}]", result.low, result.high));
  }
  return result;
}

std::string read_source(const JsonCursor& cursor, const References& references) {
  const std::string key = cursor.string();
  const auto reference = references.find(key);
  if (reference == references.end()) {
    std::vector<std::string> known;
    for (const auto& [name, written_out] : references) known.push_back(name);
    cursor.fail(one_of(known, key));
  }
  return reference->second;
}

References read_references(const JsonCursor& cursor) {
  References result;
  for (const auto& [key, member] : cursor.members()) {
    demand_identifier(key, member);
    result.emplace(key, read_text(member));
  }
  if (result.empty()) cursor.fail("at least one reference", "none");
  return result;
}

}  // namespace wattention
