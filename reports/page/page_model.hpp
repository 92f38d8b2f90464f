#pragma once

// What the scripts of the HTML report work on, as JSON: prices, amounts, styles and names.
//
//     {"prices": [{table, unit, name, op_kind, access_bits, pj: [low, high], kind, source}],
//     "sections": [
//       {"what": "runs" or "networks", "unit": "pJ" or "relative", "kinds": [style], "groups":
//       [style], "levels": [style],
//        "items": [{label, table, memory, baseline, setting, curve, tokens, totals, operations,
//        traffic, error,
//                   accuracy, seconds, reconciliation}], "curves": [{label, setting, colour}]}]}
//
// An operation is [group, price, count], a line of traffic [group, level, read bytes, written
// bytes, [[price, accesses] ...]]; group, level and price are places in the lists. A
// style is {name, colour, hatch}. Energies of one section have one unit.

#include <nlohmann/json.hpp>
#include <vector>

#include "reports/report.hpp"

namespace wattention {

/// The report as parts that have a section each: runs, then networks; under one cost table after
/// the other where these are ranked, or their units differ.
std::vector<Report> page_sections(const Report& report);

nlohmann::ordered_json page_model(const std::vector<Report>& reports);

}  // namespace wattention
