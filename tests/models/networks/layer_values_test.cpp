// Layers that are more than one kernel: what they take from a file's tensors, and what they give.

#include <map>

#include "tests/models/networks/small_networks.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

/// A network of one layer with the numbers 0, 1, 2, ... in every tensor, and its output.
struct OneLayer {
  Network network;
  std::map<std::string, Array> tensors;
  Activation x;
  Activation y;
  OpCounts declared;

  OneLayer(const std::string& input, const std::string& step)
      : network(built(network_text(input, step))) {
    seed_weights(network, 1);
    for (const Parameter& parameter : network.parameters()) {
      if (parameter.start == Parameter::Start::constant) continue;
      std::size_t size = 1;
      for (const std::size_t side : parameter.shape) size *= side;
      Array array{parameter.shape, {}};
      for (std::size_t i = 0; i < size; ++i) array.data.push_back(0.25F * static_cast<float>(i));
      tensors[parameter.names.front()] = array;
      parameter.take(array);
    }
    x = drawn_input(network.input().sizes, 4);
    auto ledgers = network.ledgers();
    y = network.run(Mode::execute, {}, x, ledgers);
    declared = ledgers.front().declared();
  }
};

}  // namespace

TEST_CASE("A convolution takes its weights as [out, in of a group, row, column]") {
  const std::size_t groups = GENERATE(1U, 2U);
  const OneLayer one(images(4, 3, 3),
                     R"({"layer": "convolution", "name": "c", "kernel": 2, "out": 6,
                                       "groups": )" +
                         std::to_string(groups) + "}");
  const std::vector<float>& w = one.tensors.at("c.weight").data;
  const std::size_t ins = 4 / groups;
  const std::size_t outs = 6 / groups;
  CHECK(one.tensors.at("c.weight").shape == std::vector<std::size_t>{6, ins, 2, 2});
  for (std::size_t at = 0; at < 4; ++at) {
    for (std::size_t o = 0; o < 6; ++o) {
      double expected = one.tensors.at("c.bias").data[o];
      for (std::size_t i = 0; i < ins; ++i) {
        for (std::size_t u = 0; u < 2; ++u) {
          for (std::size_t v = 0; v < 2; ++v) {
            expected += double{w[((o * ins + i) * 2 + u) * 2 + v]} *
                        one.x.tokens(0, (at / 2 + u) * 3 + at % 2 + v, o / outs * ins + i);
          }
        }
      }
      CHECK(one.y.tokens(0, at, o) == Approx(expected).margin(1e-4));
    }
  }
}

TEST_CASE("A depthwise convolution takes its weights as [channel, 1, row, column]") {
  const OneLayer one(images(3, 1, 1), R"({"layer": "convolution", "name": "c", "kernel": 3,
                                       "padding": 1, "depthwise": true, "bias": false})");
  CHECK(one.tensors.at("c.weight").shape == std::vector<std::size_t>{3, 1, 3, 3});
  for (std::size_t c = 0; c < 3; ++c) {
    const float middle = one.tensors.at("c.weight").data[c * 9 + 4];
    CHECK(one.y.tokens(0, 0, c) == middle * one.x.tokens(0, 0, c));
  }
}

TEST_CASE("A linear layer takes its weights as [out, in], or [in, out] where it says so") {
  for (const bool in_out : {false, true}) {
    const OneLayer one(images(3, 2, 1),
                       std::string(R"({"layer": "linear", "name": "l", "out": 2, "in_out": )") +
                           (in_out ? "true}" : "false}"));
    const std::vector<float>& w = one.tensors.at("l.weight").data;
    CHECK(one.tensors.at("l.weight").shape ==
          (in_out ? std::vector<std::size_t>{3, 2} : std::vector<std::size_t>{2, 3}));
    for (std::size_t o = 0; o < 2; ++o) {
      double expected = one.tensors.at("l.bias").data[o];
      for (std::size_t i = 0; i < 3; ++i) {
        expected += double{w[in_out ? i * 2 + o : o * 3 + i]} * one.x.tokens(0, 1, i);
      }
      CHECK(one.y.tokens(0, 1, o) == Approx(expected).margin(1e-5));
    }
  }
}

TEST_CASE("An embedding fetches the rows of its ids; a scale costs a multiplication a number") {
  const OneLayer plain(ids(5, 9), R"({"layer": "embedding", "name": "e", "out": 3})");
  const OneLayer scaled(ids(5, 9),
                        R"({"layer": "embedding", "name": "e", "out": 3, "scale": 2.5})");
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      const auto id = static_cast<std::size_t>(plain.x.ids[i]);
      const float entry = plain.tensors.at("e.weight").data[id * 3 + c];
      CHECK(plain.y.tokens(0, i, c) == entry);
      CHECK(scaled.y.tokens(0, i, c) == 2.5F * entry);
    }
  }
  CHECK(plain.declared == OpCounts{});
  CHECK(scaled.declared == counts({{Op::mul, Format::fp32, 15}}));
}

