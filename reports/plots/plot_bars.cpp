#include "reports/plots/plot_bars.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "reports/plots/gnuplot.hpp"
#include "reports/wording/printable.hpp"
#include "reports/wording/typography.hpp"

namespace wattention {
namespace {

constexpr std::size_t widest_legend = 24;  // letters
constexpr double legend_line = 23.0;       // pixels
constexpr double half_bar = 0.34;          // of a slot

/// Room over the bars for their totals, as a factor.
double headroom(const BarChart& chart) {
  const double letters = chart.totals_upright ? 2.0 : static_cast<double>(longest(chart.totals));
  return 1.0 / (1.0 - (letters * letter_width + 12.0) / chart.plot_height);
}

/// The top of the axis, in the chart's unit.
double axis_end(const BarChart& chart) {
  return chart.highest > 0.0 ? chart.highest * headroom(chart) : 1.0;
}

std::string totals_script(const BarChart& chart) {
  std::string script;
  for (std::size_t i = 0; i < chart.bars.size(); ++i) {
    const double top = drawable(chart.bars[i].total_pj.high) / chart.unit.pj;
    script += fmt::format("set label {} at first {}, first {:.9g} {} offset 0, character 0.6\n",
                          gnuplot_string(chart.totals[i]), i + 1, top,
                          chart.totals_upright ? "center" : "left rotate by 90");
  }
  return script;
}

/// The boxes of one layer, on top of `floors`, which they raise, and their names where these fit.
struct Boxes {
  std::string data;
  std::string labels;
};

/// How a segment of this height bears a name of this length: across, along, or not at all.
const char* direction_of(double name_width, double height, const BarChart& chart) {
  const double width = 2.0 * half_bar * chart.names.slot_width;
  const double pixels = height / axis_end(chart) * chart.plot_height;
  if (name_width < width && line_height < pixels) return "center";
  if (name_width < pixels && line_height < width) return "center rotate by 90";
  return nullptr;
}

Boxes boxes_of(const BarLayer& layer, const BarChart& chart, std::vector<double>& floors) {
  const std::string name = printable(layer.name);
  const double name_width = letter_width * static_cast<double>(width_of(name) + 1);
  const bool hatched = layer.style.hatch != Hatch::none;
  Boxes boxes;
  for (std::size_t i = 0; i < chart.bars.size(); ++i) {
    const double floor = floors[i];
    const double height = layer.heights[i] / chart.unit.pj;
    floors[i] += height;
    if (!(height > 0.0)) continue;
    const auto x = static_cast<double>(i + 1);
    boxes.data += fmt::format("{} {:.9g} {} {} {:.9g} {:.9g}\n", x, floor, x - half_bar,
                              x + half_bar, floor, floors[i]);
    const char* const direction = direction_of(name_width, height, chart);
    if (direction == nullptr) continue;
    boxes.labels += fmt::format(
        "set label {} at first {}, first {:.9g} {} front {} textcolor rgb '{}'\n",
        gnuplot_string(name), x, floor + 0.5 * height, direction, hatched ? "boxed" : "",
        !hatched && is_dark(layer.style.colour) ? "#FFFFFF" : "#000000");
  }
  boxes.data += "e\n";
  return boxes;
}

std::string whiskers_script(const BarChart& chart) {
  std::string script;
  for (std::size_t i = 0; i < chart.bars.size(); ++i) {
    const Range& total = chart.bars[i].total_pj;
    if (total.exact()) continue;
    const double low = drawable(total.low) / chart.unit.pj;
    const double high = drawable(total.high) / chart.unit.pj;
    script += fmt::format("{} {:.9g} 0 {:.9g}\n", i + 1, low, high - low);
  }
  return script.empty() ? script : script + "e\n";
}

std::string panel_script(const BarPanel& panel, const BarChart& chart, const Canvas& canvas,
                         double left) {
  const Box frame{left + chart.left_margin, canvas.height - chart.top_margin - chart.plot_height,
                  chart.plot_width, chart.plot_height};
  std::string script =
      fmt::format("unset label\nset title {}\nset ylabel {}\n", gnuplot_string(panel.title),
                  gnuplot_string("energy, " + unit_text(chart.unit))) +
      frame_script(frame, canvas);
  script += totals_script(chart) + bar_names_script(chart.names);
  std::string plots;
  std::string data;
  std::vector<double> floors(chart.bars.size(), 0.0);
  for (const BarLayer& layer : panel.layers) {
    plots += fmt::format("{}'-' using 1:2:3:4:5:6 with boxxyerror {} title {}",
                         plots.empty() ? "" : ", ", fill_clause(layer.style),
                         gnuplot_string(shortened(printable(layer.name), widest_legend)));
    const Boxes boxes = boxes_of(layer, chart, floors);
    data += boxes.data;
    script += boxes.labels;
  }
  if (const std::string whiskers = whiskers_script(chart); !whiskers.empty()) {
    plots += fmt::format(
        "{}'-' using 1:2:3:4 with vectors heads size graph 0.015,90 linewidth 1.5 "
        "linecolor rgb '#404040' notitle",
        plots.empty() ? "" : ", ");
    data += whiskers;
  }
  if (plots.empty()) plots = "-1 notitle";  // draws the axes only
  return script + "plot " + plots + "\n" + data;
}

double legend_width(const std::vector<BarPanel>& panels) {
  std::size_t longest_name = 0;
  for (const BarPanel& panel : panels) {
    for (const BarLayer& layer : panel.layers) {
      longest_name = std::max(longest_name, width_of(printable(layer.name)));
    }
  }
  return 70.0 + letter_width * static_cast<double>(std::min(longest_name, widest_legend));
}

}  // namespace

BarChart bar_chart(std::vector<Bar> bars, std::vector<BarPanel> panels,
                   std::string_view table_unit) {
  BarChart chart;
  chart.bars = std::move(bars);
  chart.panels = std::move(panels);
  double highest_pj = 0.0;
  std::vector<std::string> labels;
  for (const Bar& bar : chart.bars) {
    highest_pj = std::max(highest_pj, drawable(bar.total_pj.high));
    labels.push_back(bar.label);
  }
  chart.unit = energy_unit(highest_pj, table_unit);
  chart.highest = highest_pj / chart.unit.pj;
  for (const Bar& bar : chart.bars) {
    const std::string low = three_digits(bar.total_pj.low / chart.unit.pj);
    const std::string high = three_digits(bar.total_pj.high / chart.unit.pj);
    chart.totals.push_back(low == high ? high : typographic(fmt::format("{}-{}", low, high)));
  }
  chart.names = bar_names(labels);
  chart.plot_width = chart.names.slot_width * static_cast<double>(chart.bars.size());
  chart.legend_width = legend_width(chart.panels);
  std::size_t most = 0;
  for (const BarPanel& panel : chart.panels) most = std::max(most, panel.layers.size());
  chart.plot_height = std::max(360.0, legend_line * static_cast<double>(most + 1));
  chart.totals_upright =
      letter_width * static_cast<double>(longest(chart.totals)) < chart.names.slot_width;
  return chart;
}

std::string bars_script(const BarChart& chart, const Canvas& canvas) {
  const double side = chart.bars.size() == 1 ? 1.0 : 0.6;
  std::string script = fmt::format(
      "set border 3\nunset xtics\nset ytics nomirror\n"
      "set style textbox opaque fillcolor rgb '#FFFFFF' noborder margins 0.3, 0.2\n"
      "set grid ytics linecolor rgb '#C0C0C0' linewidth 0.7\nset xrange [{}:{}]\n"
      "set yrange [0:{:.9g}]\n"
      "set key vertical Left reverse invert samplen 1.5 spacing 1.2\n",
      1.0 - side, static_cast<double>(chart.bars.size()) + side, axis_end(chart));
  double left = 0.0;
  for (const BarPanel& panel : chart.panels) {
    script += panel_script(panel, chart, canvas, left);
    left += chart.panel_width();
  }
  return script;
}

}  // namespace wattention
