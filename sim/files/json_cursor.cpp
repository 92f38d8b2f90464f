#include "sim/files/json_cursor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <system_error>

#include "sim/error.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

constexpr std::size_t deepest_nesting = 64;
constexpr std::size_t largest_file = std::size_t{4} << 20;

std::string one_line(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      shown += fmt::format("\\x{:02x}", byte);
    } else {
      shown += c;
    }
  }
  return shown;
}

/// RFC 6901, and on one line: a key's control characters escaped, long keys shortened.
std::string with_key(std::string_view pointer, std::string_view key) {
  std::size_t length = std::min<std::size_t>(key.size(), 60);
  while (length > 0 && length < key.size() && (key[length] & 0xc0) == 0x80) --length;  // UTF-8
  std::string token;
  for (const char c : key.substr(0, length)) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else if (c == '\\') {
      token += "\\\\";
    } else {
      token += c;
    }
  }
  return fmt::format("{}/{}{}", pointer, one_line(token), length < key.size() ? "..." : "");
}

std::string line_and_column(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::ranges::count(before, '\n') + 1;
  const std::size_t newline = before.rfind('\n');
  const std::size_t column =
      newline == std::string_view::npos ? before.size() : before.size() - newline - 1;
  return fmt::format("line {}, column {}", line, column + 1);
}

std::string found_at(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) return "the end of the text";
  const auto byte = static_cast<unsigned char>(text[offset]);
  return byte < 0x80 ? in_quotes(text.substr(offset, 1)) : fmt::format("byte 0x{:02x}", byte);
}

/// Receives nlohmann's parsing events, builds the value and refuses what nlohmann would let pass.
class StrictBuilder {
 public:
  using json = nlohmann::json;

  StrictBuilder(std::string_view text, std::string_view file) : text_(text), file_(file) {}
  json take() { return std::move(root_); }

