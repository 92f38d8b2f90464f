#pragma once

// Where the labels of points go, so that none lies on another.
//
// Pixels, y upwards. Each label takes the nearest free place around its point: right, left, above,
// below and between these, then the same further away, with a leader from the point. Free means
// off the labels placed before it and all points, and, where that is possible, off lines and
// leaders. Where the picture is too full for that, the place is taken where the least is covered.
// All stays within `bounds`, which must be larger than each label. Nothing here throws.

#include <optional>
#include <span>
#include <vector>

#include "reports/plots/plot_canvas.hpp"

namespace wattention {

struct Segment {
  double x0 = 0.0;
  double y0 = 0.0;
  double x1 = 0.0;
  double y1 = 0.0;
};

struct LabelledPoint {
  double x = 0.0;
  double y = 0.0;
  double label_width = 0.0;
  double label_height = 0.0;
};

struct PlacedLabel {
  Box box;
  std::optional<Segment> leader;
};

/// One label a point.
std::vector<PlacedLabel> place_labels(std::span<const LabelledPoint> points, const Box& bounds,
                                      const std::vector<Segment>& lines);

/// The area that both cover.
double overlap(const Box& a, const Box& b);

/// The length of the segment that lies in the box.
double length_within(const Segment& segment, const Box& box);

}  // namespace wattention
