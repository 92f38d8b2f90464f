#pragma once

// A row of one of Accelergy's tables: its cells by the name of their column, as numbers where they
// must be. What cannot be read is an InputError with file, line and column. The columns asked for
// must be there. The row refers to its table, which must outlive it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/files/csv.hpp"

namespace wattention {

struct AccelergyRow {
  const Csv* csv;
  const std::vector<CsvField>* fields;

  const CsvField& field(std::string_view column) const { return (*fields)[*csv->column(column)]; }
  std::size_t line() const { return fields->front().line; }
  /// "intmac.csv: line 2"
  std::string place() const;

  double number(std::string_view column) const;
  std::uint64_t whole_number(std::string_view column, std::uint64_t most) const;
  /// Of the column `technology`: "45nm" or "45".
  double node_nm() const;

  /// "technology=45nm, latency=5ns": what the row says beside energy and area.
  std::string attributes() const;
};

/// How another row of the same meaning differs: "which differs in latency (choose with ...)".
std::string difference(const AccelergyRow& a, const AccelergyRow& b);

}  // namespace wattention
