#include "reports/plots/point_labels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

namespace wattention {
namespace {

constexpr double marker_radius = 8.0;

/// In pixels further away: what covering a square pixel of a label or a point weighs, and what
/// crossing a pixel of a line or a leader does.
constexpr double price_of_label = 1000.0;
constexpr double price_of_point = 100.0;
constexpr double price_of_line = 2.0;

Box around(const LabelledPoint& point) {
  return {point.x - marker_radius, point.y - marker_radius, 2.0 * marker_radius,
          2.0 * marker_radius};
}

/// The label `gap` pixels away from its point in the direction of `turn`, 1 being a full one.
Box label_at(const LabelledPoint& point, double gap, double turn) {
  const double cosine = std::cos(2.0 * std::numbers::pi * turn);
  const double sine = std::sin(2.0 * std::numbers::pi * turn);
  // In directions close to the axes the box slides along its side, else its corner is nearest.
  const double slide = std::clamp(2.0 * cosine, -1.0, 1.0);
  const double rise = std::clamp(4.0 * sine, -1.0, 1.0);
  const double middle_x = point.x + gap * cosine + 0.5 * slide * point.label_width;
  const double middle_y = point.y + gap * sine + 0.5 * rise * point.label_height;
  return {middle_x - 0.5 * point.label_width, middle_y - 0.5 * point.label_height,
          point.label_width, point.label_height};
}

Box moved_into(Box box, const Box& bounds) {
  box.left = std::max(bounds.left, std::min(box.left, bounds.right() - box.width));
  box.bottom = std::max(bounds.bottom, std::min(box.bottom, bounds.top() - box.height));
  return box;
}

/// From the point's edge to the label's nearest, where the label is not beside its point.
std::optional<Segment> leader_of(const LabelledPoint& point, const Box& box) {
  constexpr double longest_without = 18.0;
  const double x = std::clamp(point.x, box.left, box.right());
  const double y = std::clamp(point.y, box.bottom, box.top());
  const double distance = std::hypot(x - point.x, y - point.y);
  if (distance <= longest_without) return std::nullopt;
  const double share = marker_radius / distance;
  return Segment{point.x + share * (x - point.x), point.y + share * (y - point.y), x, y};
}

double cost_of(const PlacedLabel& label, const std::vector<PlacedLabel>& placed,
               const std::vector<Box>& markers, const std::vector<Segment>& lines) {
  double cost = 0.0;
  const auto crossed = [&label](const Box& box) {
    return label.leader ? price_of_line * length_within(*label.leader, box) : 0.0;
  };
  for (const PlacedLabel& other : placed) {
    cost += price_of_label * overlap(label.box, other.box) + crossed(other.box);
    if (other.leader) cost += price_of_line * length_within(*other.leader, label.box);
  }
  for (const Box& marker : markers) {
    cost += price_of_point * overlap(label.box, marker) + crossed(marker);
  }
  for (const Segment& line : lines) cost += price_of_line * length_within(line, label.box);
  return cost;
}

}  // namespace

std::vector<PlacedLabel> place_labels(std::span<const LabelledPoint> points, const Box& bounds,
                                      const std::vector<Segment>& lines) {
  constexpr std::array<double, 16> turns{0.0,    0.5,    0.25,   0.75,   0.125,  0.375,
                                         0.625,  0.875,  0.0625, 0.1875, 0.3125, 0.4375,
                                         0.5625, 0.6875, 0.8125, 0.9375};
  constexpr double nearest = 11.0;
  constexpr double step = 5.0;
  const double furthest = std::hypot(bounds.width, bounds.height);
  std::vector<Box> markers;
  for (const LabelledPoint& point : points) markers.push_back(around(point));
  std::vector<PlacedLabel> placed;
  for (const LabelledPoint& point : points) {
    PlacedLabel best;
    double lowest = std::numeric_limits<double>::infinity();
    for (int ring = 0; nearest + step * ring < std::min(furthest, lowest); ++ring) {
      const double gap = nearest + step * ring;
      for (std::size_t i = 0; i < turns.size(); ++i) {
        PlacedLabel label{moved_into(label_at(point, gap, turns[i]), bounds), {}};
        label.leader = leader_of(point, label.box);
        const double cost =
            gap + 0.1 * static_cast<double>(i) + cost_of(label, placed, markers, lines);
        if (cost >= lowest) continue;
        lowest = cost;
        best = label;
      }
    }
    placed.push_back(best);
  }
  return placed;
}

double overlap(const Box& a, const Box& b) {
  const double width = std::min(a.right(), b.right()) - std::max(a.left, b.left);
  const double height = std::min(a.top(), b.top()) - std::max(a.bottom, b.bottom);
  return std::max(width, 0.0) * std::max(height, 0.0);
}

double length_within(const Segment& segment, const Box& box) {
  const double dx = segment.x1 - segment.x0;
  const double dy = segment.y1 - segment.y0;
  double begin = 0.0;  // shares of the segment
  double end = 1.0;
  const auto clip = [&](double start, double delta, double low, double high) {
    if (delta == 0.0) {
      if (start < low || start > high) end = -1.0;
      return;
    }
    const double at_low = (low - start) / delta;
    const double at_high = (high - start) / delta;
    begin = std::max(begin, std::min(at_low, at_high));
    end = std::min(end, std::max(at_low, at_high));
  };
  clip(segment.x0, dx, box.left, box.right());
  clip(segment.y0, dy, box.bottom, box.top());
  return std::max(end - begin, 0.0) * std::hypot(dx, dy);
}

}  // namespace wattention
