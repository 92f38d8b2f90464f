#pragma once

// Runs the inputs of a network, spread over threads, and says what one of them took.

#include <span>
#include <vector>

#include "measure/network_inputs.hpp"
#include "measure/network_run.hpp"
#include "models/networks/network.hpp"

namespace wattention {

struct ExecutedNetwork {
  std::vector<Ledger> ledgers;  // one a part, of all inputs together
  std::vector<float> outputs;   // one input after the other; empty in estimate mode
  double seconds = 0.0;         // of all inputs, the fastest of the repetitions
};

/// Runs every input, as often as the job repeats. Which thread runs which input changes no number.
ExecutedNetwork execute(const Network& network, const NetworkJob& job, const NetworkInputs& inputs,
                        const InputProgress& progress);

/// Throws Error where what was observed is not what was declared.
void demand_balance(const Network& network, std::span<const Ledger> ledgers);

/// What every part did for one input. Every input of the same sizes takes the same operations;
/// where an attention breaks that, the mean, rounded down.
std::vector<Ledger> ledgers_of_one(const Network& network, std::span<const Ledger> all,
                                   std::size_t inputs);

/// Tensors as the layers of one input read and write them.
Traffic traffic_of_one(std::span<const Ledger> all, std::size_t inputs);

}  // namespace wattention
