#pragma once

// Networks for tests: written in a line, given weights, run in every mode.

#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "models/networks/network_file.hpp"
#include "models/networks/weights.hpp"
#include "sim/random.hpp"

namespace wattention {

inline std::string images(std::size_t channels, std::size_t height, std::size_t width) {
  return R"({"images": {"channels": )" + std::to_string(channels) + R"(, "height": )" +
         std::to_string(height) + R"(, "width": )" + std::to_string(width) + "}}";
}

inline std::string ids(std::size_t length, std::size_t vocabulary) {
  return R"({"tokens": {"length": )" + std::to_string(length) + R"(, "vocabulary": )" +
         std::to_string(vocabulary) + "}}";
}

/// A file of these layers; `more` is further keys: `, "blocks": {...}`.
inline std::string network_text(const std::string& input, const std::string& layers,
                                const std::string& more = "") {
  return R"({"schema_version": 1, "name": "small", "title": "A small network", "source": "a test", )"
         R"("input": )" +
         input + R"(, "layers": [)" + layers + "]" + more + "}";
}

inline NetworkDefinition defined(const std::string& text, const std::string& name = "") {
  return NetworkDefinition::parse(text, "net.json", name);
}

inline Network built(const std::string& text, const NetworkOptions& options = {}) {
  return build_network(defined(text), options);
}

/// The registered attention of that name, as it comes.
inline Replacement in_place(const std::string& attention) {
  return {attention,
          [attention] { return Registry<Attention>::global().make(attention, "attention"); }};
}

/// Every tensor from normal numbers, biases too.
inline void draw_weights(Network& network, std::uint64_t seed = 3) {
  seed_weights(network, seed);
  Random random(seed);
  for (const Parameter& parameter : network.parameters()) {
    if (parameter.start != Parameter::Start::zero && parameter.start != Parameter::Start::one) {
      continue;
    }
    std::size_t size = 1;
    for (const std::size_t side : parameter.shape) size *= side;
    Array array{parameter.shape, std::vector<float>(size)};
    for (float& number : array.data) number = random.normal();
    parameter.take(array);
  }
}

inline void prepare_with_drawn(Network& network) {
  std::vector<Activation> inputs;
  inputs.push_back(drawn_input(network.input().sizes, 5));
  network.prepare({1, {}}, std::move(inputs));
}

inline bool same_bits(const Tensor<float>& a, const Tensor<float>& b) {
  return a.size() == b.size() && std::equal(a.data(), a.data() + a.size(), b.data());
}

inline void check_same_declared(const Network& network, std::span<const Ledger> a,
                                std::span<const Ledger> b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t p = 0; p < a.size(); ++p) {
    INFO(network.parts()[p].name);
    for (std::size_t i = 0; i < a[p].phases().size(); ++i) {
      CHECK(a[p].phases()[i].declared() == b[p].phases()[i].declared());
      CHECK(a[p].phases()[i].traffic() == b[p].phases()[i].traffic());
    }
  }
}

/// The largest difference, relative to the largest number. In execute mode products are oneDNN's,
/// which sums them in an order of its own, and that depends on the processor.
inline double relative_difference(const Tensor<float>& executed, const Tensor<float>& audited) {
  double largest = 0.0;
  double difference = 0.0;
  for (std::size_t i = 0; i < executed.size(); ++i) {
    const auto a = static_cast<double>(executed.data()[i]);
    largest = std::max(largest, std::abs(a));
    difference = std::max(difference, std::abs(a - static_cast<double>(audited.data()[i])));
  }
  return largest == 0.0 ? difference : difference / largest;
}

/// Executes, audits and estimates one input: every part observes what it declares, nothing strays,
/// all modes declare the same, and outputs agree as far as products in
/// another order do. Gives the output.
inline Activation check_books(const Network& network, const Activation& input) {
  auto executed = network.ledgers();
  auto audited = network.ledgers();
  auto estimated = network.ledgers();
  Activation y = network.run(Mode::execute, {}, input, executed);
  const Activation audit = network.run(Mode::audit, {}, input, audited);
  const Activation sizes =
      network.run(Mode::estimate, {}, input_without_data(network.input().sizes), estimated);
  for (std::size_t p = 0; p < audited.size(); ++p) {
    INFO(network.parts()[p].name);
    CHECK(audited[p].imbalances() == std::vector<std::string>{});
    CHECK(executed[p].strays() == OpCounts{});
  }
  check_same_declared(network, executed, audited);
  check_same_declared(network, executed, estimated);
  CHECK(relative_difference(y.tokens, audit.tokens) <= 1e-4);
  CHECK(y.tokens.rows() == network.output().tokens);
  CHECK(y.tokens.cols() == network.output().channels);
  CHECK(sizes.tokens.rows() == y.tokens.rows());
  CHECK(sizes.tokens.cols() == y.tokens.cols());
  CHECK(y.grid == network.output().grid);
  CHECK(std::all_of(y.tokens.data(), y.tokens.data() + y.tokens.size(),
                    [](float number) { return std::isfinite(number); }));
  return y;
}

}  // namespace wattention
