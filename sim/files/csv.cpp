#include "sim/files/csv.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/error.hpp"
#include "sim/files/mapped_file.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

constexpr std::size_t largest_file = std::size_t{1} << 20U;
constexpr std::size_t most_columns = 256;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::string_view blanks = " \t";

[[noreturn]] void refuse_at(std::string_view file, std::size_t line, std::size_t column,
                            std::string_view expected, std::string_view found) {
  throw InputError(file, fmt::format("line {}, column {}", line, column), expected, found);
}

class Line {
 public:
  Line(std::string_view text, std::string_view file, std::size_t number)
      : text_(text), file_(file), number_(number) {}

  std::vector<CsvField> fields() {
    std::vector<CsvField> result;
    while (true) {
      skip_blanks();
      if (result.size() == most_columns) {
        refuse_at(file_, number_, position_ + 1, fmt::format("at most {} fields", most_columns),
                  "more");
      }
      result.push_back({"", number_, position_ + 1});
      result.back().text = at('"') ? quoted() : plain();
      if (!at(',')) break;
      ++position_;
    }
    if (position_ != text_.size()) {
      refuse_at(file_, number_, position_ + 1, "a comma or the end of the line", upcoming());
    }
    return result;
  }

 private:
  bool at(char c) const { return position_ < text_.size() && text_[position_] == c; }
  std::string upcoming() const { return in_quotes(text_.substr(position_, 1)); }

  void skip_blanks() {
    position_ = std::min(text_.find_first_not_of(blanks, position_), text_.size());
  }

  std::string plain() {
    const std::size_t end = std::min(text_.find_first_of(",\"", position_), text_.size());
    std::string_view field = text_.substr(position_, end - position_);
    position_ = end;
    const std::size_t last = field.find_last_not_of(blanks);
    return std::string(field.substr(0, last == std::string_view::npos ? 0 : last + 1));
  }

  std::string quoted() {
    std::string field;
    const std::size_t opened = position_++;
    while (true) {
      const std::size_t quote = text_.find('"', position_);
      if (quote == std::string_view::npos) {
        refuse_at(file_, number_, opened + 1, "a closing quote on the same line", "none");
      }
      field += text_.substr(position_, quote - position_);
      position_ = quote + 1;
      if (!at('"')) break;
      field += '"';
      ++position_;
    }
    skip_blanks();
    return field;
  }

  std::string_view text_;
  std::string_view file_;
  std::size_t number_;
  std::size_t position_ = 0;
};

void demand_text(std::string_view line, std::string_view file, std::size_t number) {
  const auto* const harmful = std::ranges::find_if(line, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
  if (harmful == line.end()) return;
  refuse_at(file, number, static_cast<std::size_t>(harmful - line.begin()) + 1, "text",
            fmt::format("byte 0x{:02x}", static_cast<unsigned char>(*harmful)));
}

}  // namespace

std::optional<std::size_t> Csv::column(std::string_view name) const {
  for (std::size_t i = 0; i < header.size(); ++i) {
    const std::vector<std::string> names = alternatives(header[i].text);
    if (std::ranges::find(names, name) != names.end()) return i;
  }
  return std::nullopt;
}

Csv parse_csv(std::string_view text, std::string_view file) {
  Csv csv{std::string(file), {}, {}};
  if (text.size() > largest_file) {
    throw InputError(csv.file, "size", fmt::format("at most {} bytes", largest_file),
                     fmt::format("{}", text.size()));
  }
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    demand_text(line, csv.file, number);
    const std::size_t first = line.find_first_not_of(blanks);
    if (first == std::string_view::npos || line[first] == '#') continue;
    std::vector<CsvField> fields = Line(line, csv.file, number).fields();
    if (csv.header.empty()) {
      csv.header = std::move(fields);
      continue;
    }
    if (fields.size() != csv.header.size()) {
      refuse_at(csv.file, number, fields.back().column,
                fmt::format("{} fields, as in the header", csv.header.size()),
                fmt::format("{}", fields.size()));
    }
    csv.rows.push_back(std::move(fields));
  }
  if (csv.header.empty()) throw InputError(csv.file, "line 1", "a header", "an empty file");
  std::vector<std::string> names;
  for (const CsvField& field : csv.header) {
    for (const std::string& name : alternatives(field.text)) {
      if (std::ranges::find(names, name) != names.end()) {
        refuse(csv, field, "each column once", in_quotes(name) + " twice");
      }
      if (names.size() == most_columns) {
        refuse(csv, field, fmt::format("at most {} names of columns", most_columns), "more");
      }
      names.push_back(name);
    }
  }
  return csv;
}

Csv load_csv(const std::string& path) {
  const MappedFile file(path);
  const auto bytes = file.bytes();
  return parse_csv({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path_label(path));
}

void refuse(const Csv& csv, const CsvField& field, std::string_view expected,
            std::string_view found) {
  refuse_at(csv.file, field.line, field.column, expected, found);
}

std::vector<std::string> alternatives(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t bar = text.find('|');
    parts.emplace_back(text.substr(0, bar));
    if (bar == std::string_view::npos) return parts;
    text.remove_prefix(bar + 1);
  }
}

}  // namespace wattention
