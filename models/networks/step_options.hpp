#pragma once

// The options of one step of a network's file. Values are given as they stand or as "$name", a
// parameter in scope; messages point to where the value itself stands.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "sim/files/json_cursor.hpp"

namespace wattention {

/// The parameters in scope, by name.
using Scope = std::map<std::string, JsonCursor, std::less<>>;

/// The value itself where the cursor stands at "$name"; fails for a name that is not in scope.
JsonCursor resolved(const JsonCursor& cursor, const Scope& scope);

class StepOptions {
 public:
  StepOptions(JsonCursor step, const Scope& scope) : step_(std::move(step)), scope_(scope) {}

  bool has(std::string_view name) { return find(name).has_value(); }
  std::optional<JsonCursor> find(std::string_view name);
  JsonCursor required(std::string_view name);

  std::size_t size(std::string_view name, std::size_t least = 1);
  std::size_t size_or(std::string_view name, std::size_t otherwise, std::size_t least = 1);
  bool flag_or(std::string_view name, bool otherwise);
  double number_or(std::string_view name, double otherwise);
  std::string text_or(std::string_view name, std::string_view otherwise);

  const JsonCursor& step() const { return step_; }
  const Scope& scope() const { return scope_; }

  /// Keys that are read elsewhere.
  void allow(std::initializer_list<std::string_view> names) {
    asked_.insert(names.begin(), names.end());
  }

  /// Fails for a key that nobody asked for.
  void only_known() const;

  /// Sizes of tensors stay below this, so that products of a few cannot overflow.
  static constexpr std::size_t most = 1U << 24U;

 private:
  JsonCursor step_;
  const Scope& scope_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace wattention
