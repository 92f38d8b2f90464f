#pragma once

// Weights of a network: from a safetensors file under the names of its family, or drawn by seed.

#include <cstdint>
#include <string>

#include "models/networks/network_file.hpp"

namespace wattention {

/// Normal weights with a standard deviation of 1 / sqrt(inputs of an output), tables with 0.02;
/// biases 0, normalisations 1 and 0. The numbers follow from seed and name alone.
void seed_weights(Network& network, std::uint64_t seed);

/// Every tensor, checked before one is taken: throws InputError that names all that are missing,
/// surplus or misshapen. Tensors that the network's own attention needs are not surplus where
/// another one has taken its place.
void load_weights(Network& network, const NetworkDefinition& definition,
                  const NetworkOptions& options, const std::string& file);

}  // namespace wattention
