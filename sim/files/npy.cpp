#include "sim/files/npy.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "sim/error.hpp"
#include "sim/files/mapped_file.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

static_assert(std::endian::native == std::endian::little, "the numbers are used as they are");

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t data_alignment = 64;
constexpr std::size_t largest_rank = 8;

struct NumberType {
  std::string_view descr;
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<NumberType, 1> reals{{{"<f4", "little-endian float32", 4}}};
constexpr std::array<NumberType, 3> integers{
    {{"<i4", "little-endian int32", 4}, {"<i8", "int64", 8}, {"|u1", "uint8", 1}}};

/// Reads the dict literal; as strict as Python, and strings have no escapes.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, std::string_view file, std::span<const NumberType> types)
      : text_(text), file_(file), types_(types) {}

  const NumberType& type() const { return *type_; }

  std::vector<std::size_t> shape() {
    static const std::vector<std::string> keys{"descr", "fortran_order", "shape"};
    std::vector<bool> seen(keys.size(), false);
    std::vector<std::size_t> sizes;

    expect('{', "header");
    while (!consume('}')) {
      const std::string_view key = string("header", "a key in quotes");
      const auto known = std::find(keys.begin(), keys.end(), key);
      if (known == keys.end()) fail("header", one_of(keys, key), in_quotes(key));
      const auto index = static_cast<std::size_t>(known - keys.begin());
      const std::string place = "header: " + *known;
      if (seen[index]) fail(place, "this key once", "it twice");
      seen[index] = true;

      expect(':', place);
      if (index == 0) {
        read_descr(place);
      } else if (index == 1) {
        read_order(place);
      } else {
        sizes = read_sizes(place);
      }
      if (!consume(',')) {
        expect('}', "header");
        break;
      }
    }
    skip_spaces();
    if (position_ != text_.size()) fail("header", "nothing after the dict", upcoming());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!seen[i]) fail("header: " + keys[i], "this key", "none");
    }
    return sizes;
  }

 private:
  void read_descr(const std::string& place) {
    std::string expected;
    for (const NumberType& type : types_) {
      expected += fmt::format("{}'{}' ({})", expected.empty() ? "" : ", ", type.descr, type.name);
    }
    const std::string_view descr = string(place, expected);
    type_ = std::ranges::find(types_, descr, &NumberType::descr);
    if (type_ == types_.end()) fail(place, expected, in_quotes(descr));
  }

  void read_order(const std::string& place) {
    skip_spaces();
    if (!text_.substr(position_).starts_with("False")) {
      fail(place, "False (C order)", upcoming());
    }
    position_ += 5;
  }

  std::vector<std::size_t> read_sizes(const std::string& place) {
    std::vector<std::size_t> sizes;
    expect('(', place);
    while (!consume(')')) {
      if (sizes.size() == largest_rank) fail(place, "at most 8 sizes", "more");
      sizes.push_back(size(place));
      if (consume(',')) continue;
      if (sizes.size() == 1) expect(',', place);  // (3) is no tuple in Python
      expect(')', place);
      break;
    }
    return sizes;
  }

  std::size_t size(const std::string& place) {
    skip_spaces();
    const std::string_view rest = text_.substr(position_);
    const std::string_view digits =
        rest.substr(0, std::min(rest.find_first_not_of("0123456789"), rest.size()));
    if (digits.empty()) fail(place, "an integer >= 1", upcoming());
    std::uint64_t value = 0;
    for (const char digit : digits) {
      if (__builtin_mul_overflow(value, std::uint64_t{10}, &value) ||
          __builtin_add_overflow(value, static_cast<std::uint64_t>(digit - '0'), &value)) {
        fail(place, "integers below 2^64", in_quotes(digits));
      }
    }
    if (digits.front() == '0') fail(place, "an integer >= 1", in_quotes(digits));
    position_ += digits.size();
    if (position_ < text_.size() && text_[position_] == 'L') ++position_;  // Python 2 wrote 3L
    return value;
  }

  std::string_view string(std::string_view place, std::string_view expected) {
    skip_spaces();
    const char quote = position_ < text_.size() ? text_[position_] : '\0';
    if (quote != '\'' && quote != '"') fail(place, expected, upcoming());
    const std::size_t end = text_.find(quote, position_ + 1);
    if (end == std::string_view::npos) fail(place, "a closing quote", upcoming());
    const std::string_view content = text_.substr(position_ + 1, end - position_ - 1);
    position_ = end + 1;
    return content;
  }

  void skip_spaces() {
    position_ = std::min(text_.find_first_not_of(" \t\r\n\f", position_), text_.size());
  }

  bool consume(char wanted) {
    skip_spaces();
    if (position_ == text_.size() || text_[position_] != wanted) return false;
    ++position_;
    return true;
  }

  void expect(char wanted, std::string_view place) {
    if (!consume(wanted)) fail(place, fmt::format("'{}'", wanted), upcoming());
  }

  std::string upcoming() const {
    if (position_ == text_.size()) return "the end of the header";
    const std::size_t end = std::min(text_.find_first_of(",}\n", position_ + 1), text_.size());
    return in_quotes(text_.substr(position_, end - position_));
  }

  [[noreturn]] void fail(std::string_view place, std::string_view expected,
                         std::string_view found) const {
    throw InputError(file_, place, expected, found);
  }

  std::string_view text_;
  std::string_view file_;
  std::span<const NumberType> types_;
  std::span<const NumberType>::iterator type_;
  std::size_t position_ = 0;
};

