#include "reports/plots/plot_tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "reports/plots/gnuplot.hpp"
#include "reports/plots/palette.hpp"
#include "reports/plots/point_labels.hpp"
#include "reports/wording/printable.hpp"
#include "reports/wording/typography.hpp"
#include "sim/error.hpp"

namespace wattention {
namespace {

constexpr std::size_t most_curves = 12;
constexpr std::size_t label_letters = 26;

std::string tokens_text(double tokens) { return fmt::format("{:.0f}", tokens); }

/// What crosses what, in lines.
std::vector<std::string> crossings_text(const std::vector<Crossover>& crossings, double width) {
  constexpr std::size_t most_told = 16;
  std::string text;
  for (std::size_t i = 0; i < std::min(crossings.size(), most_told); ++i) {
    const Crossover& crossing = crossings[i];
    text += fmt::format("{}{} below {} from {}", text.empty() ? "" : "; ", crossing.after,
                        crossing.before, tokens_text(crossing.tokens));
  }
  if (text.empty()) return {};
  if (crossings.size() > most_told) {
    text += fmt::format("; and {} more", crossings.size() - most_told);
  }
  return wrapped(printable("Crossings, interpolated, in tokens: " + text),
                 static_cast<std::size_t>(width / letter_width));
}

std::vector<Tic> token_tics(const TokensChart& chart) {
  std::vector<double> counts;
  for (const EnergyCurve& curve : chart.curves) {
    for (const CurvePoint& point : curve.points) counts.push_back(point.tokens);
  }
  std::ranges::sort(counts);
  std::vector<Tic> tics;
  double free_from = 0.0;  // pixels
  for (const double tokens : counts) {
    std::string label = tokens_text(tokens);
    const double half = 0.5 * letter_width * static_cast<double>(label.size() + 1);
    const double at = chart.frame.width * chart.tokens.position(tokens);
    if (!tics.empty() && at - half < free_from) continue;
    tics.push_back({tokens, std::move(label)});
    free_from = at + half;
  }
  return tics;
}

std::vector<Tic> energy_tics(const Axis& axis, std::string_view table_unit) {
  std::vector<Tic> tics;
  for (const double pj : logarithmic_tics(axis)) {
    const EnergyUnit unit = energy_unit(pj, table_unit);
    tics.push_back({pj, fmt::format("{:g} {}", pj / unit.pj, unit_text(unit))});
  }
  return tics;
}

std::pair<double, double> pixels_of(const TokensChart& chart, double tokens, double pj) {
  return {chart.frame.left + chart.frame.width * chart.tokens.position(tokens),
          chart.frame.bottom + chart.frame.height * chart.energy.position(pj)};
}

std::vector<Segment> segments_of(const TokensChart& chart) {
  std::vector<Segment> segments;
  for (const EnergyCurve& curve : chart.curves) {
    for (std::size_t i = 1; i < curve.points.size(); ++i) {
      const CurvePoint& from = curve.points[i - 1];
      const CurvePoint& to = curve.points[i];
      const auto [x0, y0] = pixels_of(chart, from.tokens, from.energy_pj.middle());
      const auto [x1, y1] = pixels_of(chart, to.tokens, to.energy_pj.middle());
      segments.push_back({x0, y0, x1, y1});
    }
  }
  return segments;
}

/// Crossings so close that their rings would lie on each other, as one.
struct Ring {
  double tokens = 0.0;
  double energy_pj = 0.0;
  double least = 0.0;  // tokens
  double most = 0.0;

