#include "reports/formats/json_parts.hpp"

#include <cmath>
#include <variant>

#include "reports/findings/estimates.hpp"

namespace wattention {
namespace {

using Json = OrderedJson;

struct OptionAsJson {
  Json operator()(double value) const { return number(value); }
  template <class Value>
  Json operator()(const Value& value) const {
    return Json(value);
  }
};

std::string_view name_of(ReconciledItem::Verdict verdict) {
  switch (verdict) {
    case ReconciledItem::Verdict::same:
      return "same";
    case ReconciledItem::Verdict::different:
      return "charged differently";
    case ReconciledItem::Verdict::left_out:
      return "left out by the paper";
    case ReconciledItem::Verdict::not_executed:
      break;
  }
  return "charged, not executed";
}

}  // namespace

std::string json_text(const Json& json) {
  constexpr int indent = 2;
  constexpr bool ascii_only = false;
  return json.dump(indent, ' ', ascii_only, Json::error_handler_t::replace) + "\n";
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json number(const Range& range) {
  const bool both_unknown = !std::isfinite(range.low) && !std::isfinite(range.high);
  if (range.exact() || both_unknown) return number(range.low);
  return Json::array({number(range.low), number(range.high)});
}

Json options_json(const std::vector<std::pair<std::string, OptionValue>>& options) {
  Json result = Json::object();
  for (const auto& [name, value] : options) result[name] = std::visit(OptionAsJson{}, value);
  return result;
}

Json operations_json(const std::vector<OperationLine>& operations, std::string_view group) {
  Json result = Json::array();
  for (const OperationLine& line : operations) {
    result.push_back({{group, line.phase},
                      {"op", line.op},
                      {"format", line.format},
                      {"count", line.count},
                      {"energy_pj", number(line.energy_pj)},
                      {"source", line.source},
                      {"kind", line.kind}});
  }
  return result;
}

Json traffic_json(const std::vector<TrafficLine>& traffic, std::string_view group) {
  Json result = Json::array();
  for (const TrafficLine& line : traffic) {
    Json json = {{group, line.phase},
                 {"level", line.level},
                 {"read_bytes", line.read_bytes},
                 {"write_bytes", line.write_bytes},
                 {"energy_pj", number(line.energy_pj)}};
    if (!line.kind.empty()) {
      json["off_chip"] = line.off_chip;
      json["source"] = line.source;
      json["kind"] = line.kind;
      json["access_bits"] = line.access_bits;
      json["read_accesses"] = line.read_accesses;
      json["write_accesses"] = line.write_accesses;
      json["read_pj"] = number(line.read_pj);
      json["write_pj"] = number(line.write_pj);
    }
    result.push_back(std::move(json));
  }
  return result;
}

Json price_shares_json(const std::vector<OperationLine>& operations,
                       const std::vector<TrafficLine>& traffic) {
  const std::vector<EnergyGroup> groups = energy_by_price(operations, traffic);
  double total = 0.0;
  for (const EnergyGroup& group : groups) total += group.energy_pj.middle();
  Json shares = Json::object();
  for (const EnergyGroup& group : groups) {
    shares[group.name] = number(group.energy_pj.middle() / total);
  }
  return shares;
}

Json estimates_json(const std::vector<OperationLine>& operations,
                    const std::vector<TrafficLine>& traffic) {
  Json estimates = Json::array();
  for (const Estimate& estimate : estimates_of(operations, traffic)) {
    estimates.push_back({{"price", estimate.price},
                         {"energy_pj", number(estimate.energy_pj)},
                         {"source", estimate.source}});
  }
  return estimates;
}

Json json_of(const Totals& totals) {
  Json json = Json::object();
  for (const TotalGroup& group : total_groups) json[group.key] = totals[group.total];
  return json;
}

Json json_of(const Run::Table& table) {
  Json json = {{"name", table.name},
               {"title", table.title},
               {"node_nm", number(table.node_nm)},
               {"unit", table.unit}};
  if (!table.unit_note.empty()) json["unit_note"] = table.unit_note;
  return json;
}

Json json_of(const Energy& energy) {
  return {{"compute", number(energy.compute)},
          {"memory", number(energy.memory)},
          {"total", number(energy.total)}};
}

Json json_of(const std::optional<OutputError>& error) {
  if (!error) return nullptr;
  return {{"max_abs", number(error->max_abs)},
          {"rmse", number(error->rmse)},
          {"relative_l2", number(error->relative_l2)},
          {"cosine", number(error->cosine)}};
}

Json reconciliation_json(const std::vector<ReconciledItem>& reconciliation) {
  Json items = Json::array();
  for (const ReconciledItem& item : reconciliation) {
    items.push_back(
        {{"layer_kind", item.kind},
         {"item", item.item},
         {"verdict", name_of(item.verdict)},
         {"executed", operations_json(item.executed, "item")},
         {"executed_pj", number(item.executed_pj)},
         {"paper",
          {{"multiplications", item.paper_multiplications}, {"additions", item.paper_additions}}},
         {"paper_pj", number(item.paper_pj)}});
  }
  return items;
}

}  // namespace wattention
