#include "models/networks/network.hpp"

#include <algorithm>
#include <set>

#include "sim/random.hpp"

namespace wattention {

void Step::prepare(const Preparation& /*preparation*/, const RunOfNetwork& run_of_network,
                   std::vector<Activation>& inputs) {
  for (Activation& x : inputs) x = run(run_of_network, x);
}

Activation Sequence::run(const RunOfNetwork& run, const Activation& x) const {
  demand(!steps_.empty(), "sequence: expected a step, found none");
  Activation y = steps_.front()->run(run, x);
  for (std::size_t i = 1; i < steps_.size(); ++i) y = steps_[i]->run(run, y);
  return y;
}

void Sequence::prepare(const Preparation& preparation, const RunOfNetwork& run,
                       std::vector<Activation>& inputs) {
  for (const auto& step : steps_) step->prepare(preparation, run, inputs);
}

std::uint64_t Network::parameter_count() const {
  std::set<std::string> counted;  // tied tensors are one
  std::uint64_t total = 0;
  for (const Parameter& parameter : parameters_) {
    if (parameter.names.empty() || parameter.start == Parameter::Start::absent) continue;
    if (!counted.insert(parameter.names.front()).second) continue;
    std::uint64_t size = 1;
    for (const std::size_t side : parameter.shape) size = product(size, side);
    total = sum(total, size - parameter.unused);
  }
  return total;
}

std::vector<Ledger> Network::ledgers() const {
  std::vector<Ledger> ledgers;
  ledgers.reserve(parts_.size());
  for (const NetworkPart& part : parts_) {
    if (part.core) {
      ledgers.emplace_back(part.core->instance->phases());
    } else {
      const std::string_view only = part.type;
      ledgers.emplace_back(std::span(&only, 1));
    }
  }
  return ledgers;
}

void Network::prepare(const Preparation& preparation, std::vector<Activation> inputs) {
  demand(!inputs.empty(), "network: expected an input to prepare with");
  std::vector<Ledger> uncounted = ledgers();
  const bool data = inputs.front().tokens.data() != nullptr || !inputs.front().ids.empty();
  steps_.prepare(preparation, {data ? Mode::execute : Mode::estimate, {}, uncounted}, inputs);
}

Activation Network::run(Mode mode, const Arithmetics& arithmetics, const Activation& input,
                        std::span<Ledger> ledgers) const {
  demand(ledgers.size() == parts_.size(), "network: expected a ledger for every part");
  return steps_.run({mode, arithmetics, ledgers}, input);
}

std::vector<std::string> Network::notes() const {
  std::vector<std::string> notes;
  for (const NetworkPart& part : parts_) {
    if (!part.core || !part.core->replaced) continue;
    for (const std::string& note : part.core->instance->notes()) {
      if (std::ranges::find(notes, note) == notes.end()) notes.push_back(note);
    }
  }
  return notes;
}

Activation input_without_data(const Sizes& sizes) {
  return {Tensor<float>::without_data(1, sizes.tokens, sizes.channels), sizes.grid, {}};
}

Activation drawn_input(const Sizes& sizes, std::uint64_t seed) {
  Random random(seed);
  Activation input = input_without_data(sizes);
  if (sizes.ids) {
    for (std::size_t i = 0; i < sizes.tokens; ++i) {
      input.ids.push_back(static_cast<std::int32_t>(random.below(sizes.channels)));
    }
    return input;
  }
  input.tokens = Tensor<float>(1, sizes.tokens, sizes.channels);
  std::generate_n(input.tokens.data(), input.tokens.size(), [&random] { return random.normal(); });
  return input;
}

}  // namespace wattention