TEST_CASE("Sinusoidal positions add sines, then cosines, of position times timescale") {
  const OneLayer one(images(6, 5, 1), R"({"layer": "sinusoidal_positions"})");
  for (std::size_t t = 0; t < 5; ++t) {
    for (std::size_t i = 0; i < 3; ++i) {
      const double angle =
          static_cast<double>(t) * std::pow(10000.0, -2.0 * static_cast<double>(i) / 6);
      CHECK(one.y.tokens(0, t, i) == Approx(one.x.tokens(0, t, i) + std::sin(angle)).margin(1e-6));
      CHECK(one.y.tokens(0, t, 3 + i) ==
            Approx(one.x.tokens(0, t, 3 + i) + std::cos(angle)).margin(1e-6));
    }
  }
  CHECK(one.declared == counts({{Op::add, Format::fp32, 30}}));
  CHECK(one.network.parameter_count() == 0);
}

TEST_CASE("Learned positions add a row a token, and keep the rows that no token needs") {
  const OneLayer one(images(3, 2, 1), R"({"layer": "positions", "name": "p", "rows": 4})");
  CHECK(one.tensors.at("p").shape == std::vector<std::size_t>{4, 3});
  CHECK(one.y.tokens(0, 1, 2) == one.x.tokens(0, 1, 2) + 0.25F * 5);
  CHECK(one.declared == counts({{Op::add, Format::fp32, 6}}));
}

TEST_CASE("A class token stands before the others, and nothing is computed") {
  const OneLayer one(images(3, 2, 2), R"({"layer": "class_token", "name": "token"})");
  CHECK(one.y.tokens.rows() == 5);
  CHECK(one.y.tokens(0, 0, 2) == 0.5F);
  CHECK(one.y.tokens(0, 4, 1) == one.x.tokens(0, 3, 1));
  CHECK(one.declared == OpCounts{});
  CHECK_FALSE(one.network.output().is_image());
}

TEST_CASE("The first row of a table goes to every token") {
  const OneLayer one(images(3, 2, 2), R"({"layer": "first_row", "name": "types", "rows": 2})");
  for (std::size_t t = 0; t < 4; ++t) {
    CHECK(one.y.tokens(0, t, 1) == one.x.tokens(0, t, 1) + 0.25F);
  }
  CHECK(one.declared == counts({{Op::add, Format::fp32, 12}}));
}

TEST_CASE("Fewer tokens: the mean of all, or the first alone") {
  const OneLayer mean(images(3, 3, 1), R"({"layer": "mean_tokens"})");
  const OneLayer first(images(3, 3, 1), R"({"layer": "first_token"})");
  for (std::size_t c = 0; c < 3; ++c) {
    const Tensor<float>& x = mean.x.tokens;
    CHECK(mean.y.tokens(0, 0, c) ==
          Approx((x(0, 0, c) + x(0, 1, c) + x(0, 2, c)) / 3).margin(1e-6));
    CHECK(first.y.tokens(0, 0, c) == first.x.tokens(0, 0, c));
  }
  CHECK(mean.declared == counts({{Op::add, Format::fp32, 6}, {Op::mul, Format::fp32, 3}}));
  CHECK(first.declared == OpCounts{});
}

TEST_CASE("A vector of unit length has the direction that it had") {
  const OneLayer one(images(3, 2, 1), R"({"layer": "unit_length"})");
  for (std::size_t t = 0; t < 2; ++t) {
    const float* const x = one.x.tokens.view().row(0, t);
    const double norm = std::hypot(x[0], x[1], x[2]);
    for (std::size_t c = 0; c < 3; ++c) CHECK(one.y.tokens(0, t, c) == Approx(x[c] / norm));
  }
  CHECK(one.declared == counts({{Op::mac, Format::fp32, 6},
                                {Op::sqrt, Format::fp32, 2},
                                {Op::compare, Format::fp32, 2},
                                {Op::mul, Format::fp32, 6},
                                {Op::div, Format::fp32, 2}}));
}

TEST_CASE("An attention of windows is the attention of each window by itself") {
  const std::string step =
      R"({"layer": "attention", "heads": 2, "projections": {"qkv": "qkv"}, "output": "o")";
  Network windowed = built(network_text(images(4, 4, 6), step + R"(, "window": 2})"));
  Network alone = built(network_text(images(4, 2, 2), step + "}"));
  draw_weights(windowed);
  draw_weights(alone);
  const Activation x = drawn_input(windowed.input().sizes, 4);
  auto ledgers = windowed.ledgers();
  const Activation y = windowed.run(Mode::execute, {}, x, ledgers);
  for (std::size_t window = 0; window < 6; ++window) {
    Activation part{Tensor<float>(1, 4, 4), {2, 2}, {}};
    const auto at = [window](std::size_t t) {
      return (window / 3 * 2 + t / 2) * 6 + window % 3 * 2 + t % 2;
    };
    for (std::size_t t = 0; t < 4; ++t) {
      std::copy_n(x.tokens.view().row(0, at(t)), 4, part.tokens.view().row(0, t));
    }
    auto own = alone.ledgers();
    const Activation expected = alone.run(Mode::execute, {}, part, own);
    for (std::size_t t = 0; t < 4; ++t) {
      for (std::size_t c = 0; c < 4; ++c) {
        CHECK(y.tokens(0, at(t), c) == Approx(expected.tokens(0, t, c)).margin(1e-6));
      }
    }
  }
}
