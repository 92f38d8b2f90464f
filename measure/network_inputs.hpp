#pragma once

// What a network runs on: a file, images of a data set, or numbers drawn by seed; and the examples
// that hash functions are learned on.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "measure/network_run.hpp"
#include "models/networks/network.hpp"

namespace wattention {

/// The inputs of a run, made one at a time.
struct NetworkInputs {
  std::string description;
  std::size_t count = 1;
  std::function<Activation(std::size_t)> make;
  std::uint64_t nonfinite = 0;  // numbers that are infinite or NaN
};

/// Throws InputError where a file or a data set does not fit the network.
NetworkInputs network_inputs(const NetworkJob& job, const Network& network);

/// Token ids come in any number: a file of them says how many.
std::optional<std::size_t> tokens_of_input(const NetworkJob& job);

/// Gives attentions their parameters: hash functions from data, others by seed. Only an attention
/// that was put in has any.
void prepare_attentions(Network& network, const NetworkJob& job, const NetworkInputs& inputs);

}  // namespace wattention
