#pragma once

// The text format: parts of a document as lines of at most 100 columns, for people at a terminal.
//
// Text of users goes through printable(). Every block ends with a newline.

#include <string>
#include <string_view>

#include "reports/document/document.hpp"

namespace wattention {

/// `title` underlined.
std::string heading(std::string_view title);

/// `lead`, then `text` broken into lines that start under its first letter.
std::string paragraph(std::string_view lead, std::string_view text);

/// "name        value"
std::string fact_line(const Fact& fact);

std::string text_of(const Facts& facts);
std::string text_of(const Table& table);
std::string text_of(const List& list);

}  // namespace wattention
