#include "reports/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <vector>

#include "reports/gnuplot.hpp"
#include "reports/labels.hpp"
#include "reports/phrases.hpp"
#include "reports/plot_bars.hpp"
#include "reports/plot_canvas.hpp"
#include "reports/plot_pareto.hpp"
#include "sim/error.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

constexpr std::size_t most_runs = 40;

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

std::string terminal_script(const Canvas& canvas, PlotFormat format) {
  if (format == PlotFormat::svg) {
    return fmt::format(
        "set terminal svg size {:.0f},{:.0f} fixed noenhanced font 'DejaVu Sans,12' "
        "background rgb 'white'\n",
        canvas.width, canvas.height);
  }
  constexpr double scale = 2.0;  // for screens with small pixels
  return fmt::format(
      "set terminal pngcairo size {:.0f},{:.0f} noenhanced font 'DejaVu Sans,9' fontscale {} "
      "linewidth {} pointscale {} background rgb 'white'\n",
      scale * canvas.width, scale * canvas.height, scale, scale, scale);
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
  const BarChart bars = bar_chart(report);
  const bool with_errors = has_error_panel(report);
  const Canvas canvas{bars.width(), bars.height() + (with_errors ? error_panel_height : 0.0)};
  const auto caption_letters = static_cast<std::size_t>(canvas.width / letter_width) - 4;
  std::string script = terminal_script(canvas, format);
  script += fmt::format("set output {}\nset encoding utf8\nset multiplot title {}\n",
                        gnuplot_string(gnuplot_output),
                        gnuplot_string(shortened(caption_of(report), caption_letters)));
  script += bars_script(report, bars, canvas);
  if (with_errors) {
    const double width = canvas.width - bars.left_margin - bars.legend_width;
    script += error_panel_script(report, bars.left_margin, width, canvas);
  }
  return run_gnuplot(script + "unset multiplot\n");
}

}  // namespace wattention
