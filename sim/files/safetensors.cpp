#include "sim/files/safetensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "sim/error.hpp"
#include "sim/files/mapped_file.hpp"
#include "sim/ledger/op.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

static_assert(std::endian::native == std::endian::little, "the numbers are used as they are");

constexpr std::size_t length_bytes = 8;
constexpr std::uint64_t largest_header = 100'000'000;
constexpr std::size_t largest_rank = 8;
constexpr std::string_view metadata_name = "__metadata__";

struct Entry {
  std::vector<std::size_t> shape;
  std::vector<std::size_t> offsets;  // begin and end, in bytes of the data
};

std::string place_of(std::string_view name) { return "tensor " + in_quotes(name); }

/// Takes the header's JSON token by token. The format has three levels; anything deeper, or of
/// another type than expected at its place, ends the parse.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderReader(std::string_view file) : file_(file) {}

  const std::map<std::string, Entry>& entries() const { return entries_; }

  bool start_object(std::size_t /*size*/) override {
    if (level_ == Level::file) {
      level_ = Level::names;
    } else if (level_ == Level::names) {
      level_ = name_ == metadata_name ? Level::metadata : Level::entry;
      seen_.clear();
    } else {
      unexpected("an object");
    }
    return true;
  }

  bool end_object() override {
    if (level_ == Level::entry) {
      for (const std::string& key : entry_keys()) {
        if (!seen_.contains(key)) fail(place_of(name_) + ": " + key, "this key", "none");
      }
    }
    level_ = level_ == Level::names ? Level::file : Level::names;
    return true;
  }

  bool key(std::string& text) override {
    if (level_ == Level::names) {
      name_ = text;
      if (!names_.insert(text).second) fail(place_of(text), "each name once", "it twice");
      if (text != metadata_name) entry_ = &entries_[text];
      return true;
    }
    key_ = text;
    if (!seen_.insert(text).second) fail(place(), "each key once", "it twice");
    if (level_ == Level::entry) {
      const auto& known = entry_keys();
      if (std::find(known.begin(), known.end(), text) == known.end()) {
        fail(place_of(name_), one_of(known, text), in_quotes(text));
      }
    }
    return true;
  }

  bool start_array(std::size_t /*size*/) override {
    if (level_ != Level::entry || key_ == "dtype") unexpected("an array");
    level_ = key_ == "shape" ? Level::shape : Level::offsets;
    return true;
  }

  bool end_array() override {
    if (level_ == Level::offsets && entry_->offsets.size() != 2) unexpected("fewer");
    level_ = Level::entry;
    return true;
  }

  bool number_unsigned(std::uint64_t value) override {
    if (level_ == Level::shape) {
      if (entry_->shape.size() == largest_rank) fail(place(), "at most 8 sizes", "more");
      entry_->shape.push_back(value);
    } else if (level_ == Level::offsets) {
      if (entry_->offsets.size() == 2) unexpected("more");
      entry_->offsets.push_back(value);
    } else {
      unexpected(fmt::format("{}", value));
    }
    return true;
  }

  bool string(std::string& text) override {
    if (level_ == Level::metadata) return true;
    if (level_ != Level::entry || key_ != "dtype" || text != "F32") unexpected(in_quotes(text));
    return true;
  }

  bool null() override { unexpected("null"); }
  bool boolean(bool value) override { unexpected(value ? "true" : "false"); }
  bool number_integer(std::int64_t value) override { unexpected(fmt::format("{}", value)); }
  bool number_float(double /*value*/, const std::string& text) override {
    unexpected(in_quotes(text));
  }
  bool binary(nlohmann::json::binary_t& /*value*/) override { unexpected("binary data"); }

  bool parse_error(std::size_t position, const std::string& last_token,
                   const nlohmann::json::exception& /*error*/) override {
    constexpr std::size_t shown = 40;
    const std::string tail =
        last_token.substr(last_token.size() - std::min(shown, last_token.size()));
    fail(fmt::format("header: byte {}", position), "valid JSON",
         "an error at the end of " + in_quotes(tail));
  }

 private:
  enum class Level { file, names, metadata, entry, shape, offsets };

  static const std::vector<std::string>& entry_keys() {
    static const std::vector<std::string> keys{"dtype", "shape", "data_offsets"};
    return keys;
  }

  std::string place() const {
    if (level_ == Level::file) return "header";
    if (level_ == Level::metadata) return fmt::format("{}: {}", metadata_name, in_quotes(key_));
    if (level_ != Level::names) return place_of(name_) + ": " + key_;
    return name_ == metadata_name ? std::string(metadata_name) : place_of(name_);
  }

  std::string_view expected() const {
    if (level_ == Level::file) return "an object";
    if (level_ == Level::metadata) return "a string";
    if (level_ == Level::names) {
      return name_ == metadata_name ? "an object of strings"
                                    : "an object with dtype, shape and data_offsets";
    }
    if (key_ == "dtype") return "F32";
    return key_ == "shape" ? "an array of integers >= 0" : "an array of two integers >= 0";
  }

  [[noreturn]] void unexpected(std::string_view found) const { fail(place(), expected(), found); }

  [[noreturn]] void fail(std::string_view place, std::string_view expected,
                         std::string_view found) const {
    throw InputError(file_, place, expected, found);
  }

  std::string_view file_;
  Level level_ = Level::file;
  std::string name_;
  std::string key_;
  Entry* entry_ = nullptr;
  std::set<std::string> names_;
  std::set<std::string> seen_;
  std::map<std::string, Entry> entries_;
};

