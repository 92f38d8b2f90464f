#include "sim/prices/accelergy_row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "sim/names.hpp"

namespace wattention {
namespace {

template <class Number>
std::optional<Number> parsed(std::string_view text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

bool is_attribute(std::string_view column) {
  return column != "energy" && column != "area" && column != "comment";
}

}  // namespace

std::string AccelergyRow::place() const { return fmt::format("{}: line {}", csv->file, line()); }

double AccelergyRow::number(std::string_view column) const {
  const CsvField& cell = field(column);
  const auto value = parsed<double>(cell.text);
  if (!value || !std::isfinite(*value) || *value < 0.0) {
    refuse(*csv, cell, "a number >= 0", in_quotes(cell.text));
  }
  return *value;
}

std::uint64_t AccelergyRow::whole_number(std::string_view column, std::uint64_t most) const {
  const CsvField& cell = field(column);
  const auto value = parsed<std::uint64_t>(cell.text);
  if (!value || *value == 0 || *value > most) {
    refuse(*csv, cell, fmt::format("a whole number from 1 to {}", most), in_quotes(cell.text));
  }
  return *value;
}

double AccelergyRow::node_nm() const {
  const CsvField& cell = field("technology");
  std::string_view digits = cell.text;
  if (digits.ends_with("nm")) digits.remove_suffix(2);
  const auto value = parsed<double>(digits);
  if (!value || !std::isfinite(*value) || *value <= 0.0) {
    refuse(*csv, cell, "a process node such as 45nm", in_quotes(cell.text));
  }
  return *value;
}

std::string AccelergyRow::attributes() const {
  constexpr std::size_t longest = 60;
  std::string text;
  for (std::size_t i = 0; i < fields->size(); ++i) {
    const std::string& column = csv->header[i].text;
    const std::string& value = (*fields)[i].text;
    if (!is_attribute(column) || value.empty()) continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", column.substr(0, longest),
                        value.substr(0, longest));
  }
  return text;
}

std::string difference(const AccelergyRow& a, const AccelergyRow& b) {
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < a.fields->size(); ++i) {
    const std::string name = alternatives(a.csv->header[i].text).front();
    const auto column = b.csv->column(name);
    if (!is_attribute(name) || !column) continue;
    if ((*a.fields)[i].text != (*b.fields)[*column].text) columns.push_back(name);
  }
  if (columns.empty()) return "which nothing tells from it";
  return fmt::format("which differs in {} (choose rows with {}=...)", joined(columns),
                     columns.front());
}

}  // namespace wattention
