#include "sim/names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

namespace wattention {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& known) {
  constexpr std::size_t longest_compared = 256;  // hostile names cost no quadratic time
  std::string nearest;
  if (name.size() > longest_compared) return nearest;
  std::size_t best = std::max<std::size_t>(1, (name.size() + 1) / 2) + 1;
  for (const std::string& candidate : known) {
    if (candidate.size() > longest_compared) continue;
    const bool shortened = !name.empty() && candidate.starts_with(name);
    const std::size_t distance = shortened ? 0 : edit_distance(name, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string one_of(const std::vector<std::string>& known, std::string_view name) {
  if (known.empty()) return "nothing here";
  const std::string nearest = nearest_name(name, known);
  return fmt::format("one of {}{}", joined(known),
                     nearest.empty() ? "" : fmt::format(" (did you mean {}?)", nearest));
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string shown = "\"";
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      shown += fmt::format("\\x{:02x}", byte);
    } else if (c == '"' || c == '\\') {
      shown += '\\';
      shown += c;
    } else {
      shown += c;
    }
  }
  return shown + (text.size() > longest ? "...\"" : "\"");
}

}  // namespace wattention
