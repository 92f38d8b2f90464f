#include "reports/page_prices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "reports/energy_groups.hpp"

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

double bytes_of(const TrafficLine& line) {
  return static_cast<double>(line.read_bytes) + static_cast<double>(line.write_bytes);
}

/// The lines of one level that have an energy, by their place.
using Places = std::vector<std::size_t>;

struct ReadAndWrite {
  double read = 0.0;
  double write = 0.0;
};

/// Least squares over the lines; nothing where these do not tell reads from writes, or do not
/// follow such prices.
std::optional<ReadAndWrite> read_and_write(const std::vector<TrafficLine>& traffic,
                                           const Places& places, double Range::*end) {
  double rr = 0.0;
  double rw = 0.0;
  double ww = 0.0;
  double re = 0.0;
  double we = 0.0;
  for (const std::size_t i : places) {
    const auto r = static_cast<double>(traffic[i].read_bytes);
    const auto w = static_cast<double>(traffic[i].write_bytes);
    const double e = traffic[i].energy_pj.*end;
    rr += r * r;
    rw += r * w;
    ww += w * w;
    re += r * e;
    we += w * e;
  }
  const double determinant = rr * ww - rw * rw;
  if (!(determinant > rounding * rr * ww)) return std::nullopt;
  const ReadAndWrite prices{(re * ww - we * rw) / determinant, (we * rr - re * rw) / determinant};
  for (const std::size_t i : places) {
    const double energy = prices.read * static_cast<double>(traffic[i].read_bytes) +
                          prices.write * static_cast<double>(traffic[i].write_bytes);
    if (!nearly(energy, traffic[i].energy_pj.*end)) return std::nullopt;
  }
  return prices.read >= 0.0 && prices.write >= 0.0 ? std::optional(prices) : std::nullopt;
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
  const std::size_t price =
      number_of({table.name, line.op + " " + line.format, std::string(kind_of_operation(line.op)),
                 false, tidy(divided(line.energy_pj, count)), line.kind, line.source});
  return {{price, Range::exactly(count)}};
}

std::vector<std::vector<PricedAmount>> PriceList::of_traffic(
    const std::vector<TrafficLine>& traffic, const Run::Table& table) {
  std::vector<std::vector<PricedAmount>> amounts(traffic.size());
  std::vector<std::string> levels;
  for (const TrafficLine& line : traffic) {
    if (std::ranges::find(levels, line.level) == levels.end()) levels.push_back(line.level);
  }
  for (const std::string& level : levels) {
    Places places;
    Range energy;
    double bytes = 0.0;
    for (std::size_t i = 0; i < traffic.size(); ++i) {
      if (traffic[i].level != level || traffic[i].energy_pj == Range{} ||
          bytes_of(traffic[i]) == 0.0) {
        continue;
      }
      places.push_back(i);
      energy += traffic[i].energy_pj;
      bytes += bytes_of(traffic[i]);
    }
    if (places.empty()) continue;
    const TrafficLine& first = traffic[places.front()];
    const auto price = [&](const std::string& name, const Range& pj) {
      return number_of({table.name, name, "memory", true, tidy(pj), first.kind, first.source});
    };
    const Range mean = divided(energy, bytes);
    const bool uniform = std::ranges::all_of(places, [&](std::size_t i) {
      return nearly(divided(traffic[i].energy_pj, bytes_of(traffic[i])), mean);
    });
    const auto low = read_and_write(traffic, places, &Range::low);
    const auto high = read_and_write(traffic, places, &Range::high);
    for (const std::size_t i : places) {
      const TrafficLine& line = traffic[i];
      if (uniform) {
        amounts[i] = {{price(level, mean), Range::exactly(bytes_of(line))}};
      } else if (low && high) {
        amounts[i] = {{price(level + " read", {low->read, high->read}),
                       Range::exactly(static_cast<double>(line.read_bytes))},
                      {price(level + " write", {low->write, high->write}),
                       Range::exactly(static_cast<double>(line.write_bytes))}};
      } else {  // accesses that are wider than what is moved: bytes at the mean price
        const auto at = [](double part, double whole) { return whole > 0.0 ? part / whole : 0.0; };
        amounts[i] = {{price(level, mean),
                       {at(line.energy_pj.low, mean.low), at(line.energy_pj.high, mean.high)}}};
      }
    }
  }
  return amounts;
}

}  // namespace wattention
