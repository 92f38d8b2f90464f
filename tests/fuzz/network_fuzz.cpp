// libFuzzer: any text builds as a network or throws InputError on one line, in bounded time and
// memory; what builds is estimated where that is small.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "models/networks/network_file.hpp"
#include "sim/error.hpp"

namespace {

/// Estimates hold no tensors, but a ledger for every part.
constexpr std::size_t most_parts = 256;

void build_and_estimate(std::string_view text, const wattention::NetworkOptions& options) {
  using namespace wattention;
  try {
    const Network network = build_network(NetworkDefinition::parse(text, "fuzz.json", ""), options);
    network.parameter_count();
    if (network.parts().size() > most_parts) return;
    auto ledgers = network.ledgers();
    const Activation y =
        network.run(Mode::estimate, {}, input_without_data(network.input().sizes), ledgers);
    if (y.tokens.rows() != network.output().tokens ||
        y.tokens.cols() != network.output().channels) {
      std::abort();
    }
  } catch (const InputError& error) {
    if (std::strchr(error.what(), '\n') != nullptr) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wattention;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  build_and_estimate(text, {});
  const auto linear = [] { return Registry<Attention>::global().make("linear-elu", "attention"); };
  build_and_estimate(text, {Replacement{"linear-elu", linear}, {}, {}});
  return 0;
}
