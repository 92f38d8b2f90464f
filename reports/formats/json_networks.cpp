// The part "networks" of the JSON report. Operations and energies are those of one input.

#include "reports/formats/json_parts.hpp"

namespace wattention {
namespace {

using Json = OrderedJson;

Json layers_of(const NetworkRun& run) {
  Json layers = Json::array();
  for (const LayerLine& layer : run.layers) {
    layers.push_back({{"name", layer.name},
                      {"type", layer.type},
                      {"kind", layer.kind},
                      {"in", layer.in},
                      {"out", layer.out},
                      {"replaced", layer.replaced},
                      {"totals", json_of(layer.totals)},
                      {"energy_pj", number(layer.energy_pj)}});
  }
  return layers;
}

Json network_of(const NetworkRun& run) {
  Json network = {{"network", run.network},
                  {"title", run.title},
                  {"attention", run.attention},
                  {"options", options_json(run.options)},
                  {"mode", run.mode},
                  {"precision", run.precision},
                  {"accumulate", run.accumulate},
                  {"layer_precision", run.layer_precision},
                  {"accounting", run.accounting},
                  {"input", run.input},
                  {"input_size", run.input_size},
                  {"inputs", run.inputs},
                  {"weights", run.weights},
                  {"parameters", run.parameters},
                  {"table", json_of(run.table)},
                  {"operations", operations_json(run.operations, "layer_kind")},
                  {"tensors", {{"read_bytes", run.read_bytes}, {"write_bytes", run.write_bytes}}},
                  {"memory_policy", run.memory},
                  {"traffic", traffic_json(run.traffic, "layer_kind")},
                  {"totals", json_of(run.totals)},
                  {"energy_pj", json_of(run.energy_pj)},
                  {"price_shares", price_shares_json(run.operations, run.traffic)},
                  {"estimates", estimates_json(run.operations, run.traffic)},
                  {"area_um2", run.area_um2 ? number(*run.area_um2) : Json(nullptr)},
                  {"host_seconds", run.host_seconds ? number(*run.host_seconds) : Json(nullptr)},
                  {"error_vs_native", json_of(run.error_vs_native)}};
  if (run.accuracy) {
    network["accuracy"] = {{"images", run.accuracy->images},
                           {"correct", run.accuracy->correct},
                           {"top1", number(run.accuracy->top1())}};
  }
  if (!run.reconciliation.empty()) {
    network["reconciliation"] = reconciliation_json(run.reconciliation);
  }
  network["layers"] = layers_of(run);
  network["notes"] = run.notes;
  return network;
}

}  // namespace

Json networks_json(const Report& report) {
  Json networks = Json::array();
  for (const NetworkRun& run : report.networks) networks.push_back(network_of(run));
  return networks;
}

}  // namespace wattention
