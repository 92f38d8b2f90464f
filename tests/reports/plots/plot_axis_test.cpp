#include "reports/plots/plot_axis.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace wattention {
namespace {

using Values = std::vector<double>;

TEST_CASE("An axis of energy is logarithmic beyond a factor of 20, and has all values inside") {
  const Axis linear = axis_around(Values{5.0, 2.1, 42.0});
  CHECK_FALSE(linear.logarithmic);
  CHECK(linear.begin < 2.1);
  CHECK(linear.begin >= 0.0);
  CHECK(linear.end > 42.0);
  const Axis logarithmic = axis_around(Values{5.0, 2.0, 42.0});
  CHECK(logarithmic.logarithmic);
  CHECK(logarithmic.begin < 2.0);
  CHECK(logarithmic.end > 42.0);
  CHECK(logarithmic.floor == 0.0);
  CHECK(axis_around(Values{1e-300, 2e5}).floor == Approx(1e-3));
  CHECK_FALSE(axis_around(Values{0.0, 42.0}).logarithmic);
  for (const Values& values : {Values{}, Values{0.0}, Values{7.0, 7.0}}) {
    const Axis axis = axis_around(values);
    CHECK(axis.begin < axis.end);
  }
}

TEST_CASE("An axis of errors is linear from 0, unless most errors would lie on 0") {
  const Axis linear = axis_from_zero(Values{0.0, 2e-7, 0.006, 0.4, 0.8, 0.93});
  CHECK_FALSE(linear.logarithmic);
  CHECK(linear.begin < 0.0);
  CHECK(linear.end > 0.93);
  CHECK(linear.drawn(0.0) == 0.0);
  const Axis logarithmic = axis_from_zero(Values{0.0, 2e-7, 5e-4, 0.004, 0.9});
  CHECK(logarithmic.logarithmic);
  CHECK(logarithmic.floor == Approx(1e-7));
  CHECK(logarithmic.drawn(0.0) == logarithmic.floor);
  CHECK(logarithmic.drawn(5e-4) == 5e-4);
  CHECK(logarithmic.begin < logarithmic.floor);
  CHECK(axis_from_zero(Values{1e-30, 1e-4, 0.9}).floor == Approx(1e-9));
  CHECK(axis_from_zero(Values{2e-7, 5e-4, 0.9}).floor == 0.0);
  CHECK_FALSE(axis_from_zero(Values{0.0, 0.0}).logarithmic);
  CHECK(axis_from_zero(Values{0.0}).end > 0.0);
}

TEST_CASE("A position on an axis is a share of its length") {
  const Axis linear{10.0, 20.0};
  CHECK(linear.position(12.5) == Approx(0.25));
  CHECK(linear.position(9.0) == 0.0);
  const Axis logarithmic{1.0, 100.0, true};
  CHECK(logarithmic.position(10.0) == Approx(0.5));
  CHECK(logarithmic.position(0.0) == 0.0);
  CHECK(logarithmic.position(1e9) == 1.0);
}

TEST_CASE("A logarithmic axis has tics at 1, 2 and 5, or at powers of ten where it is long") {
  CHECK(axis_script({1.7, 60.0, true}, 'x') ==
        "set logscale x\nset xrange [1.7:60]\n"
        "set xtics nomirror ('2' 2, '5' 5, '10' 10, '20' 20, '50' 50)\n");
  CHECK(axis_script({5e-6, 1.5, true}, 'y') ==
        "set logscale y\nset yrange [5e-06:1.5]\nset ytics nomirror ('1e-05' 1e-05, "
        "'0.0001' 0.0001, '0.001' 0.001, '0.01' 0.01, '0.1' 0.1, '1' 1)\n");
  CHECK(axis_script({0.0, 2.5}, 'y') ==
        "unset logscale y\nset yrange [0:2.5]\nset ytics nomirror autofreq\n");
}

}  // namespace
}  // namespace wattention