struct Layout {
  std::vector<std::size_t> shape;
  std::size_t number_bytes;
  std::span<const std::byte> data;
};

Layout layout_of(std::span<const std::byte> bytes, std::string_view file,
                 std::span<const NumberType> types) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(magic)) {
    throw InputError(file, "magic", "\"\\x93NUMPY\" (a .npy file)",
                     text.empty() ? "an empty file" : in_quotes(text.substr(0, magic.size())));
  }
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };

  std::size_t position = magic.size();
  if (text.size() < position + 2) {
    throw InputError(file, "version", "2 bytes", fmt::format("{}", text.size() - position));
  }
  const unsigned major = byte(position);
  const unsigned minor = byte(position + 1);
  if ((major != 1 && major != 2) || minor != 0) {
    throw InputError(file, "version", "1.0 or 2.0", fmt::format("{}.{}", major, minor));
  }
  position += 2;

  const std::size_t length_bytes = major == 1 ? 2 : 4;
  if (text.size() - position < length_bytes) {
    throw InputError(file, "header length", fmt::format("{} bytes", length_bytes),
                     fmt::format("{}", text.size() - position));
  }
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    length |= std::size_t{byte(position + i)} << (8 * i);
  }
  position += length_bytes;
  if (length > text.size() - position) {
    throw InputError(file, "header length",
                     fmt::format("at most {} (the rest of the file)", text.size() - position),
                     fmt::format("{}", length));
  }

  HeaderParser header(text.substr(position, length), file, types);
  std::vector<std::size_t> shape = header.shape();
  Layout layout{std::move(shape), header.type().bytes, bytes.subspan(position + length)};
  std::uint64_t expected_bytes = layout.number_bytes;
  for (const std::size_t size : layout.shape) {
    if (__builtin_mul_overflow(expected_bytes, std::uint64_t{size}, &expected_bytes)) {
      throw InputError(file, "header: shape", "sizes with a product below 2^62",
                       shape_text(layout.shape));
    }
  }
  if (layout.data.size() != expected_bytes) {
    throw InputError(file, "data",
                     fmt::format("{} bytes for shape {}", expected_bytes, shape_text(layout.shape)),
                     fmt::format("{}", layout.data.size()));
  }
  return layout;
}

/// Everything of a version 1.0 file before the numbers.
std::string header_of(const std::vector<std::size_t>& shape) {
  const std::string comma = shape.size() == 1 ? "," : "";
  std::string dict = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}{}), }}",
                                 fmt::join(shape, ", "), comma);
  constexpr std::size_t before_dict = 10;
  const std::size_t unpadded = before_dict + dict.size() + 1;
  dict.append((data_alignment - unpadded % data_alignment) % data_alignment, ' ');
  dict += '\n';

  std::string header(magic);
  header +=
      {'\x01', '\x00', static_cast<char>(dict.size() & 0xff), static_cast<char>(dict.size() >> 8)};
  return header + dict;
}

