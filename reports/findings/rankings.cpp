#include "reports/findings/rankings.hpp"

#include <algorithm>

namespace wattention {
namespace {

/// Ranges of runs, in order, that have a table in common.
std::vector<std::vector<const Run*>> runs_by_table(const Report& report) {
  std::vector<std::vector<const Run*>> groups;
  for (const Run& run : report.runs) {
    if (groups.empty() || groups.back().front()->table.name != run.table.name) {
      groups.emplace_back();
    }
    groups.back().push_back(&run);
  }
  return groups;
}

bool are_the_same(const std::vector<const Run*>& a, const std::vector<const Run*>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Run* x, const Run* y) {
    return x->label == y->label && x->attention == y->attention;
  });
}

std::vector<std::size_t> ranks_of(const std::vector<const Run*>& runs) {
  std::vector<std::size_t> ranks;
  ranks.reserve(runs.size());
  for (const Run* run : runs) {
    const double energy = run->energy_pj.total.middle();
    ranks.push_back(1 + static_cast<std::size_t>(std::ranges::count_if(runs, [&](const Run* other) {
                      return other->energy_pj.total.middle() < energy;
                    })));
  }
  return ranks;
}

void compare(OrderChange& pair, const Ranking& ranking) {
  const Range& a = ranking.runs[pair.first]->energy_pj.total;
  const Range& b = ranking.runs[pair.second]->energy_pj.total;
  if (a == b) return;
  if (a.low <= b.low && a.high <= b.high) {
    pair.first_lower.push_back(ranking.table.name);
  } else if (b.low <= a.low && b.high <= a.high) {
    pair.second_lower.push_back(ranking.table.name);
  } else {
    pair.undecided.push_back(ranking.table.name);
  }
}

}  // namespace

std::optional<Rankings> rankings_of(const Report& report) {
  const auto groups = runs_by_table(report);
  const auto same_shape = [&report](const Run& run) {
    return run.shape == report.runs.front().shape;
  };
  if (groups.size() < 2 || !std::ranges::all_of(report.runs, same_shape)) return std::nullopt;
  Rankings rankings;
  for (const Run* run : groups.front()) {
    rankings.labels.push_back(run->label.empty() ? run->attention : run->label);
  }
  for (const std::vector<const Run*>& runs : groups) {
    if (!are_the_same(runs, groups.front())) return std::nullopt;
    rankings.tables.push_back({runs.front()->table, runs, ranks_of(runs)});
  }
  for (std::size_t i = 0; i < rankings.labels.size(); ++i) {
    for (std::size_t j = i + 1; j < rankings.labels.size(); ++j) {
      OrderChange pair{i, j, {}, {}, {}};
      for (const Ranking& ranking : rankings.tables) compare(pair, ranking);
      const bool flips = !pair.first_lower.empty() && !pair.second_lower.empty();
      if (flips || !pair.undecided.empty()) rankings.changes.push_back(std::move(pair));
    }
  }
  return rankings;
}

Report under_first_table(const Report& report) {
  Report first = report;
  std::erase_if(first.runs, [&report](const Run& run) {
    return run.table.name != report.runs.front().table.name;
  });
  return first;
}

}  // namespace wattention
