#include "reports/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "reports/energy_groups.hpp"
#include "reports/gnuplot.hpp"
#include "reports/labels.hpp"
#include "reports/layers.hpp"
#include "reports/numbers.hpp"
#include "reports/text_parts.hpp"
#include "sim/error.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

constexpr std::size_t most_runs = 40;
constexpr std::size_t widest_legend = 24;  // letters

// Pixels.
constexpr double letter_width = 7.0;
constexpr double line_height = 18.0;
constexpr double legend_line = 23.0;
constexpr double left_margin = 80.0;
constexpr double top_margin = 76.0;

struct Panel {
  std::string title;
  std::vector<Layer> layers;
};

/// Sizes that both panels share.
struct Layout {
  EnergyUnit unit;
  std::size_t runs = 0;
  double highest = 0.0;  // of all bars, in `unit`
  std::vector<std::string> totals;
  std::vector<std::vector<std::string>> names;  // lines
  bool names_upright = true;                    // else rotated
  bool totals_upright = true;
  double slot_width = 0.0;
  double plot_width = 0.0;
  double plot_height = 0.0;
  double legend_width = 0.0;
  double bottom_margin = 0.0;

  double panel_width() const { return left_margin + plot_width + legend_width; }
  double width() const { return 2.0 * panel_width(); }
  double height() const { return top_margin + plot_height + bottom_margin; }
};

std::size_t longest(const std::vector<std::string>& texts) {
  std::size_t width = 0;
  for (const std::string& text : texts) width = std::max(width, width_of(text));
  return width;
}

/// `label` in at most `most_lines` lines of at most `letters`.
std::vector<std::string> name_lines(const std::string& label, std::size_t letters,
                                    std::size_t most_lines) {
  std::vector<std::string> lines = wrapped(label, letters);
  if (lines.size() > most_lines) {
    for (std::size_t i = most_lines; i < lines.size(); ++i) lines[most_lines - 1] += ' ' + lines[i];
    lines.resize(most_lines);
    lines.back() = shortened(lines.back(), letters);
  }
  return lines;
}

constexpr std::size_t most_upright = 5;

/// Room for one bar: for its name's longest word too, where names stand upright.
double slot_width(const Report& report) {
  const auto runs = static_cast<double>(report.runs.size());
  const double for_bar = std::max(40.0, report.runs.size() == 1 ? 260.0 : 320.0 / runs);
  if (report.runs.size() > most_upright) return for_bar;
  std::size_t longest_word = 0;
  for (const Run& run : report.runs) {
    longest_word = std::max(longest_word, longest(wrapped(label_of(run), widest_legend)));
  }
  return std::max(for_bar, letter_width * static_cast<double>(longest_word + 2));
}

/// Names under the bars: upright under a few, else along the bars.
void place_names(const Report& report, Layout& layout) {
  constexpr std::size_t rotated_letters = 26;
  layout.names_upright = report.runs.size() <= most_upright;
  const std::size_t letters = layout.names_upright
                                  ? static_cast<std::size_t>(layout.slot_width / letter_width) - 1
                                  : rotated_letters;
  std::size_t lines = 1;
  std::size_t longest_line = 0;
  for (const Run& run : report.runs) {
    layout.names.push_back(name_lines(label_of(run), letters, layout.names_upright ? 4 : 2));
    lines = std::max(lines, layout.names.back().size());
    longest_line = std::max(longest_line, longest(layout.names.back()));
  }
  layout.bottom_margin =
      20.0 + (layout.names_upright ? line_height * static_cast<double>(lines)
                                   : letter_width * static_cast<double>(longest_line));
}

