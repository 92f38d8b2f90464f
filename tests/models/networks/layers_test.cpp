// What every registered layer must hold; a new one needs a line in the table below.

#include <map>

#include "tests/models/networks/small_networks.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

struct Sample {
  std::vector<std::string> steps;  // as they stand in a network's file
  enum class Takes : std::uint8_t { any, even, ids } takes = Takes::any;
};

const std::map<std::string, Sample> samples{
    {"class_token", {{R"({"layer": "class_token", "name": "token"})"}}},
    {"convolution",
     {{R"({"layer": "convolution", "kernel": 1})",
       R"({"layer": "convolution", "kernel": 1, "out": 7})",
       R"({"layer": "convolution", "kernel": 3, "padding": 1, "depthwise": true})",
       R"({"layer": "convolution", "kernel": 7, "stride": 4, "padding": "half", "out": 5})",
       R"({"layer": "convolution", "kernel": 2, "stride": 2, "padding": 1, "bias": false})"}}},
    {"embedding",
     {{R"({"layer": "embedding", "out": 6})", R"({"layer": "embedding", "out": 5, "scale": 2.5})"},
      Sample::Takes::ids}},
    {"first_row",
     {{R"({"layer": "first_row", "rows": 1})", R"({"layer": "first_row", "rows": 3})"}}},
    {"first_token", {{R"({"layer": "first_token"})"}}},
    {"gelu", {{R"({"layer": "gelu"})"}}},
    {"gelu_tanh", {{R"({"layer": "gelu_tanh"})"}}},
    {"layer_norm",
     {{R"({"layer": "layer_norm", "epsilon": 1e-6})",
       R"({"layer": "layer_norm", "epsilon": 0.5})"}}},
    {"linear",
     {{R"({"layer": "linear", "out": 9})", R"({"layer": "linear", "ratio": 2, "bias": false})",
       R"({"layer": "linear", "out": 4, "in_out": true})"}}},
    {"mean_pool", {{R"({"layer": "mean_pool", "to": 1})", R"({"layer": "mean_pool", "to": 3})"}}},
    {"mean_tokens", {{R"({"layer": "mean_tokens"})"}}},
    {"positions",
     {{R"({"layer": "positions", "name": "place"})",
       R"({"layer": "positions", "name": "place", "rows": 64, "leading": true})"}}},
    {"relu", {{R"({"layer": "relu"})"}}},
    {"sinusoidal_positions",
     {{R"({"layer": "sinusoidal_positions"})",
       R"({"layer": "sinusoidal_positions", "timescales": "w"})"},
      Sample::Takes::even}},
    {"tanh", {{R"({"layer": "tanh"})"}}},
    {"unit_length", {{R"({"layer": "unit_length"})"}}},
};

std::vector<std::string> inputs_for(const Sample& sample) {
  using Takes = Sample::Takes;
  if (sample.takes == Takes::ids) return {ids(1, 1), ids(1, 33), ids(7, 3)};
  std::vector<std::string> inputs;
  for (const std::size_t channels : {1U, 3U, 33U}) {
    const std::size_t number = sample.takes == Takes::even ? channels + 1 : channels;
    for (const Grid& grid : {Grid{1, 1}, Grid{7, 5}}) {
      inputs.push_back(images(number, grid.height, grid.width));
    }
  }
  return inputs;
}

}  // namespace

TEST_CASE("Every layer executes what it declares, in every mode, at odd sizes") {
  const auto type = GENERATE(from_range(Registry<Layer>::global().names()));
  INFO(type);
  REQUIRE(samples.contains(type));  // a new layer needs a sample of its use above
  const Sample& sample = samples.at(type);
  for (const std::string& step : sample.steps) {
    for (const std::string& input : inputs_for(sample)) {
      INFO(step << " on " << input);
      Network network = built(network_text(input, step));
      draw_weights(network);
      check_books(network, drawn_input(network.input().sizes, 2));
    }
  }
}

