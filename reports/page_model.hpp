#pragma once

// What the scripts of the HTML report work on, as JSON: prices, amounts, styles and names.
//
//     {"prices": [{table, name, op_kind, of_memory, pj: [low, high], kind, source}], "sections": [
//       {"what": "runs" or "networks", "kinds": [style], "groups": [style], "levels": [style],
//        "items": [{label, baseline, setting, curve, tokens, totals, operations, traffic, error,
//                   accuracy, seconds, reconciliation}], "curves": [{label, setting, colour}]}]}
//
// An operation is [group, price, count], a line of traffic [group, level, read bytes, written
// bytes, [[price, amount low, amount high] ...]]; group, level and price are places in the lists. A
// style is {name, colour, hatch}. Sections are the documents of reports/document.hpp, in order.

#include <nlohmann/json.hpp>

#include "reports/report.hpp"

namespace wattention {

nlohmann::ordered_json page_model(const Report& report);

}  // namespace wattention
