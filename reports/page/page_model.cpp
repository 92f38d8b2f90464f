#include "reports/page/page_model.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "reports/document/baselines.hpp"
#include "reports/document/phrases.hpp"
#include "reports/findings/comparable_runs.hpp"
#include "reports/findings/crossover.hpp"
#include "reports/findings/energy_groups.hpp"
#include "reports/findings/memory_levels.hpp"
#include "reports/findings/rankings.hpp"
#include "reports/formats/json_parts.hpp"
#include "reports/page/page_prices.hpp"
#include "reports/plots/palette.hpp"
#include "reports/wording/utf8.hpp"

namespace wattention {
namespace {

using Json = OrderedJson;
using Names = std::vector<std::string>;

std::size_t place_of(Names& names, const std::string& name) {
  const auto known = std::ranges::find(names, name);
  if (known != names.end()) return static_cast<std::size_t>(known - names.begin());
  names.push_back(name);
  return names.size() - 1;
}

Json style_json(const std::string& name, const Style& style) {
  constexpr std::array<std::string_view, 5> hatches{"", "rising", "falling", "crossed", "dense"};
  return {{"name", cleaned(name)},
          {"colour", style.colour},
          {"hatch", hatches[static_cast<std::size_t>(style.hatch)]}};
}

/// `names` with their styles, and where each stands in the order of the palette.
Json styles_json(const Names& names, const Palette& palette) {
  const std::vector<Style> styles = styles_of(palette, names);
  Json list = Json::array();
  for (std::size_t i = 0; i < names.size(); ++i) {
    Json style = style_json(names[i], styles[i]);
    style["place"] = std::ranges::find(palette, names[i], &NamedStyle::name) - palette.begin();
    list.push_back(std::move(style));
  }
  return list;
}

/// The levels of memory of all runs, and whether each is off the chip.
struct Levels {
  Names names;
  std::vector<bool> off_chip;

  std::size_t place(const TrafficLine& line) {
    const std::size_t number = place_of(names, line.level);
    if (number == off_chip.size()) off_chip.push_back(line.off_chip);
    return number;
  }
  Json json() const {
    Json list = Json::array();
    std::array<std::size_t, 2> count{};
    for (std::size_t i = 0; i < names.size(); ++i) {
      list.push_back(
          style_json(names[i], level_style(count.at(off_chip[i] ? 1 : 0)++, off_chip[i])));
      list.back()["off_chip"] = bool{off_chip[i]};
    }
    return list;
  }
};

Json amounts_json(const std::vector<PricedAmount>& amounts) {
  Json list = Json::array();
  for (const PricedAmount& part : amounts) {
    list.push_back({part.price, part.amount});
  }
  return list;
}

class Section {
 public:
  explicit Section(PriceList& prices) : prices_(prices) {}

  Json operations(const std::vector<OperationLine>& lines, const Run::Table& table) {
    Json list = Json::array();
    for (const OperationLine& line : lines) {
      for (const PricedAmount& part : prices_.of_operation(line, table)) {
        list.push_back({place_of(groups_, line.phase), part.price, line.count});
      }
    }
    return list;
  }

  Json traffic(const std::vector<TrafficLine>& lines, const Run::Table& table) {
    Json list = Json::array();
    for (const TrafficLine& line : lines) {
      list.push_back({place_of(groups_, line.phase), levels_.place(line), line.read_bytes,
                      line.write_bytes, amounts_json(prices_.of_traffic(line, table))});
    }
    return list;
  }

  /// The paper charges multiplications and additions in fp32: where these have no price here, since
  /// nothing executed them, its energy is a number that no price changes.
  Json reconciliation(const std::vector<ReconciledItem>& items, const Run::Table& table) {
    Json list = Json::array();
    for (const ReconciledItem& item : items) {
      Json executed = Json::array();
      for (const OperationLine& line : item.executed) {
        for (const PricedAmount& part : prices_.of_operation(line, table)) {
          executed.push_back({part.price, line.count});
        }
      }
      list.push_back({{"kind", cleaned(item.kind)},
                      {"item", cleaned(item.item)},
                      {"verdict", text_of(item.verdict)},
                      {"executed", std::move(executed)},
                      {"paper", {item.paper_multiplications, item.paper_additions}},
                      {"paper_pj", {item.paper_pj.low, item.paper_pj.high}}});
    }
    return list;
  }

  Json json(std::string_view what, const std::string& unit, const Palette& palette,
            Json items) const {
    Names kinds;
    for (const NamedStyle& kind : operation_palette()) kinds.emplace_back(kind.name);
    return {{"what", what},
            {"unit", unit},
            {"groups", styles_json(groups_, palette)},
            {"kinds", styles_json(kinds, operation_palette())},
            {"levels", levels_.json()},
            {"items", std::move(items)}};
  }

