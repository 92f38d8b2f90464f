#pragma once

// Comma-separated values, read strictly (RFC 4180): a header, then rows of as many fields; fields
// in quotes may hold commas and doubled quotes, but no line ends. Blanks around other fields are no
// part of them; empty lines and lines that start with # are skipped. Anything else is an InputError
// with file, line and column, both from 1, the column in bytes.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wattention {

struct CsvField {
  std::string text;
  std::size_t line = 0;
  std::size_t column = 0;
};

struct Csv {
  std::string file;
  std::vector<CsvField> header;
  std::vector<std::vector<CsvField>> rows;

  /// The column of that name; a header "a|b" answers to either.
  std::optional<std::size_t> column(std::string_view name) const;
};

/// At most 1 MiB and 256 columns.
Csv parse_csv(std::string_view text, std::string_view file);
Csv load_csv(const std::string& path);

/// "FILE: line 2, column 7: expected ..., found ..."
[[noreturn]] void refuse(const Csv& csv, const CsvField& field, std::string_view expected,
                         std::string_view found);

/// "a|b" is a and b.
std::vector<std::string> alternatives(std::string_view text);

}  // namespace wattention
