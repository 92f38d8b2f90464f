#include "reports/plots/plot_savings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/findings/comparable_runs.hpp"
#include "reports/plots/gnuplot.hpp"
#include "reports/plots/palette.hpp"
#include "reports/wording/numbers.hpp"
#include "reports/wording/printable.hpp"
#include "reports/wording/typography.hpp"

namespace wattention {
namespace {

constexpr double plot_height = 260.0;
constexpr double above_frame = 44.0;
constexpr double lowest_drawn = -400.0;

std::string saving_text(const Range& percent_saved) {
  const std::string low = percent(percent_saved.low / 100.0);
  const std::string high = percent(percent_saved.high / 100.0);
  return typographic(low == high ? low : low + " to " + high);
}

std::string title_of(const std::vector<Saving>& savings) {
  const std::string& first = savings.front().baseline;
  const bool one =
      std::ranges::all_of(savings, [&](const Saving& saving) { return saving.baseline == first; });
  return "Energy saved against " + (one ? first : "the first run of the same network");
}

}  // namespace

std::vector<Saving> savings_of(const std::vector<NetworkRun>& networks) {
  const std::vector<std::string> labels = labels_of(networks);
  const std::vector<std::size_t> baselines = baselines_of(settings_of(networks));
  std::vector<std::string> attentions;
  std::vector<Saving> savings;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const Range& first = networks[baselines[i]].energy_pj.total;
    const Range& total = networks[i].energy_pj.total;
    if (baselines[i] == i || !(first.low > 0.0) || !std::isfinite(total.high) ||
        !std::isfinite(first.high)) {
      continue;
    }
    const auto attention = std::ranges::find(attentions, networks[i].attention);
    const auto number = static_cast<std::size_t>(attention - attentions.begin());
    if (attention == attentions.end()) attentions.push_back(networks[i].attention);
    const double at_low = 100.0 * (1.0 - total.low / first.low);
    const double at_high = 100.0 * (1.0 - total.high / first.high);
    savings.push_back({printable(labels[i]),
                       printable(networks[baselines[i]].attention),
                       number,
                       {std::min(at_low, at_high), std::max(at_low, at_high)}});
  }
  return savings;
}

SavingsChart savings_chart(const std::vector<Saving>& savings, double left) {
  SavingsChart chart{savings, {}, left};
  if (savings.empty()) return chart;
  std::vector<std::string> labels;
  labels.reserve(savings.size());
  for (const Saving& saving : savings) labels.push_back(saving.label);
  chart.names = bar_names(labels);
  const double plot_width = chart.names.slot_width * static_cast<double>(savings.size());
  chart.width = left + plot_width + left;
  chart.height = above_frame + plot_height + chart.names.bottom_margin + line_height;
  return chart;
}

std::string savings_script(const SavingsChart& chart, const Canvas& canvas) {
  const auto bars = static_cast<double>(chart.savings.size());
  const Box frame{chart.left, chart.names.bottom_margin, chart.names.slot_width * bars,
                  plot_height};
  double lowest = 0.0;
  for (const Saving& saving : chart.savings) lowest = std::min(lowest, saving.percent.low);
  lowest = std::max(lowest, lowest_drawn);
  const double begin = lowest < 0.0 ? 1.25 * lowest : 0.0;
  std::string script = fmt::format(
      "unset label\nunset arrow\nunset logscale\nset title {}\nset ylabel 'energy saved, %'\n"
      "unset xlabel\nunset key\nunset xtics\nset ytics nomirror autofreq\nset xrange [0.4:{}]\n"
      "set yrange [{:.9g}:115]\nset style fill solid 1.0 noborder\n"
      "set arrow from graph 0, first 0 to graph 1, first 0 nohead linecolor rgb '#404040'\n",
      gnuplot_string(title_of(chart.savings)), bars + 0.6, begin);
  script += frame_script(frame, canvas) + "unset key\n" + bar_names_script(chart.names);
  std::string plots;
  std::string data;
  for (std::size_t i = 0; i < chart.savings.size(); ++i) {
    const Saving& saving = chart.savings[i];
    const double end = std::max(saving.percent.middle(), lowest_drawn);
    const auto x = static_cast<double>(i + 1);
    plots += fmt::format("{}'-' using 1:2:3:4:5:6 with boxxyerror {}", i == 0 ? "" : ", ",
                         fill_clause({curve_colour(saving.attention + 1)}));
    data += fmt::format("{0} 0 {1} {2} {3:.9g} {4:.9g}\ne\n", x, x - 0.34, x + 0.34,
                        std::min(end, 0.0), std::max(end, 0.0));
    script += fmt::format("set label {} at first {}, first {:.9g} center offset 0, character {}\n",
                          gnuplot_string(saving_text(saving.percent)), x,
                          std::max(end, std::min(saving.percent.high, 100.0)),
                          end < 0.0 ? "-0.8" : "0.6");
    if (saving.percent.exact()) continue;
    plots +=
        ", '-' using 1:2:3:4 with vectors heads size graph 0.01,90 linewidth 1.5 "
        "linecolor rgb '#404040'";
    const double low = std::max(saving.percent.low, begin);
    data += fmt::format("{} {:.9g} 0 {:.9g}\ne\n", x, low, saving.percent.high - low);
  }
  return script + "plot " + plots + "\n" + data;
}

}  // namespace wattention