 private:
  PriceList& prices_;
  Names groups_;
  Levels levels_;
};

/// What runs and networks have in common.
Json item_json(const Result& run, const std::string& label, Section& section) {
  return {{"label", cleaned(label)},
          {"table", cleaned(run.table.name)},
          {"memory", run.memory == "none" ? "" : policy_text(run.memory)},
          {"totals", json_of(run.totals)},
          {"operations", section.operations(run.operations, run.table)},
          {"reconciliation", section.reconciliation(run.reconciliation, run.table)},
          {"seconds", run.host_seconds ? number(*run.host_seconds) : Json(nullptr)}};
}

Json section_of_runs(const Report& report, PriceList& prices) {
  const std::vector<Run>& runs = report.runs;
  const std::vector<std::string> labels = labels_of(runs);
  const std::vector<std::size_t> settings = settings_of(runs);
  const std::vector<std::size_t> baselines = baselines_of(settings);
  const std::vector<std::string> curve_labels = labels_but_tokens(runs);
  const std::vector<std::size_t> curve_settings = settings_but_tokens(runs);
  Section section(prices);
  Json items = Json::array();
  for (std::size_t i = 0; i < runs.size(); ++i) {
    Json item = item_json(runs[i], labels[i], section);
    item["baseline"] = baselines[i];
    if (const std::size_t flash = run_named(runs, settings, i, "flash"); flash < runs.size()) {
      item["flash"] = flash;
    }
    item["setting"] = settings[i];
    item["curve"] = {{"label", cleaned(curve_labels[i])}, {"setting", curve_settings[i]}};
    item["tokens"] = runs[i].shape.queries;
    item["traffic"] = section.traffic(runs[i].traffic, runs[i].table);
    item["error"] = json_of(runs[i].error_vs_softmax);
    items.push_back(std::move(item));
  }
  Json json = section.json("runs", runs.front().table.unit, phase_palette(), std::move(items));
  json["curve_colours"] = Json::array();
  constexpr std::size_t different_colours = 8;
  for (std::size_t i = 0; i < different_colours; ++i) {
    json["curve_colours"].push_back(curve_colour(i));
  }
  json["several_token_counts"] = has_several_token_counts(report);
  return json;
}

Json section_of_networks(const std::vector<NetworkRun>& networks, PriceList& prices) {
  const std::vector<std::string> labels = labels_of(networks);
  const std::vector<std::size_t> settings = settings_of(networks);
  const std::vector<std::size_t> baselines = baselines_of(settings);
  Section section(prices);
  Json items = Json::array();
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const NetworkRun& run = networks[i];
    Json item = item_json(run, labels[i], section);
    item["baseline"] = baselines[i];
    if (const std::size_t flash = run_named(networks, settings, i, "flash");
        flash < networks.size()) {
      item["flash"] = flash;
    }
    item["setting"] = settings[i];
    item["traffic"] = section.traffic(run.traffic, run.table);
    item["error"] = json_of(run.error_vs_native);
    if (run.accuracy) item["accuracy"] = number(run.accuracy->top1());
    items.push_back(std::move(item));
  }
  return section.json("networks", networks.front().table.unit, layer_palette(), std::move(items));
}

}  // namespace

std::vector<Report> page_sections(const Report& report) {
  std::vector<Report> sections;
  const auto add = [&]<class AnyRun>(std::vector<AnyRun> Report::*runs, bool by_table) {
    for (const AnyRun& run : report.*runs) {
      const auto of_its_table = std::ranges::find_if(sections, [&](const Report& section) {
        return !(section.*runs).empty() &&
               (!by_table || (section.*runs).front().table.name == run.table.name);
      });
      Report& section = of_its_table == sections.end()
                            ? sections.emplace_back(Report{report.version})
                            : *of_its_table;
      (section.*runs).push_back(run);
    }
  };
  add(&Report::runs, rankings_of(report) || first_of_another_unit(report.runs) != nullptr);
  add(&Report::networks, first_of_another_unit(report.networks) != nullptr);
  return sections;
}

nlohmann::ordered_json page_model(const std::vector<Report>& reports) {
  PriceList prices;
  Json sections = Json::array();
  for (const Report& report : reports) {
    sections.push_back(report.runs.empty() ? section_of_networks(report.networks, prices)
                                           : section_of_runs(report, prices));
  }
  Json list = Json::array();
  for (const PagePrice& price : prices.all()) {
    list.push_back({{"table", cleaned(price.table)},
                    {"unit", price.unit},
                    {"name", cleaned(price.name)},
                    {"op_kind", price.op_kind},
                    {"access_bits", price.access_bits},
                    {"pj", {price.pj.low, price.pj.high}},
                    {"kind", cleaned(price.kind)},
                    {"source", cleaned(price.source)}});
  }
  return {{"prices", std::move(list)}, {"sections", std::move(sections)}};
}

}  // namespace wattention