Layout layout_of(const Report& report, std::span<const Panel> panels) {
  Layout layout;
  layout.runs = report.runs.size();
  double highest_pj = 0.0;
  for (const Run& run : report.runs) {
    highest_pj = std::max(highest_pj, drawable(run.energy_pj.total.high));
  }
  layout.unit = energy_unit(highest_pj);
  layout.highest = highest_pj / layout.unit.pj;
  for (const Run& run : report.runs) {
    const std::string low = three_digits(run.energy_pj.total.low / layout.unit.pj);
    const std::string high = three_digits(run.energy_pj.total.high / layout.unit.pj);
    layout.totals.push_back(low == high ? high : fmt::format("{}-{}", low, high));
  }
  const auto runs = static_cast<double>(layout.runs);
  layout.slot_width = slot_width(report);
  layout.plot_width = layout.slot_width * runs;
  std::size_t most = 0;
  std::size_t longest_name = 0;
  for (const Panel& panel : panels) {
    most = std::max(most, panel.layers.size());
    for (const Layer& layer : panel.layers) {
      longest_name = std::max(longest_name, width_of(printable(layer.name)));
    }
  }
  layout.legend_width =
      70.0 + letter_width * static_cast<double>(std::min(longest_name, widest_legend));
  layout.plot_height = std::max(360.0, legend_line * static_cast<double>(most + 1));
  layout.totals_upright =
      letter_width * static_cast<double>(longest(layout.totals)) < layout.slot_width;
  place_names(report, layout);
  return layout;
}

/// Room over the bars for their totals, as a factor.
double headroom(const Layout& layout) {
  const double letters = layout.totals_upright ? 2.0 : static_cast<double>(longest(layout.totals));
  return 1.0 / (1.0 - (letters * letter_width + 12.0) / layout.plot_height);
}

std::string joined_lines(const std::vector<std::string>& lines) {
  std::string result;
  for (const std::string& line : lines) {
    result += (result.empty() ? "" : ".\"\\n\".") + gnuplot_string(line);
  }
  return result;
}

std::string labels_script(const Report& report, const Layout& layout) {
  std::string script;
  for (std::size_t i = 0; i < layout.runs; ++i) {
    const double top = drawable(report.runs[i].energy_pj.total.high) / layout.unit.pj;
    script += fmt::format("set label {} at first {}, first {:.9g} {} offset 0, character 0.6\n",
                          gnuplot_string(layout.totals[i]), i + 1, top,
                          layout.totals_upright ? "center" : "left rotate by 90");
    const std::vector<std::string>& name = layout.names[i];
    const double half_block = 0.5 * static_cast<double>(name.size() - 1);  // in lines
    const std::string place =
        layout.names_upright ? "center offset 0, character -1"
                             : fmt::format("right rotate by 90 offset character {}, character -0.5",
                                           -3.4 * half_block);
    script +=
        fmt::format("set label {} at first {}, graph 0 {}\n", joined_lines(name), i + 1, place);
  }
  return script;
}

/// The boxes of one layer, on top of `floors`, which they raise.
std::string boxes_script(const Layer& layer, const Layout& layout, std::vector<double>& floors) {
  constexpr double half_width = 0.34;
  std::string script;
  for (std::size_t i = 0; i < layout.runs; ++i) {
    const double floor = floors[i];
    floors[i] += layer.heights[i] / layout.unit.pj;
    if (!(layer.heights[i] > 0.0)) continue;
    const auto x = static_cast<double>(i + 1);
    script += fmt::format("{} {:.9g} {} {} {:.9g} {:.9g}\n", x, floor, x - half_width,
                          x + half_width, floor, floors[i]);
  }
  return script + "e\n";
}

std::string whiskers_script(const Report& report, const Layout& layout) {
  std::string script;
  for (std::size_t i = 0; i < layout.runs; ++i) {
    const Range& total = report.runs[i].energy_pj.total;
    if (total.exact()) continue;
    const double low = drawable(total.low) / layout.unit.pj;
    const double high = drawable(total.high) / layout.unit.pj;
    script += fmt::format("{} {:.9g} 0 {:.9g}\n", i + 1, low, high - low);
  }
  return script.empty() ? script : script + "e\n";
}

