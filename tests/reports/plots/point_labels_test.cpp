#include "reports/plots/point_labels.hpp"

#include <catch2/catch.hpp>
#include <cstddef>
#include <random>
#include <vector>

namespace wattention {
namespace {

bool lies_in(const Box& box, const Box& bounds) {
  constexpr double rounding = 1e-9;
  return box.left >= bounds.left - rounding && box.right() <= bounds.right() + rounding &&
         box.bottom >= bounds.bottom - rounding && box.top() <= bounds.top() + rounding;
}

bool covers(const Box& box, const LabelledPoint& point) {
  return box.left < point.x && point.x < box.right() && box.bottom < point.y && point.y < box.top();
}

constexpr Box bounds{80.0, 66.0, 900.0, 350.0};

TEST_CASE("A label alone stands to the right of its point, or to the left where there is no room") {
  const PlacedLabel right =
      place_labels(std::vector<LabelledPoint>{{500, 200, 60, 18}}, bounds, {})[0];
  CHECK(right.box.left > 500.0);
  CHECK(right.box.bottom + 9.0 == Approx(200.0));
  CHECK_FALSE(right.leader);
  const PlacedLabel left =
      place_labels(std::vector<LabelledPoint>{{970, 200, 60, 18}}, bounds, {})[0];
  CHECK(left.box.right() < 970.0);
  CHECK(left.box.bottom + 9.0 == Approx(200.0));
}

TEST_CASE("Labels of sixteen points, however crowded, cover neither each other nor points") {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same points each time
  for (const double spread : {0.0, 0.02, 0.2, 1.0}) {
    for (int trial = 0; trial < 10; ++trial) {
      const auto share = [&random] { return static_cast<double>(random() % 1001) / 1000.0; };
      std::vector<LabelledPoint> points;
      const double x = share();
      const double y = share();
      for (int i = 0; i < 16; ++i) {
        const double at_x = (1.0 - spread) * x + spread * share();
        const double at_y = (1.0 - spread) * y + spread * share();
        points.push_back({bounds.left + at_x * bounds.width, bounds.bottom + at_y * bounds.height,
                          30.0 + 150.0 * share(), share() < 0.8 ? 18.0 : 36.0});
      }
      const std::vector<PlacedLabel> labels =
          place_labels(points, bounds, {{bounds.left, 200.0, bounds.right(), 200.0}});
      REQUIRE(labels.size() == points.size());
      for (std::size_t i = 0; i < labels.size(); ++i) {
        CHECK(lies_in(labels[i].box, bounds));
        CHECK(labels[i].box.width == points[i].label_width);
        for (std::size_t j = 0; j < labels.size(); ++j) {
          if (j != i) CHECK(overlap(labels[i].box, labels[j].box) == 0.0);
          CHECK_FALSE(covers(labels[i].box, points[j]));
        }
      }
    }
  }
}

TEST_CASE("A label keeps off a line, and gets a leader where it is not beside its point") {
  const LabelledPoint point{500, 200, 60, 18};
  const Segment line{500, 200, 980, 200};
  const PlacedLabel label = place_labels(std::vector<LabelledPoint>{point}, bounds, {line})[0];
  CHECK(length_within(line, label.box) == 0.0);
  const std::vector<LabelledPoint> crowd(16, point);
  const PlacedLabel last = place_labels(crowd, bounds, {}).back();
  REQUIRE(last.leader);
  CHECK(lies_in({last.leader->x1, last.leader->y1, 0.0, 0.0}, last.box));
}

TEST_CASE("The length of a segment within a box ends at the box") {
  const Box box{0.0, 0.0, 4.0, 3.0};
  CHECK(length_within({-1.0, 1.0, 9.0, 1.0}, box) == Approx(4.0));
  CHECK(length_within({0.0, 0.0, 8.0, 6.0}, box) == Approx(5.0));
  CHECK(length_within({1.0, 1.0, 1.0, 2.0}, box) == Approx(1.0));
  CHECK(length_within({5.0, 1.0, 5.0, 2.0}, box) == 0.0);
  CHECK(length_within({-1.0, 3.0, 1.0, 9.0}, box) == 0.0);
  CHECK(length_within({1.0, 1.0, 1.0, 1.0}, box) == 0.0);
}

}  // namespace
}  // namespace wattention
