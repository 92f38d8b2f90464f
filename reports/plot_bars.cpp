#include "reports/plot_bars.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/gnuplot.hpp"
#include "reports/labels.hpp"
#include "reports/settings.hpp"

namespace wattention {
namespace {

constexpr std::size_t widest_legend = 24;  // letters
constexpr double legend_line = 23.0;       // pixels

constexpr std::size_t most_upright = 5;

/// Room for one bar: for its name's longest word too, where names stand upright.
double slot_width(const Report& report) {
  const auto runs = static_cast<double>(report.runs.size());
  const double for_bar = std::max(40.0, report.runs.size() == 1 ? 260.0 : 320.0 / runs);
  if (report.runs.size() > most_upright) return for_bar;
  std::size_t longest_word = 0;
  for (const Run& run : report.runs) {
    longest_word =
        std::max(longest_word, longest(wrapped(printable(label_of(run)), widest_legend)));
  }
  return std::max(for_bar, letter_width * static_cast<double>(longest_word + 2));
}

/// Names under the bars: upright under a few, else along the bars.
void place_names(const Report& report, BarChart& chart) {
  constexpr std::size_t rotated_letters = 26;
  chart.names_upright = report.runs.size() <= most_upright;
  const std::size_t letters = chart.names_upright
                                  ? static_cast<std::size_t>(chart.slot_width / letter_width) - 1
                                  : rotated_letters;
  std::size_t lines = 1;
  std::size_t longest_line = 0;
  for (const Run& run : report.runs) {
    chart.names.push_back(
        name_lines(printable(label_of(run)), letters, chart.names_upright ? 4 : 2));
    lines = std::max(lines, chart.names.back().size());
    longest_line = std::max(longest_line, longest(chart.names.back()));
  }
  chart.bottom_margin =
      20.0 + (chart.names_upright ? line_height * static_cast<double>(lines)
                                  : letter_width * static_cast<double>(longest_line));
}

/// Room over the bars for their totals, as a factor.
double headroom(const BarChart& chart) {
  const double letters = chart.totals_upright ? 2.0 : static_cast<double>(longest(chart.totals));
  return 1.0 / (1.0 - (letters * letter_width + 12.0) / chart.plot_height);
}

std::string labels_script(const Report& report, const BarChart& chart) {
  std::string script;
  for (std::size_t i = 0; i < chart.runs; ++i) {
    const double top = drawable(report.runs[i].energy_pj.total.high) / chart.unit.pj;
    script += fmt::format("set label {} at first {}, first {:.9g} {} offset 0, character 0.6\n",
                          gnuplot_string(chart.totals[i]), i + 1, top,
                          chart.totals_upright ? "center" : "left rotate by 90");
    const std::vector<std::string>& name = chart.names[i];
    const double half_block = 0.5 * static_cast<double>(name.size() - 1);  // in lines
    const std::string place =
        chart.names_upright ? "center offset 0, character -1"
                            : fmt::format("right rotate by 90 offset character {}, character -0.5",
                                          -3.4 * half_block);
    script +=
        fmt::format("set label {} at first {}, graph 0 {}\n", joined_lines(name), i + 1, place);
  }
  return script;
}

/// The boxes of one layer, on top of `floors`, which they raise.
std::string boxes_script(const Layer& layer, const BarChart& chart, std::vector<double>& floors) {
  constexpr double half_width = 0.34;
  std::string script;
  for (std::size_t i = 0; i < chart.runs; ++i) {
    const double floor = floors[i];
    floors[i] += layer.heights[i] / chart.unit.pj;
    if (!(layer.heights[i] > 0.0)) continue;
    const auto x = static_cast<double>(i + 1);
    script += fmt::format("{} {:.9g} {} {} {:.9g} {:.9g}\n", x, floor, x - half_width,
                          x + half_width, floor, floors[i]);
  }
  return script + "e\n";
}

std::string whiskers_script(const Report& report, const BarChart& chart) {
  std::string script;
  for (std::size_t i = 0; i < chart.runs; ++i) {
    const Range& total = report.runs[i].energy_pj.total;
    if (total.exact()) continue;
    const double low = drawable(total.low) / chart.unit.pj;
    const double high = drawable(total.high) / chart.unit.pj;
    script += fmt::format("{} {:.9g} 0 {:.9g}\n", i + 1, low, high - low);
  }
  return script.empty() ? script : script + "e\n";
}

std::string panel_script(const Report& report, const BarPanel& panel, const BarChart& chart,
                         const Canvas& canvas, double left) {
  const Box frame{left + chart.left_margin, canvas.height - chart.top_margin - chart.plot_height,
                  chart.plot_width, chart.plot_height};
  std::string script = fmt::format("unset label\nset title {}\nset ylabel 'energy, {}'\n",
                                   gnuplot_string(panel.title), chart.unit.name) +
                       frame_script(frame, canvas);
  script += labels_script(report, chart);
  std::string plots;
  std::string data;
  std::vector<double> floors(chart.runs, 0.0);
  for (const Layer& layer : panel.layers) {
    plots += fmt::format("{}'-' using 1:2:3:4:5:6 with boxxyerror {} title {}",
                         plots.empty() ? "" : ", ", layer.style,
                         gnuplot_string(shortened(printable(layer.name), widest_legend)));
    data += boxes_script(layer, chart, floors);
  }
  if (const std::string whiskers = whiskers_script(report, chart); !whiskers.empty()) {
    plots += fmt::format(
        "{}'-' using 1:2:3:4 with vectors heads size graph 0.015,90 linewidth 1.5 linecolor rgb "
        "'#404040' "
        "notitle",
        plots.empty() ? "" : ", ");
    data += whiskers;
  }
  if (plots.empty()) plots = "-1 notitle";  // draws the axes only
  return script + "plot " + plots + "\n" + data;
}

}  // namespace

BarChart bar_chart(const Report& report) {
  BarChart chart;
  chart.panels = {{"Energy by phase", layers_by_phase(report)},
                  {"Energy by kind of operation", layers_by_kind(report)}};
  chart.runs = report.runs.size();
  double highest_pj = 0.0;
  for (const Run& run : report.runs) {
    highest_pj = std::max(highest_pj, drawable(run.energy_pj.total.high));
  }
  chart.unit = energy_unit(highest_pj);
  chart.highest = highest_pj / chart.unit.pj;
  for (const Run& run : report.runs) {
    const std::string low = three_digits(run.energy_pj.total.low / chart.unit.pj);
    const std::string high = three_digits(run.energy_pj.total.high / chart.unit.pj);
    chart.totals.push_back(low == high ? high : fmt::format("{}-{}", low, high));
  }
  const auto runs = static_cast<double>(chart.runs);
  chart.slot_width = slot_width(report);
  chart.plot_width = chart.slot_width * runs;
  std::size_t most = 0;
  std::size_t longest_name = 0;
  for (const BarPanel& panel : chart.panels) {
    most = std::max(most, panel.layers.size());
    for (const Layer& layer : panel.layers) {
      longest_name = std::max(longest_name, width_of(printable(layer.name)));
    }
  }
  chart.legend_width =
      70.0 + letter_width * static_cast<double>(std::min(longest_name, widest_legend));
  chart.plot_height = std::max(360.0, legend_line * static_cast<double>(most + 1));
  chart.totals_upright =
      letter_width * static_cast<double>(longest(chart.totals)) < chart.slot_width;
  place_names(report, chart);
  return chart;
}

std::string bars_script(const Report& report, const BarChart& chart, const Canvas& canvas) {
  const double top = chart.highest > 0.0 ? chart.highest * headroom(chart) : 1.0;
  const double side = chart.runs == 1 ? 1.0 : 0.6;
  std::string script = fmt::format(
      "set border 3\nunset xtics\nset ytics nomirror\n"
      "set grid ytics linecolor rgb '#C0C0C0' linewidth 0.7\nset xrange [{}:{}]\n"
      "set yrange [0:{:.9g}]\n"
      "set key vertical Left reverse invert samplen 1.5 spacing 1.2\n",
      1.0 - side, static_cast<double>(chart.runs) + side, top);
  double left = 0.0;
  for (const BarPanel& panel : chart.panels) {
    script += panel_script(report, panel, chart, canvas, left);
    left += chart.panel_width();
  }
  return script;
}

}  // namespace wattention
