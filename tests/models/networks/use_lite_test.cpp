// Universal Sentence Encoder Lite against TensorFlow.js; scripts/fetch-use-lite gets its weights.

#include <filesystem>

#include "sim/files/json_cursor.hpp"
#include "sim/files/npy.hpp"
#include "tests/models/networks/small_networks.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

const std::string weights =
    std::string(WATTENTION_SOURCE_DIR) + "/build/use_lite/use_lite.safetensors";

bool weights_are_here() {
  if (std::filesystem::exists(weights)) return true;
  WARN("left out: scripts/fetch-use-lite has not been run, " << weights << " is not there");
  return false;
}

std::vector<std::vector<std::int32_t>> sentences() {
  const Json document = load_json(test_data("networks/use_lite/tokens.json"));
  std::vector<std::vector<std::int32_t>> all;
  for (const JsonCursor& sentence : JsonCursor(document).required("tokens").elements()) {
    all.emplace_back();
    for (const JsonCursor& id : sentence.elements()) {
      all.back().push_back(static_cast<std::int32_t>(id.integer(0, 8001)));
    }
  }
  return all;
}

Activation text_of(const std::vector<std::int32_t>& tokens) {
  return {Tensor<float>::without_data(1, tokens.size(), 1), {}, tokens};
}

Activation embedding(const std::vector<std::int32_t>& tokens,
                     const std::optional<Replacement>& replacement) {
  const NetworkDefinition definition = NetworkDefinition::find("use_lite");
  NetworkOptions options{replacement, {}, tokens.size()};
  Network network = build_network(definition, options);
  load_weights(network, definition, options, weights);
  std::vector<Activation> inputs;
  inputs.push_back(text_of(tokens));
  network.prepare({1, {}}, std::move(inputs));
  auto ledgers = network.ledgers();
  return network.run(Mode::execute, {}, text_of(tokens), ledgers);
}

}  // namespace

TEST_CASE("Sentences have the embeddings that TensorFlow.js gives") {
  if (!weights_are_here()) return;
  const Array expected = load_npy_array(test_data("networks/use_lite/embeddings.npy"));
  const auto texts = sentences();
  REQUIRE(expected.shape == std::vector<std::size_t>{texts.size(), 512});
  for (std::size_t s = 0; s < texts.size(); ++s) {
    const Activation y = embedding(texts[s], {});
    REQUIRE(y.tokens.size() == 512);
    for (std::size_t i = 0; i < 512; ++i) {
      CHECK(std::abs(y.tokens.data()[i] - expected.data[s * 512 + i]) < 1e-4F);
    }
  }
}

TEST_CASE("Every attention gives a sentence an embedding of unit length") {
  if (!weights_are_here()) return;
  const auto name = GENERATE(from_range(Registry<Attention>::global().names()));
  INFO(name);
  const Activation y = embedding(sentences().back(), in_place(name));
  double squares = 0.0;
  for (std::size_t i = 0; i < y.tokens.size(); ++i) {
    squares += double{y.tokens.data()[i]} * y.tokens.data()[i];
  }
  CHECK(squares == Approx(1.0).epsilon(1e-5));
}
