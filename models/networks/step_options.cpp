#include "models/networks/step_options.hpp"

#include <vector>

#include "sim/names.hpp"

namespace wattention {

JsonCursor resolved(const JsonCursor& cursor, const Scope& scope) {
  if (!cursor.is_string()) return cursor;
  const std::string text = cursor.string();
  if (!text.starts_with('$')) return cursor;
  const auto found = scope.find(text.substr(1));
  if (found != scope.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [name, value] : scope) known.push_back("$" + name);
  cursor.fail(one_of(known, text));
}

std::optional<JsonCursor> StepOptions::find(std::string_view name) {
  asked_.emplace(name);
  const std::optional<JsonCursor> given = step_.optional(name);
  if (!given) return std::nullopt;
  return resolved(*given, scope_);
}

JsonCursor StepOptions::required(std::string_view name) {
  asked_.emplace(name);
  return resolved(step_.required(name), scope_);
}

std::size_t StepOptions::size(std::string_view name, std::size_t least) {
  return required(name).unsigned_integer(least, most);
}

std::size_t StepOptions::size_or(std::string_view name, std::size_t otherwise, std::size_t least) {
  const auto given = find(name);
  return given ? given->unsigned_integer(least, most) : otherwise;
}

bool StepOptions::flag_or(std::string_view name, bool otherwise) {
  const auto given = find(name);
  return given ? given->boolean() : otherwise;
}

double StepOptions::number_or(std::string_view name, double otherwise) {
  const auto given = find(name);
  return given ? given->number() : otherwise;
}

std::string StepOptions::text_or(std::string_view name, std::string_view otherwise) {
  const auto given = find(name);
  return given ? given->string() : std::string(otherwise);
}

void StepOptions::only_known() const {
  const std::vector<std::string> known(asked_.begin(), asked_.end());
  for (const auto& [key, value] : step_.members()) {
    if (asked_.contains(key)) continue;
    value.fail("a known key, " + one_of(known, key), in_quotes(key));
  }
}

}  // namespace wattention