  // The names and signatures below are those that nlohmann::json::sax_parse calls.
  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(std::int64_t value) { return add(value); }
  bool number_unsigned(std::uint64_t value) { return add(value); }
  bool number_float(double value, const std::string& written) {
    const std::string_view digits =
        std::string_view(written).substr(0, written.find_first_of("eE"));
    if (value == 0.0 && digits.find_first_of("123456789") != std::string_view::npos)
      refuse_number(written);
    return add(value);
  }
  bool string(std::string& value) { return add(std::move(value)); }
  static bool binary(json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(json::object()); }
  bool start_array(std::size_t) { return open(json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& value) {
    Container& object = open_.back();
    object.key = std::move(value);
    if (object.value->contains(object.key)) {
      throw InputError(file_, pointer(), "each key once",
                       fmt::format("key {} twice", in_quotes(object.key)));
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string& token, const json::exception& error) {
    constexpr int number_overflow = 406;
    if (error.id == number_overflow) refuse_number(token);
    const std::size_t offset = std::min(position == 0 ? 0 : position - 1, text_.size());
    throw InputError(file_, line_and_column(text_, offset), "valid JSON", found_at(text_, offset));
  }

 private:
  struct Container {
    json* value;
    std::string key;  // of the member that comes next, in an object
  };

  bool add(json value) {
    place(std::move(value));
    return true;
  }

  bool open(json empty) {
    if (open_.size() == deepest_nesting) {
      throw InputError(file_, pointer(),
                       fmt::format("at most {} levels of nesting", deepest_nesting), "one more");
    }
    json* placed = place(std::move(empty));
    open_.push_back({placed, {}});
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  json* place(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Container& container = open_.back();
    if (container.value->is_object()) {
      json& member = (*container.value)[container.key];
      member = std::move(value);
      return &member;
    }
    container.value->push_back(std::move(value));
    return &container.value->back();
  }

  /// Of the value that comes next. Enclosing arrays already hold the element that is open in them.
  std::string pointer() const {
    std::string result;
    for (const Container& container : open_) {
      const bool innermost = &container == &open_.back();
      const std::size_t next = container.value->size() - (innermost ? 0 : 1);
      result =
          with_key(result, container.value->is_object() ? container.key : fmt::to_string(next));
    }
    return result.empty() ? "/" : result;
  }

  [[noreturn]] void refuse_number(std::string_view written) const {
    throw InputError(file_, pointer(), "a number that a double can hold",
                     one_line(written.substr(0, 60)));
  }

  std::string_view text_;
  std::string_view file_;
  json root_;
  std::vector<Container> open_;
};

}  // namespace

Json parse_json(std::string_view text, std::string_view file) {
  Json document{one_line(file), nullptr};
  // nlohmann takes a zero byte for the end of the text.
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    throw InputError(document.file, line_and_column(text, zero), "valid JSON",
                     found_at(text, zero));
  }
  StrictBuilder builder(text, document.file);
  nlohmann::json::sax_parse(text, &builder);
  document.value = builder.take();
  return document;
}

Json load_json(const std::filesystem::path& path) {
  const std::string file = one_line(path.string());
  std::error_code ignored;
  std::ifstream stream;
  if (!std::filesystem::is_directory(path, ignored)) stream.open(path, std::ios::binary);
  if (!stream.is_open()) {
    const bool exists = std::filesystem::exists(path, ignored);
    throw InputError(file, "/", "a JSON file",
                     exists ? "something that cannot be read" : "no such file");
  }
  std::string text;
  std::array<char, 65536> block{};
  while (stream.read(block.data(), block.size()) || stream.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
    if (text.size() > largest_file) {
      throw InputError(file, "/", fmt::format("at most {} bytes", largest_file), "more");
    }
  }
  if (stream.bad()) throw InputError(file, "/", "a JSON file", "something that cannot be read");
  return parse_json(text, file);
}

JsonCursor::JsonCursor(const Json& document) : JsonCursor(&document, &document.value, "") {}

JsonCursor JsonCursor::below(std::string_view key, const nlohmann::json* value) const {
  return {document_, value, with_key(pointer_, key)};
}

const nlohmann::json* JsonCursor::find(std::string_view key) const {
  if (!is_object()) fail("an object");
  const auto member = value_->find(key);
  return member == value_->end() ? nullptr : &*member;
}

JsonCursor JsonCursor::required(std::string_view key) const { return below(key, find(key)); }

std::optional<JsonCursor> JsonCursor::optional(std::string_view key) const {
  const nlohmann::json* member = find(key);
  if (member == nullptr) return std::nullopt;
  return below(key, member);
}

std::vector<std::pair<std::string_view, JsonCursor>> JsonCursor::members() const {
  if (!is_object()) fail("an object");
  std::vector<std::pair<std::string_view, JsonCursor>> result;
  result.reserve(value_->size());
  for (const auto& [key, value] : value_->get_ref<const nlohmann::json::object_t&>()) {
    result.emplace_back(key, below(key, &value));
  }
  return result;
}

std::vector<JsonCursor> JsonCursor::elements() const {
  if (!is_array()) fail("an array");
  std::vector<JsonCursor> result;
  result.reserve(value_->size());
  for (const nlohmann::json& value : *value_) {
    result.push_back(below(fmt::to_string(result.size()), &value));
  }
  return result;
}

void JsonCursor::only_keys(std::initializer_list<std::string_view> known) const {
  for (const auto& [key, member] : members()) {
    if (std::ranges::find(known, key) == known.end()) {
      member.fail(one_of({known.begin(), known.end()}, key), "key " + in_quotes(key));
    }
  }
}

double JsonCursor::number() const {
  if (!is_number()) fail("a number");
  const auto result = value_->get<double>();
  if (!std::isfinite(result)) fail("a finite number");
  return result;
}

double JsonCursor::non_negative_number() const {
  if (!is_number() || !(number() >= 0.0)) fail("a number >= 0");
  return number();
}

std::uint64_t JsonCursor::unsigned_integer(std::uint64_t low, std::uint64_t high) const {
  if (value_ != nullptr && value_->is_number_unsigned()) {
    const auto result = value_->get<std::uint64_t>();
    if (result >= low && result <= high) return result;
  }
  fail(high == std::numeric_limits<std::uint64_t>::max()
           ? fmt::format("an integer >= {}", low)
           : fmt::format("an integer from {} to {}", low, high));
}

std::int64_t JsonCursor::integer(std::int64_t low, std::int64_t high) const {
  const bool fits =
      value_ != nullptr && value_->is_number_integer() &&
      (!value_->is_number_unsigned() || std::in_range<std::int64_t>(value_->get<std::uint64_t>()));
  if (fits) {
    const auto result = value_->get<std::int64_t>();
    if (result >= low && result <= high) return result;
  }
  fail(fmt::format("an integer from {} to {}", low, high));
}

std::string JsonCursor::string() const {
  if (!is_string()) fail("a string");
  return value_->get<std::string>();
}

bool JsonCursor::boolean() const {
  if (!is_boolean()) fail("true or false");
  return value_->get<bool>();
}

std::string JsonCursor::found() const {
  if (value_ == nullptr) return "nothing";
  if (value_->is_object()) return "an object";
  if (value_->is_array()) return "an array";
  if (value_->is_string()) return "string " + in_quotes(value_->get_ref<const std::string&>());
  return fmt::format("{}{}{}", value_->is_null() ? "" : value_->type_name(),
                     value_->is_null() ? "" : " ", value_->dump());
}

void JsonCursor::fail(std::string_view expected) const { fail(expected, found()); }

void JsonCursor::fail(std::string_view expected, std::string_view found) const {
  throw InputError(file(), pointer(), expected, found);
}

}  // namespace wattention
