#include "reports/page/page_prices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "reports/findings/energy_groups.hpp"

namespace wattention {
namespace {

constexpr double rounding = 1e-9;

bool nearly(double a, double b) { return std::abs(a - b) <= rounding * std::max(a, b); }

bool nearly(const Range& a, const Range& b) {
  return nearly(a.low, b.low) && nearly(a.high, b.high);
}

/// As a table has it: a quotient is right to twelve digits.
double tidy(double value) {
  return std::isfinite(value) ? std::strtod(fmt::format("{:.12g}", value).c_str(), nullptr) : 0.0;
}

Range tidy(const Range& range) { return {tidy(range.low), tidy(range.high)}; }

Range divided(const Range& energy, double amount) {
  return {energy.low / amount, energy.high / amount};
}

}  // namespace

std::size_t PriceList::number_of(const PagePrice& price) {
  const auto known = std::ranges::find_if(prices_, [&](const PagePrice& other) {
    return other.table == price.table && other.name == price.name && other.kind == price.kind &&
           other.source == price.source && nearly(other.pj, price.pj);
  });
  if (known != prices_.end()) return static_cast<std::size_t>(known - prices_.begin());
  prices_.push_back(price);
  return prices_.size() - 1;
}

std::vector<PricedAmount> PriceList::of_operation(const OperationLine& line,
                                                  const Run::Table& table) {
  if (line.count == 0) return {};
  const auto count = static_cast<double>(line.count);
  const std::size_t price = number_of(
      {table.name, table.unit, line.op + " " + line.format, std::string(kind_of_operation(line.op)),
       0, tidy(divided(line.energy_pj, count)), line.kind, line.source});
  return {{price, line.count}};
}

std::vector<PricedAmount> PriceList::of_traffic(const TrafficLine& line, const Run::Table& table) {
  std::vector<PricedAmount> amounts;
  const bool one_price = line.read_pj == line.write_pj;
  const auto add = [&](const std::string& name, const Range& pj, std::uint64_t accesses) {
    if (accesses == 0) return;
    const std::size_t price = number_of(
        {table.name, table.unit, name, "memory", line.access_bits, pj, line.kind, line.source});
    amounts.push_back({price, accesses});
  };
  if (one_price) {
    add(line.level, line.read_pj, line.read_accesses + line.write_accesses);
  } else {
    add(line.level + " read", line.read_pj, line.read_accesses);
    add(line.level + " write", line.write_pj, line.write_accesses);
  }
  return amounts;
}

}  // namespace wattention