void append_numbers(std::string& bytes, const float* numbers, std::size_t count) {
  bytes.append(reinterpret_cast<const char*>(numbers), count * sizeof(float));
}

}  // namespace

NpyTensor load_npy(const std::string& path) {
  const MappedFile file(path);
  const Layout layout = layout_of(file.bytes(), path_label(path), reals);
  const std::vector<std::size_t>& shape = layout.shape;
  if (shape.size() != 3) {
    throw InputError(path_label(path), "header: shape", "3 sizes [heads, tokens, dim]",
                     shape_text(shape));
  }
  const bool aligned = reinterpret_cast<std::uintptr_t>(layout.data.data()) % alignof(float) == 0;
  if (aligned) {
    const auto* numbers = reinterpret_cast<const float*>(layout.data.data());
    return {View<const float>(numbers, shape[0], shape[1], shape[2]), file.owner()};
  }
  auto copy = std::make_shared<Tensor<float>>(shape[0], shape[1], shape[2]);
  std::memcpy(copy->data(), layout.data.data(), layout.data.size());
  return {std::as_const(*copy).view(), copy};
}

Array load_npy_array(const std::string& path) {
  const MappedFile file(path);
  return parse_npy(file.bytes(), path_label(path));
}

Array parse_npy(std::span<const std::byte> bytes, std::string_view file) {
  Layout layout = layout_of(bytes, file, reals);
  Array array{std::move(layout.shape), std::vector<float>(layout.data.size() / sizeof(float))};
  std::memcpy(array.data.data(), layout.data.data(), layout.data.size());
  return array;
}

IntegerArray load_npy_integers(const std::string& path) {
  const MappedFile file(path);
  return parse_npy_integers(file.bytes(), path_label(path));
}

IntegerArray parse_npy_integers(std::span<const std::byte> bytes, std::string_view file) {
  Layout layout = layout_of(bytes, file, integers);
  IntegerArray array{std::move(layout.shape),
                     std::vector<std::int32_t>(layout.data.size() / layout.number_bytes)};
  for (std::size_t i = 0; i < array.data.size(); ++i) {
    const std::byte* const at = layout.data.data() + i * layout.number_bytes;
    std::int64_t number = 0;
    if (layout.number_bytes == 1) {
      number = std::to_integer<std::uint8_t>(*at);
    } else if (layout.number_bytes == 4) {
      std::int32_t narrow = 0;
      std::memcpy(&narrow, at, sizeof narrow);
      number = narrow;
    } else {
      std::memcpy(&number, at, sizeof number);
    }
    if (number != static_cast<std::int32_t>(number)) {
      throw InputError(file, fmt::format("data: number {}", i), "an integer of 32 bits",
                       fmt::format("{}", number));
    }
    array.data[i] = static_cast<std::int32_t>(number);
  }
  return array;
}

std::string npy_bytes(const View<const float>& view) {
  if (view.triangular()) throw Error("npy: expected a rectangular tensor, found a triangular one");
  std::string bytes = header_of({view.heads, view.rows, view.cols});
  bytes.reserve(sum(bytes.size(), product(view.elements(), sizeof(float))));
  for (std::size_t h = 0; h < view.heads; ++h) {
    for (std::size_t r = 0; r < view.rows; ++r) append_numbers(bytes, view.row(h, r), view.cols);
  }
  return bytes;
}

std::string npy_bytes(const Array& array) {
  std::uint64_t elements = 1;
  for (const std::size_t size : array.shape) elements = product(elements, size);
  if (elements != array.data.size()) {
    throw Error(fmt::format("npy: expected {} numbers for shape {}, found {}", elements,
                            shape_text(array.shape), array.data.size()));
  }
  std::string bytes = header_of(array.shape);
  bytes.reserve(bytes.size() + array.data.size() * sizeof(float));
  append_numbers(bytes, array.data.data(), array.data.size());
  return bytes;
}

}  // namespace wattention
