#pragma once

// Cost tables of hardware: what each operation costs in each number format, and each access of each
// memory level, in picojoules, every number with its source.
//
//     using namespace wattention;
//     const EnergyTable shipped = find_table("horowitz-45nm");
//     const EnergyTable mine = EnergyTable::load("mine.json");
//     const OverriddenTable changed = table_with_costs("mine.json", {"fp32.mul=2.2",
//                                                                    "dram.read=1000..1200"});
//     if (const auto& price = mine.price(Op::mac, Format::fp32)) use(price->energy_pj.low);
//
// energy_tables/schema.json describes the file. A table from CSV files as Accelergy has them:
//
//     const std::vector<Csv> files{load_csv("intmac.csv")};
//     const ImportedTable imported = import_accelergy(files, {}, "mine");
//     const EnergyTable table = EnergyTable::parse(imported.text, "mine.json");
//
// A price that a table lacks is an error when it is needed; it is never 0. Damaged tables throw
// InputError with file and place, unknown names with the known ones and the nearest.

#include <string>
#include <string_view>
#include <vector>

#include "sim/files/csv.hpp"
#include "sim/prices/accelergy_import.hpp"
#include "sim/prices/cost_override.hpp"
#include "sim/prices/energy_table.hpp"
#include "sim/prices/shipped_tables.hpp"

namespace wattention {

/// A table, by its name or file, with prices of your own in it; those that are composed of them
/// follow. Each is written FORMAT.OPERATION=PJ, LEVEL.read=PJ or LEVEL.write=PJ, with PJ a number
/// or LOW..HIGH; `notes` say what the table had. Throws InputError for any other text.
OverriddenTable table_with_costs(std::string_view name_or_path,
                                 const std::vector<std::string>& costs);

}  // namespace wattention