  std::string text() const {
    const std::string from = tokens_text(least);
    const std::string to = tokens_text(most);
    return from == to ? from : typographic(from + "-" + to);
  }
};

std::vector<Ring> rings_of(const TokensChart& chart) {
  constexpr double reach = 16.0;
  std::vector<Ring> rings;
  for (const Crossover& crossing : chart.crossings) {
    const auto place = pixels_of(chart, crossing.tokens, crossing.energy_pj);
    const auto near = std::ranges::find_if(rings, [&](const Ring& ring) {
      const auto [x, y] = pixels_of(chart, ring.tokens, ring.energy_pj);
      return std::hypot(place.first - x, place.second - y) < reach;
    });
    if (near == rings.end()) {
      rings.push_back({crossing.tokens, crossing.energy_pj, crossing.tokens, crossing.tokens});
    } else {
      near->least = std::min(near->least, crossing.tokens);
      near->most = std::max(near->most, crossing.tokens);
    }
  }
  return rings;
}

std::string label_at(const std::string& text, const PlacedLabel& label, const Canvas& canvas,
                     std::string_view colour) {
  const Box& box = label.box;
  std::string script;
  if (label.leader) {
    script = fmt::format(
        "set arrow from screen {:.6f}, screen {:.6f} to screen {:.6f}, screen {:.6f} nohead back "
        "linecolor rgb '#909090' linewidth 0.8\n",
        label.leader->x0 / canvas.width, label.leader->y0 / canvas.height,
        label.leader->x1 / canvas.width, label.leader->y1 / canvas.height);
  }
  return script +
         fmt::format("set label {} at screen {:.6f}, screen {:.6f} center textcolor rgb '{}'\n",
                     gnuplot_string(text), (box.left + 0.5 * box.width) / canvas.width,
                     (box.top() - 0.5 * line_height) / canvas.height, colour);
}

/// Names at the ends of curves, to the right of the axes, and the tokens of crossings.
std::string labels_script(const TokensChart& chart) {
  std::vector<LabelledPoint> ends;
  std::vector<std::string> names;
  for (const EnergyCurve& curve : chart.curves) {
    const CurvePoint& last = curve.points.back();
    const auto [x, y] = pixels_of(chart, last.tokens, last.energy_pj.middle());
    names.push_back(shortened(printable(curve.label), label_letters));
    ends.push_back(
        {x, y, letter_width * static_cast<double>(width_of(names.back()) + 1), line_height});
  }
  const Box right{chart.frame.left, chart.frame.bottom, chart.canvas.width - chart.frame.left - 4.0,
                  chart.frame.height + line_height};
  std::vector<LabelledPoint> crossings;
  for (const Ring& ring : rings_of(chart)) {
    const auto [x, y] = pixels_of(chart, ring.tokens, ring.energy_pj);
    names.push_back(ring.text());
    crossings.push_back(
        {x, y, letter_width * static_cast<double>(width_of(names.back()) + 1), line_height});
  }
  std::vector<LabelledPoint> points = ends;
  points.insert(points.end(), crossings.begin(), crossings.end());
  const std::vector<PlacedLabel> labels = place_labels(points, right, segments_of(chart));
  std::string script;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    script += label_at(names[i], labels[i], chart.canvas, "#000000");
  }
  double y = chart.frame.bottom - 64.0;
  for (const std::string& line : chart.text) {
    script +=
        fmt::format("set label {} at screen {:.6f}, screen {:.6f} left\n", gnuplot_string(line),
                    chart.frame.left / chart.canvas.width, y / chart.canvas.height);
    y -= line_height;
  }
  return script;
}

std::string curves_script(const TokensChart& chart) {
  constexpr std::array<int, 6> points{7, 5, 9, 13, 11, 4};  // of gnuplot's terminals
  std::string plots;
  std::string data;
  for (std::size_t i = 0; i < chart.curves.size(); ++i) {
    const EnergyCurve& curve = chart.curves[i];
    plots += fmt::format(
        "{}'-' using 1:2 with linespoints linewidth 2 dashtype {} pointtype {} pointsize 0.9 "
        "linecolor rgb '{}' notitle",
        plots.empty() ? "" : ", ", i % 5 + 1, points[i % points.size()], curve_colour(i));
    std::string whiskers;
    for (const CurvePoint& point : curve.points) {
      data += fmt::format("{:.9g} {:.9g}\n", point.tokens, point.energy_pj.middle());
      if (point.energy_pj.exact()) continue;
      const double low = std::max(point.energy_pj.low, chart.energy.begin);
      whiskers +=
          fmt::format("{:.9g} {:.9g} 0 {:.9g}\n", point.tokens, low, point.energy_pj.high - low);
    }
    data += "e\n";
    if (whiskers.empty()) continue;
    plots += fmt::format(
        ", '-' using 1:2:3:4 with vectors heads size graph 0.008,90 linewidth 1.2 "
        "linecolor rgb '{}' notitle",
        curve_colour(i));
    data += whiskers + "e\n";
  }
  if (!chart.crossings.empty()) {
    plots +=
        ", '-' using 1:2 with points pointtype 6 pointsize 2.2 linewidth 1.6 "
        "linecolor rgb '#404040' notitle";
    for (const Ring& ring : rings_of(chart)) {
      data += fmt::format("{:.9g} {:.9g}\n", ring.tokens, ring.energy_pj);
    }
    data += "e\n";
  }
  return "plot " + plots + "\n" + data;
}

}  // namespace

TokensChart tokens_chart(const Report& report) {
  TokensChart chart;
  chart.curves = energy_curves(report);
  if (chart.curves.empty() || chart.curves.size() > most_curves) {
    throw Error(fmt::format("plot: expected 1 to {} curves in one picture, found {}", most_curves,
                            chart.curves.size()));
  }
  chart.crossings = crossovers(chart.curves);
  std::vector<double> tokens;
  std::vector<double> energies;
  std::size_t longest_name = 0;
  for (const EnergyCurve& curve : chart.curves) {
    longest_name = std::max(longest_name, width_of(printable(curve.label)));
    for (const CurvePoint& point : curve.points) {
      tokens.push_back(point.tokens);
      energies.insert(energies.end(), {point.energy_pj.middle(), point.energy_pj.high});
      if (point.energy_pj.low > 0.0) energies.push_back(point.energy_pj.low);
    }
  }
  chart.tokens = logarithmic_axis_around(tokens);
  chart.energy = logarithmic_axis_around(energies);
  constexpr double plot_width = 640.0;
  constexpr double plot_height = 460.0;
  const double names_width =
      letter_width * static_cast<double>(std::min(longest_name, label_letters) + 3);
  chart.text = crossings_text(chart.crossings, plot_width + names_width);
  const double below = 66.0 + line_height * static_cast<double>(chart.text.size());
  chart.frame = {96.0, below, plot_width, plot_height};
  chart.canvas = {chart.frame.right() + names_width, chart.frame.top() + 64.0};
  return chart;
}

std::string tokens_script(const TokensChart& chart) {
  return "set border 3\nset title 'Energy against tokens'\nset xlabel 'tokens'\n"
         "set ylabel 'energy'\nunset key\n"
         "set grid xtics ytics linecolor rgb '#D8D8D8' linewidth 0.7\n" +
         frame_script(chart.frame, chart.canvas) + "unset key\n" +
         axis_script(chart.tokens, 'x', token_tics(chart)) +
         axis_script(chart.energy, 'y', energy_tics(chart.energy, chart.curves.front().unit)) +
         labels_script(chart) + curves_script(chart);
}

}  // namespace wattention
