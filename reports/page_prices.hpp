#pragma once

// The prices behind a report, found from its lines: energy = amount x price.
//
// A price of an operation is energy / count; one of memory is energy / bytes, for reads and writes
// apart where the lines of a level tell them apart. A reader of the HTML report may change prices,
// and every energy follows. Prices are picojoules an operation or a byte; where they are known as
// ranges, low and high ends are prices of their own.

#include <cstddef>
#include <string>
#include <vector>

#include "reports/report.hpp"

namespace wattention {

struct PagePrice {
  std::string table;
  std::string name;     // "mac fp32", "dram", "dram read"
  std::string op_kind;  // "mac", "div, sqrt" ..., "memory"
  bool of_memory = false;
  Range pj;
  std::string kind;
  std::string source;
};

/// Part of a line's energy: amounts are counts or bytes, the same at both ends where that is exact.
struct PricedAmount {
  std::size_t price = 0;
  Range amount;
  bool operator==(const PricedAmount&) const = default;
};

class PriceList {
 public:
  /// Nothing for a line without operations.
  std::vector<PricedAmount> of_operation(const OperationLine& line, const Run::Table& table);

  /// Of each line of traffic, in its order; empty for lines without energy.
  std::vector<std::vector<PricedAmount>> of_traffic(const std::vector<TrafficLine>& traffic,
                                                    const Run::Table& table);

  const std::vector<PagePrice>& all() const { return prices_; }

 private:
  std::size_t number_of(const PagePrice& price);

  std::vector<PagePrice> prices_;
};

}  // namespace wattention
