#pragma once

// One network on one set of inputs: built, given weights, prepared, run, priced.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "measure/accounting.hpp"
#include "measure/measure.hpp"
#include "models/networks/dataset.hpp"
#include "models/networks/network_file.hpp"
#include "reports/report.hpp"

namespace wattention {

struct NetworkJob {
  NetworkDefinition definition;
  std::optional<AttentionChoice> attention = {};  // in place of the network's own
  Arithmetics arithmetics = {};
  RunSettings how = {};
  std::optional<std::size_t> image_size = {};
  std::optional<std::size_t> tokens = {};
  std::optional<std::string> weights = {};
  std::optional<std::string> hash = {};
  std::optional<std::string> input = {};
  const Dataset* dataset = nullptr;
  std::optional<std::size_t> limit = {};
  std::uint64_t seed = 1;
};

struct NetworkMeasurement {
  std::vector<NetworkRun> runs;  // one a table
  Array output;  // logits [inputs, classes], or the one embedding [dim]; empty in estimate mode
};

/// Called now and then with how many of how many inputs are done.
using InputProgress = std::function<void(std::size_t done, std::size_t all)>;

/// Builds the network, runs every input once and prices that under each table. Throws InputError
/// where weights, input or attention do not fit the network and where a table lacks a price, Error
/// where an audit does not balance.
NetworkMeasurement measure_network(const NetworkJob& asked, std::span<const EnergyTable> tables,
                                   const InputProgress& progress = {});

}  // namespace wattention
