#pragma once

// An axis of a picture: from which value to which, on which scale, with which tics.
//
// A logarithmic axis ends at a floor, at most 1e-8 of its largest value, at which 0 and all smaller
// values are drawn; the floor is then to be stated beside the axis. Nothing here throws.

#include <span>
#include <string>
#include <vector>

namespace wattention {

struct Axis {
  double begin = 0.0;
  double end = 1.0;
  bool logarithmic = false;
  double floor = 0.0;  // where smaller values are drawn on a logarithmic axis; 0: none are smaller

  double drawn(double value) const;
  /// The share of the axis's length that lies before `value`, from 0 to 1.
  double position(double value) const;
};

/// Around all of `values`, which are finite and not negative: logarithmic where all are above 0 and
/// the largest is more than 20 times the smallest.
Axis axis_around(std::span<const double> values);

/// From a little below 0 to beyond the largest of `values`, which are finite and not negative.
/// Logarithmic, from a power of ten, where the largest is more than 20 times the median of those
/// above 0.
Axis axis_from_zero(std::span<const double> values);

/// Around all of `values`, which are finite and above 0.
Axis logarithmic_axis_around(std::span<const double> values);

/// Where a logarithmic axis has tics: at 1, 2 and 5 of each decade, or at powers of ten.
std::vector<double> logarithmic_tics(const Axis& axis);

/// Its range, scale and tics, for gnuplot's axis `name`, "x" or "y".
std::string axis_script(const Axis& axis, char name);

struct Tic {
  double value = 0.0;
  std::string label;
};

/// The same with these tics.
std::string axis_script(const Axis& axis, char name, const std::vector<Tic>& tics);

}  // namespace wattention
