#pragma once

// How many operations of each group a run took. One table says what the groups are; every writer
// loops over it, so that what was priced is in every totals line.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wattention {

enum class Total : std::uint8_t {
  multiplications,
  additions,
  macs,
  divisions,
  square_roots,
  exponentials,
  logarithms,
  error_functions,
  hyperbolic_tangents,
  comparisons,
  bit_operations,
  shifts,
  lookups
};

struct TotalGroup {
  Total total;
  std::string_view key;                 // in JSON, CSV and databases
  std::string_view words;               // in a sentence
  std::string_view heading;             // over a column
  std::array<std::string_view, 2> ops;  // by their names; the second may be empty

  constexpr bool holds(std::string_view op) const { return ops[0] == op || ops[1] == op; }
};

/// In the order of the enumeration. A mac is a multiplication, an addition, and a mac.
inline constexpr std::array<TotalGroup, 13> total_groups{{
    {Total::multiplications, "multiplications", "multiplications", "mul", {"mul", "mac"}},
    {Total::additions, "additions", "additions", "add", {"add", "mac"}},
    {Total::macs, "macs", "macs", "mac", {"mac"}},
    {Total::divisions, "divisions", "divisions", "div", {"div"}},
    {Total::square_roots, "square_roots", "square roots", "sqrt", {"sqrt"}},
    {Total::exponentials, "exponentials", "exponentials", "exp", {"exp"}},
    {Total::logarithms, "logarithms", "logarithms", "log", {"log"}},
    {Total::error_functions, "error_functions", "error functions", "erf", {"erf"}},
    {Total::hyperbolic_tangents, "hyperbolic_tangents", "hyperbolic tangents", "tanh", {"tanh"}},
    {Total::comparisons, "comparisons", "comparisons", "compare", {"compare"}},
    {Total::bit_operations, "bit_operations", "bit operations", "bit ops", {"logic", "popcount"}},
    {Total::shifts, "shifts", "shifts", "shift", {"shift"}},
    {Total::lookups, "lookups", "lookups", "lookup", {"lookup"}},
}};

class Totals {
 public:
  std::uint64_t& operator[](Total total) { return counts_[static_cast<std::size_t>(total)]; }
  const std::uint64_t& operator[](Total total) const {
    return counts_[static_cast<std::size_t>(total)];
  }
  bool operator==(const Totals&) const = default;

 private:
  std::array<std::uint64_t, total_groups.size()> counts_{};
};

}  // namespace wattention
