#include "reports/plots/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <vector>

#include "reports/document/phrases.hpp"
#include "reports/findings/comparable_runs.hpp"
#include "reports/findings/crossover.hpp"
#include "reports/findings/energy_groups.hpp"
#include "reports/findings/rankings.hpp"
#include "reports/plots/gnuplot.hpp"
#include "reports/plots/plot_bars.hpp"
#include "reports/plots/plot_canvas.hpp"
#include "reports/plots/plot_pareto.hpp"
#include "reports/plots/plot_savings.hpp"
#include "reports/plots/plot_tokens.hpp"
#include "reports/wording/printable.hpp"
#include "sim/error.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

constexpr std::size_t most_bars = 40;

void demand_bars(std::size_t bars, const char* what) {
  if (bars != 0 && bars <= most_bars) return;
  throw Error(
      fmt::format("plot: expected 1 to {} {} in one picture, found {}", most_bars, what, bars));
}

template <class AnyRun>
void demand_one_unit(const std::vector<AnyRun>& runs) {
  const AnyRun* const other = first_of_another_unit(runs);
  if (other == nullptr) return;
  const Run::Table& table = runs.front().table;
  throw Error(fmt::format("plot: expected energies in one unit, found {} of {} and {} of {}",
                          table.unit, table.name, other->table.unit, other->table.name));
}

/// Those facts named that all runs have in common, for the head of the picture.
template <class AnyRun>
std::string caption_of(const std::vector<AnyRun>& runs, const std::vector<std::string>& names) {
  std::string caption;
  const std::vector<Fact> first = facts_of(runs.front());
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (std::ranges::find(names, first[i].name) == names.end()) continue;
    const bool common =
        std::ranges::all_of(runs, [&](const AnyRun& run) { return facts_of(run)[i] == first[i]; });
    if (common) caption += (caption.empty() ? "" : "; ") + first[i].value;
  }
  return printable(caption);
}

std::string drawn(const Canvas& canvas, PlotFormat format, const std::string& caption,
                  const std::string& panels) {
  const auto letters = static_cast<std::size_t>(canvas.width / letter_width) - 4;
  return run_gnuplot(terminal_script(canvas, format) +
                     fmt::format("set output {}\nset encoding utf8\nset multiplot title {}\n",
                                 gnuplot_string(gnuplot_output),
                                 gnuplot_string(shortened(caption, letters))) +
                     panels + "unset multiplot\n");
}

/// A bar for each run, with its groups in two panels.
template <class AnyRun>
BarChart bars_of(const std::vector<AnyRun>& runs, const std::string& first_title,
                 const Palette& first_palette) {
  const std::vector<std::string> labels = labels_of(runs);
  std::vector<Bar> bars;
  std::vector<std::vector<EnergyGroup>> groups;
  std::vector<std::vector<EnergyGroup>> kinds;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    bars.push_back({printable(labels[i]), runs[i].energy_pj.total});
    groups.push_back(energy_by_phase(runs[i]));
    kinds.push_back(energy_by_kind(runs[i]));
  }
  return bar_chart(std::move(bars),
                   {{first_title, layers_of(groups, first_palette)},
                    {"Energy by kind of operation", layers_of(kinds, operation_palette())}},
                   runs.front().table.unit);
}

}  // namespace

PlotFormat plot_format(const std::string& path) {
  std::string ending = path.substr(path.size() - std::min<std::size_t>(path.size(), 4));
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (ending == ".svg") return PlotFormat::svg;
  if (ending == ".png") return PlotFormat::png;
  if (ending == ".pdf") return PlotFormat::pdf;
  throw InputError("plot", "a file name that ends in .svg, .png or .pdf", in_quotes(path));
}

std::string draw_plot(const Report& all, PlotFormat format) {
  const Report report = rankings_of(all) ? under_first_table(all) : all;
  demand_one_unit(report.runs);
  demand_one_unit(report.networks);
  if (!report.networks.empty()) return draw_networks(report, format);
  return has_several_token_counts(report) ? draw_tokens(report, format)
                                          : draw_energy(report, format);
}

std::string draw_energy(const Report& report, PlotFormat format) {
  demand_bars(report.runs.size(), "runs");
  const BarChart bars = bars_of(report.runs, "Energy by phase", phase_palette());
  const bool with_errors = has_error_panel(report);
  const Canvas canvas{bars.width(), bars.height() + (with_errors ? error_panel_height : 0.0)};
  std::string panels = bars_script(bars, canvas);
  if (with_errors) {
    const double width = canvas.width - bars.left_margin - bars.legend_width;
    panels += error_panel_script(report, bars.left_margin, width, canvas);
  }
  return drawn(canvas, format, caption_of(report.runs, {"shape", "cost table"}), panels);
}

std::string draw_tokens(const Report& report, PlotFormat format) {
  const TokensChart chart = tokens_chart(report);
  return drawn(chart.canvas, format, caption_of(report.runs, {"cost table"}), tokens_script(chart));
}

std::string draw_networks(const Report& report, PlotFormat format) {
  demand_bars(report.networks.size(), "networks");
  const BarChart bars = bars_of(report.networks, "Energy by kind of layer", layer_palette());
  const std::vector<Saving> savings = savings_of(report.networks);
  const SavingsChart chart = savings_chart(savings, bars.left_margin);
  const Canvas canvas{std::max(bars.width(), chart.width), bars.height() + chart.height};
  std::string panels = bars_script(bars, canvas);
  if (!savings.empty()) panels += savings_script(chart, canvas);
  return drawn(canvas, format, caption_of(report.networks, {"network", "cost table"}), panels);
}

}  // namespace wattention