std::string_view header_of(std::string_view bytes, std::string_view file) {
  if (bytes.size() < length_bytes) {
    throw InputError(file, "header length", "8 bytes", fmt::format("{}", bytes.size()));
  }
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), length_bytes);
  const std::size_t rest = bytes.size() - length_bytes;
  if (length > rest) {
    throw InputError(file, "header length", fmt::format("at most {} (the rest of the file)", rest),
                     fmt::format("{}", length));
  }
  if (length > largest_header) {
    throw InputError(file, "header length", fmt::format("at most {}", largest_header),
                     fmt::format("{}", length));
  }
  const std::string_view header = bytes.substr(length_bytes, length);
  if (!header.starts_with('{')) {
    throw InputError(file, "header", "'{'",
                     header.empty() ? "nothing" : in_quotes(header.substr(0, 1)));
  }
  const std::size_t zero = header.find('\0');  // the JSON parser would take it for the end
  if (zero != std::string_view::npos) {
    throw InputError(file, fmt::format("header: byte {}", zero + 1), "valid JSON", "a zero byte");
  }
  return header;
}

/// That the offsets fit the shapes, and that the tensors cover the data.
void check_layout(const std::map<std::string, Entry>& entries, std::size_t data_size,
                  std::string_view file) {
  using Named = std::map<std::string, Entry>::value_type;
  std::vector<const Named*> in_file_order;
  for (const Named& named : entries) {
    const auto& [name, entry] = named;
    std::uint64_t expected = sizeof(float);
    for (const std::size_t size : entry.shape) {
      if (__builtin_mul_overflow(expected, std::uint64_t{size}, &expected)) {
        throw InputError(file, place_of(name) + ": shape", "sizes with a product below 2^62",
                         shape_text(entry.shape));
      }
    }
    const std::size_t begin = entry.offsets[0];
    const std::size_t end = entry.offsets[1];
    const std::string place = place_of(name) + ": data_offsets";
    if (begin > end || end > data_size) {
      throw InputError(file, place, fmt::format("begin <= end <= {}", data_size),
                       shape_text(entry.offsets));
    }
    if (end - begin != expected) {
      throw InputError(file, place,
                       fmt::format("{} bytes for shape {}", expected, shape_text(entry.shape)),
                       fmt::format("{}", end - begin));
    }
    in_file_order.push_back(&named);
  }

  std::sort(in_file_order.begin(), in_file_order.end(),
            [](const Named* a, const Named* b) { return a->second.offsets < b->second.offsets; });
  std::size_t covered = 0;
  for (const Named* named : in_file_order) {
    const std::size_t begin = named->second.offsets[0];
    if (begin != covered) {
      throw InputError(file, place_of(named->first) + ": data_offsets",
                       fmt::format("begin {}, where the tensor before ends", covered),
                       fmt::format("{}", begin));
    }
    covered = named->second.offsets[1];
  }
  if (covered != data_size) {
    throw InputError(file, "data", fmt::format("{} bytes, as the tensors have", covered),
                     fmt::format("{}", data_size));
  }
}

std::uint64_t elements_of(const std::string& name, const Array& array) {
  std::uint64_t elements = 1;
  for (const std::size_t size : array.shape) elements = product(elements, size);
  if (elements != array.data.size()) {
    throw Error(fmt::format("safetensors: {}: expected {} numbers for shape {}, found {}",
                            place_of(name), elements, shape_text(array.shape), array.data.size()));
  }
  return elements;
}

}  // namespace

std::map<std::string, Array> load_safetensors(const std::string& path) {
  const MappedFile file(path);
  return parse_safetensors(file.bytes(), path_label(path));
}

std::map<std::string, Array> parse_safetensors(std::span<const std::byte> bytes,
                                               std::string_view file) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::string_view header = header_of(text, file);
  const std::string_view data = text.substr(length_bytes + header.size());

  HeaderReader reader(file);
  nlohmann::json::sax_parse(header.begin(), header.end(), &reader);
  check_layout(reader.entries(), data.size(), file);

  std::map<std::string, Array> tensors;
  for (const auto& [name, entry] : reader.entries()) {
    const std::string_view numbers =
        data.substr(entry.offsets[0], entry.offsets[1] - entry.offsets[0]);
    Array& array = tensors[name];
    array.shape = entry.shape;
    array.data.resize(numbers.size() / sizeof(float));
    if (!numbers.empty()) std::memcpy(array.data.data(), numbers.data(), numbers.size());
  }
  return tensors;
}

std::string safetensors_bytes(const std::map<std::string, Array>& tensors,
                              const std::map<std::string, std::string>& metadata) {
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header[std::string(metadata_name)] = metadata;
  std::uint64_t data_size = 0;
  for (const auto& [name, array] : tensors) {
    if (name == metadata_name) {
      throw Error(fmt::format("safetensors: expected a tensor's name, found {}", in_quotes(name)));
    }
    const std::uint64_t end = sum(data_size, product(elements_of(name, array), sizeof(float)));
    header[name] = {{"dtype", "F32"}, {"shape", array.shape}, {"data_offsets", {data_size, end}}};
    data_size = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception& error) {  // a name that is not UTF-8
    throw Error(
        fmt::format("safetensors: expected names in UTF-8, found {}", in_quotes(error.what())));
  }
  text.append((length_bytes - text.size() % length_bytes) % length_bytes, ' ');

  const std::uint64_t length = text.size();
  std::string bytes(length_bytes, '\0');
  bytes.reserve(sum(length_bytes, length, data_size));
  std::memcpy(bytes.data(), &length, length_bytes);
  bytes += text;
  for (const auto& [name, array] : tensors) {
    bytes.append(reinterpret_cast<const char*>(array.data.data()),
                 array.data.size() * sizeof(float));
  }
  return bytes;
}

}  // namespace wattention
