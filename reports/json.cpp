// Writer "json": the report for programs. Counts are exact integers, energies raw picojoules: a
// number where it is known exactly, else [low, high]. What is absent or not finite is null.

#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "reports/pareto.hpp"
#include "reports/writer.hpp"

namespace wattention {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json number(const Range& range) {
  const bool both_unknown = !std::isfinite(range.low) && !std::isfinite(range.high);
  if (range.exact() || both_unknown) return number(range.low);
  return Json::array({number(range.low), number(range.high)});
}

struct OptionAsJson {
  Json operator()(double value) const { return number(value); }
  template <class Value>
  Json operator()(const Value& value) const {
    return Json(value);
  }
};

Json options_of(const Run& run) {
  Json options = Json::object();
  for (const auto& [name, value] : run.options) options[name] = std::visit(OptionAsJson{}, value);
  return options;
}

Json shape_of(const Run::Shape& shape) {
  return {{"heads", shape.heads},
          {"key_heads", shape.key_heads},
          {"queries", shape.queries},
          {"keys", shape.keys},
          {"head_dim", shape.head_dim},
          {"value_dim", shape.value_dim},
          {"shared_queries_and_keys", shape.shared_queries_and_keys}};
}

Json operations_of(const Run& run) {
  Json operations = Json::array();
  for (const OperationLine& line : run.operations) {
    operations.push_back({{"phase", line.phase},
                          {"op", line.op},
                          {"format", line.format},
                          {"count", line.count},
                          {"energy_pj", number(line.energy_pj)},
                          {"source", line.source},
                          {"kind", line.kind}});
  }
  return operations;
}

Json traffic_of(const Run& run) {
  Json traffic = Json::array();
  for (const TrafficLine& line : run.traffic) {
    traffic.push_back({{"phase", line.phase},
                       {"level", line.level},
                       {"read_bytes", line.read_bytes},
                       {"write_bytes", line.write_bytes},
                       {"energy_pj", number(line.energy_pj)}});
  }
  return traffic;
}

Json totals_of(const Totals& totals) {
  return {{"multiplications", totals.multiplications},
          {"additions", totals.additions},
          {"macs", totals.macs},
          {"divisions", totals.divisions},
          {"square_roots", totals.square_roots},
          {"exponentials", totals.exponentials},
          {"comparisons", totals.comparisons},
          {"bit_operations", totals.bit_operations}};
}

Json error_of(const Run& run) {
  if (!run.error_vs_softmax) return nullptr;
  const OutputError& error = *run.error_vs_softmax;
  return {{"max_abs", number(error.max_abs)},
          {"rmse", number(error.rmse)},
          {"relative_l2", number(error.relative_l2)},
          {"cosine", number(error.cosine)}};
}

Json run_of(const Run& run, bool on_front) {
  return {{"attention", run.attention},
          {"label", run.label},
          {"options", options_of(run)},
          {"mode", run.mode},
          {"precision", run.precision},
          {"accumulate", run.accumulate},
          {"accounting", run.accounting},
          {"input", run.input},
          {"shape", shape_of(run.shape)},
          {"table",
           {{"name", run.table.name},
            {"title", run.table.title},
            {"node_nm", number(run.table.node_nm)}}},
          {"operations", operations_of(run)},
          {"traffic", traffic_of(run)},
          {"totals", totals_of(run.totals)},
          {"energy_pj",
           {{"compute", number(run.energy_pj.compute)},
            {"memory", number(run.energy_pj.memory)},
            {"total", number(run.energy_pj.total)}}},
          {"host_seconds", run.host_seconds ? number(*run.host_seconds) : Json(nullptr)},
          {"error_vs_softmax", error_of(run)},
          {"pareto", run.error_vs_softmax ? Json(on_front) : Json(nullptr)},
          {"notes", run.notes}};
}

class JsonWriter final : public Writer {
 public:
  std::string write(const Report& report) const override {
    const std::vector<bool> front = pareto_front(report);
    Json runs = Json::array();
    for (std::size_t i = 0; i < front.size(); ++i) {
      runs.push_back(run_of(report.runs[i], front[i]));
    }
    const Json document = {
        {"schema", "wattention-report/1"}, {"version", report.version}, {"runs", std::move(runs)}};
    constexpr int indent = 2;
    constexpr bool ascii_only = false;
    return document.dump(indent, ' ', ascii_only, Json::error_handler_t::replace) + "\n";
  }
};

const Registration<Writer, JsonWriter> registration{
    "json", "every number exactly, for programs; schema wattention-report/1"};

}  // namespace
}  // namespace wattention
