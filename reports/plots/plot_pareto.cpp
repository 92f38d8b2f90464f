#include "reports/plots/plot_pareto.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "reports/findings/comparable_runs.hpp"
#include "reports/findings/pareto.hpp"
#include "reports/plots/bar_layers.hpp"
#include "reports/plots/gnuplot.hpp"
#include "reports/plots/plot_axis.hpp"
#include "reports/plots/point_labels.hpp"
#include "reports/wording/numbers.hpp"
#include "reports/wording/printable.hpp"

namespace wattention {
namespace {

constexpr double below_frame = 66.0;
constexpr double above_frame = 50.0;
constexpr double smallest_drawn = 1e-300;
constexpr double largest_drawn = 1e300;

struct Point {
  double energy = 0.0;  // in the panel's unit
  Range energy_range;
  double error = 0.0;
  bool on_front = false;
  std::vector<std::string> label;  // lines
};

struct Scatter {
  EnergyUnit unit;
  std::vector<Point> points;
  std::vector<std::vector<Point>> fronts;  // by setting, from the lowest energy to the highest
  Axis energy;
  Axis error;
};

Scatter scatter_of(const Report& report) {
  constexpr std::size_t label_letters = 30;
  Scatter scatter;
  double highest_pj = 0.0;
  for (const Run& run : report.runs) {
    if (!is_comparable(run)) continue;
    highest_pj = std::max(highest_pj, drawable(run.energy_pj.total.high));
  }
  scatter.unit = energy_unit(highest_pj, report.runs.front().table.unit);
  const std::vector<bool> front = pareto_front(report);
  const std::vector<std::size_t> settings = settings_of(report.runs);
  const std::vector<std::string> labels = labels_of(report.runs);
  scatter.fronts.resize(report.runs.size());
  std::vector<double> energies;
  std::vector<double> errors;
  for (std::size_t i = 0; i < front.size(); ++i) {
    const Run& run = report.runs[i];
    if (!is_comparable(run)) continue;
    const Range& total = run.energy_pj.total;
    const auto in_unit = [&](double pj) { return drawable(pj) / scatter.unit.pj; };
    const double error = std::min(run.error_vs_softmax->relative_l2, largest_drawn);
    scatter.points.push_back({in_unit(total.middle()),
                              {in_unit(total.low), in_unit(total.high)},
                              error < smallest_drawn ? 0.0 : error,
                              front[i],
                              name_lines(printable(labels[i]), label_letters, 2)});
    const Point& point = scatter.points.back();
    errors.push_back(point.error);
    energies.insert(energies.end(), {point.energy, point.energy_range.high});
    if (point.energy_range.low > 0.0) energies.push_back(point.energy_range.low);
    if (point.on_front) scatter.fronts[settings[i]].push_back(point);
  }
  std::erase_if(scatter.fronts, [](const auto& points) { return points.empty(); });
  for (std::vector<Point>& points : scatter.fronts) {
    std::ranges::stable_sort(points, {}, &Point::energy);
  }
  scatter.energy = axis_around(energies);
  scatter.error = axis_from_zero(errors);
  return scatter;
}

std::pair<double, double> pixels_of(const Scatter& scatter, const Point& point, const Box& frame) {
  return {frame.left + frame.width * scatter.energy.position(point.energy),
          frame.bottom + frame.height * scatter.error.position(point.error)};
}

/// The step line and the whiskers, for labels to keep off.
std::vector<Segment> lines_of(const Scatter& scatter, const Box& frame) {
  std::vector<Segment> lines;
  for (const std::vector<Point>& front : scatter.fronts) {
    for (std::size_t i = 1; i < front.size(); ++i) {
      const auto [x0, y0] = pixels_of(scatter, front[i - 1], frame);
      const auto [x1, y1] = pixels_of(scatter, front[i], frame);
      lines.push_back({x0, y0, x1, y0});
      lines.push_back({x1, y0, x1, y1});
    }
  }
  for (Point point : scatter.points) {
    if (point.energy_range.exact()) continue;
    point.energy = point.energy_range.low;
    const auto [x0, y] = pixels_of(scatter, point, frame);
    point.energy = point.energy_range.high;
    lines.push_back({x0, y, pixels_of(scatter, point, frame).first, y});
  }
  return lines;
}

std::string label_script(const Point& point, double x, const PlacedLabel& label,
                         const Canvas& canvas) {
  const Box& box = label.box;
  std::string script;
  if (label.leader) {
    script += fmt::format(
        "set arrow from screen {:.6f}, screen {:.6f} to screen {:.6f}, screen {:.6f} nohead back "
        "linecolor rgb '#909090' linewidth 0.8\n",
        label.leader->x0 / canvas.width, label.leader->y0 / canvas.height,
        label.leader->x1 / canvas.width, label.leader->y1 / canvas.height);
  }
  double anchor = box.left + 0.5 * box.width;
  const char* side = "center";
  if (box.left >= x) {
    anchor = box.left;
    side = "left";
  } else if (box.right() <= x) {
    anchor = box.right();
    side = "right";
  }
  return script + fmt::format("set label {} at screen {:.6f}, screen {:.6f} {}\n",
                              joined_lines(point.label), anchor / canvas.width,
                              (box.top() - 0.5 * line_height) / canvas.height, side);
}

std::string labels_script(const Scatter& scatter, const Box& frame, const Canvas& canvas) {
  constexpr double tics = 8.0;
  const Box inside{frame.left + tics, frame.bottom + tics, frame.width - tics, frame.height - tics};
  std::vector<LabelledPoint> points;
  for (const Point& point : scatter.points) {
    const auto [x, y] = pixels_of(scatter, point, frame);
    points.push_back({x, y, letter_width * static_cast<double>(longest(point.label) + 1),
                      line_height * static_cast<double>(point.label.size())});
  }
  const std::vector<PlacedLabel> labels = place_labels(points, inside, lines_of(scatter, frame));
  std::string script;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    script += label_script(scatter.points[i], points[i].x, labels[i], canvas);
  }
  return script;
}

std::string data_of(const Scatter& scatter, const std::vector<Point>& points) {
  std::string data;
  for (const Point& point : points) {
    data += fmt::format("{:.9g} {:.9g}\n", scatter.energy.drawn(point.energy),
                        scatter.error.drawn(point.error));
  }
  return data;
}

std::string fronts_of(const Scatter& scatter) {
  std::string data;
  for (const std::vector<Point>& front : scatter.fronts) {
    if (!data.empty()) data += '\n';  // an empty line interrupts the line that is drawn
    data += data_of(scatter, front);
  }
  return data + "e\n";
}

std::string whiskers_of(const Scatter& scatter) {
  std::string data;
  for (const Point& point : scatter.points) {
    if (point.energy_range.exact()) continue;
    const double low = std::max(point.energy_range.low, scatter.energy.begin);
    data += fmt::format("{:.9g} {:.9g} {:.9g} 0\n", low, scatter.error.drawn(point.error),
                        point.energy_range.high - low);
  }
  return data.empty() ? data : data + "e\n";
}

std::string plot_script(const Scatter& scatter) {
  constexpr const char* filled = "pointtype 7 pointsize 1.3 linecolor rgb '#0072B2'";
  constexpr const char* hollow = "pointtype 6 pointsize 1.3 linewidth 1.6 linecolor rgb '#606060'";
  const std::string fronts = fronts_of(scatter);
  std::vector<Point> others = scatter.points;
  std::erase_if(others, [](const Point& point) { return point.on_front; });
  std::string plots = fmt::format(
      "'-' using 1:2 with steps linewidth 2 linecolor rgb '#0072B2' notitle, "
      "'-' using 1:2 with points {} notitle, "
      "keyentry with linespoints linewidth 2 {} title 'Pareto front'",
      filled, filled);
  std::string data = fronts + fronts;
  if (!others.empty()) {
    plots += fmt::format(
        ", '-' using 1:2 with points {} notitle, keyentry with points {} title 'other runs'",
        hollow, hollow);
    data += data_of(scatter, others) + "e\n";
  }
  if (const std::string whiskers = whiskers_of(scatter); !whiskers.empty()) {
    plots +=
        ", '-' using 1:2:3:4 with vectors heads size graph 0.008,90 linewidth 1.2 linecolor rgb "
        "'#404040' notitle";
    data += whiskers;
  }
  return "plot " + plots + "\n" + data;
}

std::string stated(const Axis& axis) {
  return axis.floor > 0.0 ? fmt::format("; below {0:g} drawn at {0:g}", axis.floor) : "";
}

}  // namespace

bool has_error_panel(const Report& report) {
  return std::count_if(report.runs.begin(), report.runs.end(), is_comparable) >= 2;
}

std::string error_panel_script(const Report& report, double left, double width,
                               const Canvas& canvas) {
  const Scatter scatter = scatter_of(report);
  const Box frame{left, below_frame, width, error_panel_height - below_frame - above_frame};
  std::string title = "Error against energy";
  if (const std::size_t absent = report.runs.size() - scatter.points.size(); absent != 0) {
    title += fmt::format(" (runs without an error: {}, left out)", absent);
  }
  const std::string energy =
      fmt::format("energy, {}{}", unit_text(scatter.unit), stated(scatter.energy));
  const std::string error = "error, relative L2" + stated(scatter.error);
  return fmt::format(
             "unset label\nset title {}\nset xlabel {}\nset ylabel {}\n"
             "set key noinvert samplen 2\n",
             gnuplot_string(title), gnuplot_string(energy), gnuplot_string(error)) +
         frame_script(frame, canvas) + axis_script(scatter.energy, 'x') +
         axis_script(scatter.error, 'y') + labels_script(scatter, frame, canvas) +
         plot_script(scatter);
}

}  // namespace wattention
