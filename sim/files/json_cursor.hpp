#pragma once

// Strict reading of JSON. nlohmann alone takes -1 as unsigned, 3.9 as an integer, a duplicate or
// misspelt key and a zero byte in silence; here each is an InputError that names the file, the JSON
// pointer (RFC 6901, the root is "/"), what was expected and what was found, on one line:
//
//     my.json: /operations/fp32/mul/energy_pj: expected a number >= 0, found string "3.7"
//
// A cursor refers into its document, which must outlive it.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/enumeration.hpp"

namespace wattention {

/// A document, and the file that messages name.
struct Json {
  std::string file;
  nlohmann::json value;
};

/// Refuses syntax errors (by line and column), duplicate keys, nesting deeper than 64 and numbers
/// that a double cannot hold.
Json parse_json(std::string_view text, std::string_view file);

/// Reads at most 4 MiB.
Json load_json(const std::filesystem::path& path);

class JsonCursor {
 public:
  explicit JsonCursor(const Json& document);
  explicit JsonCursor(const Json&&) = delete;

  /// The member of that name. Where it is missing, reading the cursor fails with "found nothing".
  JsonCursor required(std::string_view key) const;
  std::optional<JsonCursor> optional(std::string_view key) const;

  /// An object's members, ordered by key.
  std::vector<std::pair<std::string_view, JsonCursor>> members() const;
  /// An array's elements.
  std::vector<JsonCursor> elements() const;
  /// Fails at the first member that is not known.
  void only_keys(std::initializer_list<std::string_view> known) const;

  bool is_array() const { return value_ != nullptr && value_->is_array(); }
  bool is_object() const { return value_ != nullptr && value_->is_object(); }
  bool is_string() const { return value_ != nullptr && value_->is_string(); }
  bool is_number() const { return value_ != nullptr && value_->is_number(); }
  bool is_boolean() const { return value_ != nullptr && value_->is_boolean(); }

  /// The value of an enumeration that the text names.
  template <Named Enum>
  Enum named() const {
    const std::string name = string();
    if (const auto found = find_named<Enum>(name)) return *found;
    fail(wattention::one_of(all_names_of<Enum>(), name));
  }

  double number() const;
  double non_negative_number() const;
  /// Integers are written without a point or an exponent.
  std::uint64_t unsigned_integer(
      std::uint64_t low = 0, std::uint64_t high = std::numeric_limits<std::uint64_t>::max()) const;
  std::int64_t integer(std::int64_t low = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t high = std::numeric_limits<std::int64_t>::max()) const;
  std::string string() const;
  bool boolean() const;

  const std::string& file() const { return document_->file; }
  std::string pointer() const { return pointer_.empty() ? "/" : pointer_; }

  /// What stands here, with its type: `string "3.7"`, `number -1`, `an object`, `nothing`.
  std::string found() const;
  /// Both throw InputError; `found` and `expected` are one line each.
  [[noreturn]] void fail(std::string_view expected) const;
  [[noreturn]] void fail(std::string_view expected, std::string_view found) const;

 private:
  JsonCursor(const Json* document, const nlohmann::json* value, std::string pointer)
      : document_(document), value_(value), pointer_(std::move(pointer)) {}
  JsonCursor below(std::string_view key, const nlohmann::json* value) const;
  const nlohmann::json* find(std::string_view key) const;

  const Json* document_;
  const nlohmann::json* value_;  // null where a required member is missing
  std::string pointer_;          // escaped; empty at the root
};

}  // namespace wattention
