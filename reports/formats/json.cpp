// Writer "json": the report for programs. Counts are exact integers, energies raw picojoules: a
// number where it is known exactly, else [low, high]. What is absent or not finite is null.

#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "reports/findings/pareto.hpp"
#include "reports/findings/rankings.hpp"
#include "reports/formats/json_parts.hpp"
#include "reports/writer.hpp"

namespace wattention {
namespace {

using Json = OrderedJson;

Json shape_of(const Run::Shape& shape) {
  return {{"heads", shape.heads},
          {"key_heads", shape.key_heads},
          {"queries", shape.queries},
          {"keys", shape.keys},
          {"head_dim", shape.head_dim},
          {"value_dim", shape.value_dim},
          {"shared_queries_and_keys", shape.shared_queries_and_keys}};
}

Json run_of(const Run& run, bool on_front) {
  Json json = {{"attention", run.attention},
               {"label", run.label},
               {"options", options_json(run.options)},
               {"mode", run.mode},
               {"precision", run.precision},
               {"accumulate", run.accumulate},
               {"accounting", run.accounting},
               {"input", run.input},
               {"shape", shape_of(run.shape)},
               {"table", json_of(run.table)},
               {"operations", operations_json(run.operations, "phase")},
               {"memory_policy", run.memory},
               {"traffic", traffic_json(run.traffic, "phase")},
               {"totals", json_of(run.totals)},
               {"energy_pj", json_of(run.energy_pj)},
               {"price_shares", price_shares_json(run.operations, run.traffic)},
               {"estimates", estimates_json(run.operations, run.traffic)},
               {"host_seconds", run.host_seconds ? number(*run.host_seconds) : Json(nullptr)},
               {"error_vs_softmax", json_of(run.error_vs_softmax)},
               {"pareto", run.error_vs_softmax ? Json(on_front) : Json(nullptr)},
               {"notes", run.notes}};
  if (run.area_um2) json["area_um2"] = number(*run.area_um2);
  if (!run.reconciliation.empty()) {
    json["reconciliation"] = reconciliation_json(run.reconciliation);
  }
  return json;
}

Json rankings_json(const Rankings& rankings) {
  Json tables = Json::array();
  for (const Ranking& ranking : rankings.tables) {
    Json ranks = Json::array();
    for (std::size_t i = 0; i < rankings.labels.size(); ++i) {
      ranks.push_back({{"label", rankings.labels[i]},
                       {"rank", ranking.ranks[i]},
                       {"energy_pj", number(ranking.runs[i]->energy_pj.total)}});
    }
    tables.push_back({{"table", ranking.table.name},
                      {"unit", ranking.table.unit},
                      {"attentions", std::move(ranks)}});
  }
  return tables;
}

Json changes_json(const Rankings& rankings) {
  Json changes = Json::array();
  for (const OrderChange& change : rankings.changes) {
    changes.push_back({{"first", rankings.labels[change.first]},
                       {"second", rankings.labels[change.second]},
                       {"first_takes_less", change.first_lower},
                       {"second_takes_less", change.second_lower},
                       {"depends_on_ranges", change.undecided}});
  }
  return changes;
}

class JsonWriter final : public Writer {
 public:
  std::string write(const Report& report) const override {
    const std::vector<bool> front = pareto_front(report);
    Json runs = Json::array();
    for (std::size_t i = 0; i < front.size(); ++i) {
      runs.push_back(run_of(report.runs[i], front[i]));
    }
    Json document = {
        {"schema", "wattention-report/2"}, {"version", report.version}, {"runs", std::move(runs)}};
    if (const auto rankings = rankings_of(report)) {
      document["rankings"] = rankings_json(*rankings);
      document["ranking_changes"] = changes_json(*rankings);
    }
    if (!report.networks.empty()) document["networks"] = networks_json(report);
    return json_text(document);
  }
};

const Registration<Writer, JsonWriter> registration{
    "json", "every number exactly, for programs; schema wattention-report/2"};

}  // namespace
}  // namespace wattention