std::string panel_script(const Report& report, const Panel& panel, const Layout& layout,
                         double left) {
  const double width = layout.width();
  const double height = layout.height();
  const double x_begin = left + left_margin;
  const double x_end = x_begin + layout.plot_width;
  std::string script = fmt::format(
      "unset label\nset title {}\nset ylabel 'energy, {}'\n"
      "set lmargin at screen {:.6f}\nset rmargin at screen {:.6f}\n"
      "set bmargin at screen {:.6f}\nset tmargin at screen {:.6f}\n"
      "set key at screen {:.6f}, screen {:.6f} left top\n",
      gnuplot_string(panel.title), layout.unit.name, x_begin / width, x_end / width,
      layout.bottom_margin / height, 1.0 - top_margin / height, (x_end + 6.0) / width,
      1.0 - top_margin / height);
  script += labels_script(report, layout);
  std::string plots;
  std::string data;
  std::vector<double> floors(layout.runs, 0.0);
  for (const Layer& layer : panel.layers) {
    plots += fmt::format("{}'-' using 1:2:3:4:5:6 with boxxyerror {} title {}",
                         plots.empty() ? "" : ", ", layer.style,
                         gnuplot_string(shortened(printable(layer.name), widest_legend)));
    data += boxes_script(layer, layout, floors);
  }
  if (const std::string whiskers = whiskers_script(report, layout); !whiskers.empty()) {
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

/// What all runs have in common, for the head of the picture.
std::string caption_of(const Report& report) {
  std::string caption;
  for (const Fact& fact : facts_of(report.runs.front())) {
    if (fact.name != "shape" && fact.name != "cost table") continue;
    const bool common = std::all_of(report.runs.begin(), report.runs.end(), [&](const Run& run) {
      const std::vector<Fact> facts = facts_of(run);
      return std::find(facts.begin(), facts.end(), fact) != facts.end();
    });
    if (common) caption += (caption.empty() ? "" : "; ") + fact.value;
  }
  return printable(caption);
}

std::string terminal_script(const Layout& layout, PlotFormat format) {
  if (format == PlotFormat::svg) {
    return fmt::format(
        "set terminal svg size {:.0f},{:.0f} fixed noenhanced font 'DejaVu Sans,12' "
        "background rgb 'white'\n",
        layout.width(), layout.height());
  }
  constexpr double scale = 2.0;  // for screens with small pixels
  return fmt::format(
      "set terminal pngcairo size {:.0f},{:.0f} noenhanced font 'DejaVu Sans,9' fontscale {} "
      "linewidth {} background rgb 'white'\n",
      scale * layout.width(), scale * layout.height(), scale, scale);
}

}  // namespace

PlotFormat plot_format(const std::string& path) {
  std::string ending = path.substr(path.size() - std::min<std::size_t>(path.size(), 4));
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (ending == ".svg") return PlotFormat::svg;
  if (ending == ".png") return PlotFormat::png;
  throw InputError("command line", "plot", "a file name that ends in .svg or .png",
                   in_quotes(path));
}

std::string draw_energy(const Report& report, PlotFormat format) {
  if (report.runs.empty() || report.runs.size() > most_runs) {
    throw Error(fmt::format("plot: expected 1 to {} runs in one picture, found {}", most_runs,
                            report.runs.size()));
  }
  const std::array<Panel, 2> panels{{{"Energy by phase", layers_by_phase(report)},
                                     {"Energy by kind of operation", layers_by_kind(report)}}};
  const Layout layout = layout_of(report, panels);
  const auto caption_letters = static_cast<std::size_t>(layout.width() / letter_width) - 4;
  const double top = layout.highest > 0.0 ? layout.highest * headroom(layout) : 1.0;
  const double side = layout.runs == 1 ? 1.0 : 0.6;
  std::string script = terminal_script(layout, format);
  script += fmt::format("set output {}\n", gnuplot_string(gnuplot_output));
  script += fmt::format(
      "set encoding utf8\nset multiplot title {}\nset border 3\nunset "
      "xtics\nset ytics nomirror\n"
      "set grid ytics linecolor rgb '#C0C0C0' linewidth 0.7\nset xrange [{}:{}]\n"
      "set yrange [0:{:.9g}]\n"
      "set key vertical Left reverse invert samplen 1.5 spacing 1.2\n",
      gnuplot_string(shortened(caption_of(report), caption_letters)), 1.0 - side,
      static_cast<double>(layout.runs) + side, top);
  script += panel_script(report, panels[0], layout, 0.0);
  script += panel_script(report, panels[1], layout, layout.panel_width());
  return run_gnuplot(script + "unset multiplot\n");
}

}  // namespace wattention
