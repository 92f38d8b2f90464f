#pragma once

// One network on one set of inputs: built, given weights, prepared, run, priced.

#include <functional>
#include <optional>
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
  std::size_t threads = 1;
};

struct NetworkMeasurement {
  NetworkRun run;
  Array output;  // logits [inputs, classes], or the one embedding [dim]; empty in estimate mode
};

/// Called now and then with how many of how many inputs are done.
using InputProgress = std::function<void(std::size_t done, std::size_t all)>;

NetworkMeasurement measure_network(const NetworkJob& asked, const EnergyTable& table,
                                   const InputProgress& progress = {});

}  // namespace wattention
