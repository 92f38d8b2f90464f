#pragma once

// Parts of reports as JSON: a number where it is known exactly, [low, high] where it is a range,
// null where it is absent or not finite.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "reports/report.hpp"

namespace wattention {

using OrderedJson = nlohmann::ordered_json;

/// The text of a file, ending with a newline. What is no UTF-8 is replaced.
std::string json_text(const OrderedJson& json);

OrderedJson number(double value);
OrderedJson number(const Range& range);
OrderedJson options_json(const std::vector<std::pair<std::string, OptionValue>>& options);
/// `group` is the key of what operations are grouped by.
OrderedJson operations_json(const std::vector<OperationLine>& operations, std::string_view group);
OrderedJson traffic_json(const std::vector<TrafficLine>& traffic, std::string_view group);
/// Shares of the energy by where its prices come from: {"published": 0.9, "derived": 0.1}.
OrderedJson price_shares_json(const std::vector<OperationLine>& operations,
                              const std::vector<TrafficLine>& traffic);
OrderedJson estimates_json(const std::vector<OperationLine>& operations,
                           const std::vector<TrafficLine>& traffic);
OrderedJson json_of(const Totals& totals);
OrderedJson json_of(const Run::Table& table);
OrderedJson json_of(const Energy& energy);
OrderedJson json_of(const std::optional<OutputError>& error);
OrderedJson reconciliation_json(const std::vector<ReconciledItem>& reconciliation);
OrderedJson networks_json(const Report& report);

}  // namespace wattention
