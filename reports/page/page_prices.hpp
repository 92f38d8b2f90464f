#pragma once

// The prices behind a report, found from its lines: energy = amount x price.
//
// A price of an operation is energy / count; one of memory is that of an access, for reads and
// writes apart where these differ. A reader of the HTML report may change prices, and every energy
// follows. Prices are picojoules; where they are known as ranges, low and high ends are prices of
// their own.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "reports/report.hpp"

namespace wattention {

struct PagePrice {
  std::string table;
  std::string unit;               // of that table: pJ, or relative
  std::string name;               // "mac fp32", "dram", "dram read"
  std::string op_kind;            // "mac", "div, sqrt" ..., "memory"
  std::uint64_t access_bits = 0;  // of memory
  Range pj;
  std::string kind;
  std::string source;
};

/// Part of a line's energy: a number of operations or of accesses.
struct PricedAmount {
  std::size_t price = 0;
  std::uint64_t amount = 0;
  bool operator==(const PricedAmount&) const = default;
};

class PriceList {
 public:
  /// Nothing for a line without operations.
  std::vector<PricedAmount> of_operation(const OperationLine& line, const Run::Table& table);

  /// Nothing for a line that is not priced.
  std::vector<PricedAmount> of_traffic(const TrafficLine& line, const Run::Table& table);

  const std::vector<PagePrice>& all() const { return prices_; }

 private:
  std::size_t number_of(const PagePrice& price);

  std::vector<PagePrice> prices_;
};

}  // namespace wattention