TEST_CASE("Every layer balances its books in every number format, and rounds what it gives") {
  const auto name = GENERATE(from_range(Registry<Layer>::global().names()));
  for (const FloatingFormat& row : floating_formats) {
    for (const Accumulate accumulate : {Accumulate::fp32, Accumulate::same}) {
      const Arithmetics arithmetics{{}, {row.format, accumulate}};
      const Sample& sample = samples.at(name);
      const std::string input = inputs_for(sample).back();
      INFO(name << " in " << name_of(row.format));
      Network network = built(network_text(input, sample.steps.front()));
      draw_weights(network);
      const Activation x = drawn_input(network.input().sizes, 5);
      auto executed = network.ledgers();
      auto audited = network.ledgers();
      auto estimated = network.ledgers();
      const Activation y = network.run(Mode::execute, arithmetics, x, executed);
      const Activation seen = network.run(Mode::audit, arithmetics, x, audited);
      network.run(Mode::estimate, arithmetics, input_without_data(network.input().sizes),
                  estimated);
      for (const Ledger& ledger : audited) {
        CHECK(ledger.imbalances() == std::vector<std::string>{});
      }
      check_same_declared(network, executed, audited);
      check_same_declared(network, executed, estimated);
      for (std::size_t i = 0; i < y.tokens.size(); ++i) {
        const float number = y.tokens.data()[i];
        REQUIRE(number == rounded_to(row.format, number));
        if (row.format != Format::fp32) REQUIRE(number == seen.tokens.data()[i]);
      }
    }
  }
}

TEST_CASE("Groups of a convolution balance their books where they divide the channels") {
  for (const char* groups : {"1", "3", "11", "33"}) {
    INFO(groups);
    Network network = built(
        network_text(images(33, 7, 5),
                     R"({"layer": "convolution", "kernel": 3, "stride": 2, "out": 66, "groups": )" +
                         std::string(groups) + "}"));
    draw_weights(network);
    check_books(network, drawn_input(network.input().sizes, 2));
  }
}

TEST_CASE("A residual and a shortcut balance their books and add up") {
  Network network = built(network_text(images(3, 7, 5),
                                       R"({"residual": [{"layer": "linear", "name": "a", "out": 5}],
          "shortcut": [{"layer": "linear", "name": "b", "out": 5}]},
         {"residual": [{"layer": "relu"}]})"));
  draw_weights(network);
  const Activation x = drawn_input(network.input().sizes, 2);
  const Activation y = check_books(network, x);
  Network a = built(network_text(images(3, 7, 5), R"({"layer": "linear", "name": "a", "out": 5})"));
  CHECK(network.parts()[2].type == "residual");
  auto ledgers = network.ledgers();
  network.run(Mode::execute, {}, x, ledgers);
  CHECK(ledgers[2].declared() == counts({{Op::add, Format::fp32, 35 * 5}}));
  CHECK(y.grid == Grid{7, 5});
}

TEST_CASE("Every form of an attention balances its books, with padding and reduction") {
  for (const char* step :
       {R"({"layer": "attention", "heads": 3, "projections": {"qkv": "qkv"}, "output": "o"})",
        R"({"layer": "attention", "heads": 2, "width": 8, "out": 5, "bias": false,
               "projections": {"q": "q", "kv": "kv"}, "output": "o"})",
        R"({"layer": "attention", "heads": 1, "projections": {"v": "v", "q": "q", "k": "k"},
               "output": "o", "causal": true, "in_out": true})",
        R"({"layer": "attention", "heads": 3, "projections": {"qkv": "qkv"}, "output": "o",
               "window": 3})",
        R"({"layer": "attention", "heads": 3, "projections": {"q": "q", "vk": "vk"}, "output": "o",
               "reduction": [{"layer": "mean_pool", "to": 2}, {"layer": "gelu"}]})"}) {
    for (const Grid& grid : {Grid{1, 1}, Grid{7, 5}}) {
      INFO(step << grid.height);
      Network network = built(network_text(images(3, grid.height, grid.width), step));
      draw_weights(network);
      check_books(network, drawn_input(network.input().sizes, 2));
    }
  }
}
