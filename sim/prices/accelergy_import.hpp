#pragma once

// A cost table from the CSV files of Accelergy's table-based plug-ins: one file a component class
// (sim/prices/accelergy_class.hpp), with columns for attributes and for `technology`, `action`,
// `energy` (pJ) and, where known, `area` (um2). Every number keeps its file and line, and is the
// user's. Memory classes become levels, ordered by capacity; what a row lacks of read or write is
// taken equal to the other.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/files/csv.hpp"

namespace wattention {

/// Only rows that have this value, in files that have this column.
struct RowFilter {
  std::string column;
  std::string value;
};

struct ImportedTable {
  std::string text;                   // of the table's file
  std::vector<std::string> taken;     // "int16.mac: 3 pJ (intmac.csv: line 2)"
  std::vector<std::string> left_out;  // each row that has no place in a table, and why
};

/// Throws InputError where a file is damaged, where two rows price the same operation, with what
/// tells them apart, and where no row prices any.
ImportedTable import_accelergy(std::span<const Csv> files, std::span<const RowFilter> filters,
                               std::string_view name);

}  // namespace wattention
