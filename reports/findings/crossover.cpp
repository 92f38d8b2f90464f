#include "reports/findings/crossover.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "reports/findings/comparable_runs.hpp"

namespace wattention {
namespace {

/// A token count that both curves have.
struct CommonPoint {
  double tokens = 0.0;
  double a_pj = 0.0;
  double b_pj = 0.0;
  double difference() const { return std::log(a_pj / b_pj); }
};

std::vector<CommonPoint> common_points(const EnergyCurve& a, const EnergyCurve& b) {
  std::vector<CommonPoint> common;
  for (const CurvePoint& point : a.points) {
    const auto other = std::ranges::find(b.points, point.tokens, &CurvePoint::tokens);
    if (other == b.points.end()) continue;
    common.push_back({point.tokens, point.energy_pj.middle(), other->energy_pj.middle()});
  }
  return common;
}

Crossover between(const CommonPoint& from, const CommonPoint& to) {
  const double share = from.difference() / (from.difference() - to.difference());
  const auto value = [share](double first, double last) {
    return first * std::pow(last / first, share);
  };
  return {"", "", value(from.tokens, to.tokens), value(from.a_pj, to.a_pj)};
}

void add_crossovers(std::vector<Crossover>& found, const EnergyCurve& a, const EnergyCurve& b) {
  const std::vector<CommonPoint> points = common_points(a, b);
  const CommonPoint* last = nullptr;   // at which they differ
  const CommonPoint* equal = nullptr;  // the first since then at which they do not
  for (const CommonPoint& point : points) {
    const double now = point.difference();
    if (now == 0.0) {
      if (equal == nullptr) equal = &point;
      continue;
    }
    if (last != nullptr && (last->difference() < 0.0) != (now < 0.0)) {
      Crossover crossover =
          equal != nullptr ? Crossover{"", "", equal->tokens, equal->a_pj} : between(*last, point);
      crossover.before = now > 0.0 ? a.label : b.label;
      crossover.after = now > 0.0 ? b.label : a.label;
      crossover.unit = a.unit;
      found.push_back(std::move(crossover));
    }
    last = &point;
    equal = nullptr;
  }
}

}  // namespace

std::vector<EnergyCurve> energy_curves(const Report& report) {
  const std::vector<std::string> labels = labels_but_tokens(report.runs);
  const std::vector<std::size_t> settings = settings_but_tokens(report.runs);
  std::vector<EnergyCurve> curves;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const Run& run = report.runs[i];
    const Range& total = run.energy_pj.total;
    if (!std::isfinite(total.middle()) || !(total.middle() > 0.0) || run.shape.queries == 0) {
      continue;
    }
    auto curve = std::ranges::find_if(curves, [&](const EnergyCurve& known) {
      return known.label == labels[i] && known.setting == settings[i];
    });
    if (curve == curves.end()) {
      curve = curves.insert(curves.end(), {labels[i], settings[i], run.table.unit, {}});
    }
    const auto tokens = static_cast<double>(run.shape.queries);
    const auto place = std::ranges::lower_bound(curve->points, tokens, {}, &CurvePoint::tokens);
    if (place != curve->points.end() && place->tokens == tokens) continue;
    curve->points.insert(place, {tokens, total});
  }
  return curves;
}

std::vector<Crossover> crossovers(const std::vector<EnergyCurve>& curves) {
  std::vector<Crossover> found;
  for (std::size_t a = 0; a < curves.size(); ++a) {
    for (std::size_t b = a + 1; b < curves.size(); ++b) {
      if (curves[a].setting == curves[b].setting) add_crossovers(found, curves[a], curves[b]);
    }
  }
  return found;
}

bool has_several_token_counts(const Report& report) {
  return std::ranges::any_of(energy_curves(report),
                             [](const EnergyCurve& curve) { return curve.points.size() > 1; });
}

}  // namespace wattention
