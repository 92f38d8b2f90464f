#pragma once

// Runs out of a database, as the structs that they went in as.

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "reports/report.hpp"
#include "sweeps/database.hpp"

namespace wattention {

/// Which runs a report shows: of each list one must fit; an empty list takes all.
struct RunSelection {
  std::vector<std::string> attentions;  // names or labels
  std::vector<std::string> networks;
  std::vector<std::string> tables;
  std::vector<std::string> modes;
  std::vector<std::string> precisions;
  std::vector<std::string> accountings;
  std::vector<std::string> memories;
  std::vector<std::uint64_t> tokens;  // queries of an attention alone
  std::vector<std::uint64_t> heads;
  std::vector<std::uint64_t> head_dims;
};

/// Of each configuration the run that was stored last, in the order of the grid. Throws InputError
/// where a value is that of no run, or none fits all.
Report report_of(Database& database, const RunSelection& selection);

/// Every run with its place in the grid, in the order of storing.
void for_each_run(
    Database& database,
    const std::function<void(std::size_t position, std::variant<Run, NetworkRun>)>& visit);

}  // namespace wattention
