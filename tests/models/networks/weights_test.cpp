#include "models/networks/weights.hpp"

#include <map>

#include "sim/files/safetensors.hpp"
#include "tests/models/networks/small_networks.hpp"
#include "tests/temporary_folder.hpp"

using namespace wattention;

namespace {

using Tensors = std::map<std::string, Array>;

Array filled(std::vector<std::size_t> shape, float number) {
  std::size_t size = 1;
  for (const std::size_t side : shape) size *= side;
  return {std::move(shape), std::vector<float>(size, number)};
}

/// Those that a network asks for, with numbers of their own.
Tensors tensors_of(const Network& network) {
  Tensors tensors;
  for (const Parameter& parameter : network.parameters()) {
    if (parameter.names.empty() || parameter.start == Parameter::Start::absent) continue;
    Array array = filled(parameter.shape, 0.0F);
    Random random(tensors.size());
    for (float& number : array.data) number = random.normal();
    tensors[parameter.names.front()] = array;
  }
  return tensors;
}

struct Loading {
  TemporaryFolder folder;
  NetworkDefinition definition;
  NetworkOptions options;
  Network network;

  explicit Loading(const std::string& text, const NetworkOptions& with = {})
      : definition(defined(text)), options(with), network(build_network(definition, options)) {}

  std::string write(const Tensors& tensors) const {
    return folder.write("w.safetensors", safetensors_bytes(tensors));
  }
  void load(const Tensors& tensors) { load_weights(network, definition, options, write(tensors)); }
  Activation output() const {
    auto ledgers = network.ledgers();
    return network.run(Mode::execute, {}, drawn_input(network.input().sizes, 3), ledgers);
  }
};

const std::string two_layers =
    R"({"layer": "linear", "name": "a", "out": 4}, {"layer": "layer_norm", "name": "b", "epsilon": 1e-6})";

/// The numbers that every tensor starts with, by name.
std::map<std::string, std::vector<float>> seeded(const std::string& layers, std::uint64_t seed) {
  std::map<std::string, std::vector<float>> numbers;
  Network network = built(network_text(images(3, 2, 2), layers));
  std::vector<Parameter> spied(network.parameters().begin(), network.parameters().end());
  for (Parameter& parameter : spied) {
    parameter.take = [&numbers, name = parameter.names.front()](const Array& array) {
      numbers[name] = array.data;
    };
  }
  Network spy("spy", "", network.input(), {}, spied, {});
  seed_weights(spy, seed);
  return numbers;
}

}  // namespace

TEST_CASE("Weights reach the layers that they are named after") {
  Loading loading(network_text(images(3, 1, 1), R"({"layer": "linear", "name": "a", "out": 2})"));
  loading.load({{"a.weight", {{2, 3}, {1, 2, 3, 4, 5, 6}}}, {"a.bias", {{2}, {10, 20}}}});
  const Activation y = loading.output();
  const Activation x = drawn_input(loading.network.input().sizes, 3);
  const float* const t = x.tokens.data();
  CHECK(y.tokens(0, 0, 0) == Approx(t[0] + 2 * t[1] + 3 * t[2] + 10));
  CHECK(y.tokens(0, 0, 1) == Approx(4 * t[0] + 5 * t[1] + 6 * t[2] + 20));
}

TEST_CASE("All tensors that are missing, misshapen or surplus stand in one message") {
  Loading loading(network_text(images(3, 2, 2), two_layers));
  const std::string file = loading.write({{"a.weight", filled({3, 4}, 1)},
                                          {"b.weight", filled({4}, 1)},
                                          {"head.weight", filled({2}, 1)},
                                          {"zoo", filled({1}, 1)}});
  CHECK_THROWS_WITH(
      load_weights(loading.network, loading.definition, {}, file),
      file +
          ": tensors: expected those of small, found no a.bias [4], b.bias [4]; a.weight [3, 4] "
          "instead of [4, 3]; surplus head.weight, zoo");
  CHECK_NOTHROW(loading.load(tensors_of(loading.network)));
}

TEST_CASE("A long list of tensors is shortened, with how many there are") {
  Loading loading(network_text(images(3, 2, 2),
                               R"({"layer": "linear", "name": "l.{}", "out": 3, "repeat": 9})"));
  CHECK_THROWS_WITH(loading.load({{"x", filled({1}, 1)}}),
                    Catch::Contains("l.5.bias [3] and 6 more; surplus x"));
}

TEST_CASE("Prefixes, renames and ignores translate published names") {
  Loading loading(
      network_text(images(3, 2, 2), two_layers,
                   R"(, "weights": {"prefixes": ["model."], "renames": {"gamma": "weight",
        "beta": "bias"}, "ignores": ["old.*.mask", "*.num_batches", "cls"]})"));
  Tensors tensors = tensors_of(loading.network);
  const Tensors published{{"model.a.weight", tensors.at("a.weight")},
                          {"a.bias", tensors.at("a.bias")},
                          {"model.b.gamma", tensors.at("b.weight")},
                          {"b.beta", tensors.at("b.bias")},
                          {"old.7.attn.mask", filled({1}, 1)},
                          {"b.num_batches", filled({1}, 1)},
                          {"model.cls", filled({1}, 1)}};
  loading.load(published);
  const Activation renamed = loading.output();
  loading.load(tensors);
  CHECK(same_bits(renamed.tokens, loading.output().tokens));

  for (const char* surplus : {"old.mask", "old.7.masks", "cls.weight", "num_batches", "old..mas"}) {
    Tensors more = published;
    more[surplus] = filled({1}, 1);
    CHECK_THROWS_WITH(loading.load(more), Catch::Contains(std::string("found surplus ") + surplus));
  }
  Tensors twice = published;
  twice["a.weight"] = filled({4, 3}, 1);
  CHECK_THROWS_WITH(loading.load(twice), Catch::Contains("tensors: expected each name once, found "
                                                         "\"a.weight\" twice"));
}

TEST_CASE("A pattern of many stars is matched in no time") {
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "*a";
  Loading loading(network_text(images(3, 2, 2), R"({"layer": "gelu"})",
                               R"(, "weights": {"ignores": [")" + pattern + R"(*b"]})"));
  CHECK_THROWS_WITH(loading.load({{std::string(250, 'a'), filled({1}, 1)}}),
                    Catch::Contains("surplus"));
  CHECK_NOTHROW(loading.load({{std::string(250, 'a') + "b", filled({1}, 1)}}));
}

TEST_CASE("Layers of one name share one tensor, counted once") {
  const std::string text = network_text(
      ids(4, 5),
      R"({"layer": "embedding", "name": "wte", "out": 3}, {"layer": "linear", "name": "wte", "out": 5, "bias": false})");
  Loading loading(text);
  CHECK(loading.network.parameter_count() == 15);
  const Array table{{5, 3}, {1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 1, 1, 0, 0, 0}};
  loading.load({{"wte.weight", table}});
  const Activation y = loading.output();
  const Activation x = drawn_input(loading.network.input().sizes, 3);
  for (std::size_t t = 0; t < 4; ++t) {
    const auto id = static_cast<std::size_t>(x.ids[t]);
    for (std::size_t o = 0; o < 5; ++o) {
      float expected = 0.0F;
      for (std::size_t c = 0; c < 3; ++c) {
        expected += table.data[id * 3 + c] * table.data[o * 3 + c];
      }
      CHECK(y.tokens(0, t, o) == expected);
    }
  }
}

TEST_CASE("Tensors of the network's own attention are no surplus where another takes its place") {
  const std::string text =
      network_text(images(6, 4, 4), R"({"layer": "attention", "name": "attn", "heads": 2,
      "projections": {"q": "q", "kv": "kv"}, "output": "o", "replaceable": true,
      "reduction": [{"layer": "convolution", "name": "sr", "kernel": 2, "stride": 2}]})");
  Loading native(text);
  const Tensors tensors = tensors_of(native.network);
  CHECK(tensors.contains("attn.sr.weight"));
  for (const char* attention : {"linear-elu", "ecoformer"}) {
    Loading replaced(text, {in_place(attention), {}, {}});
    CHECK_FALSE(tensors_of(replaced.network).contains("attn.sr.weight"));
    CHECK_NOTHROW(replaced.load(tensors));
    Tensors more = tensors;
    more["attn.other"] = filled({1}, 1);
    CHECK_THROWS_WITH(replaced.load(more), Catch::Contains("found surplus attn.other"));
    Tensors fewer = tensors;
    fewer.erase("attn.q.weight");
    CHECK_THROWS_WITH(replaced.load(fewer), Catch::Contains("found no attn.q.weight [6, 6]"));
  }
}

TEST_CASE("One projection of queries and keys is taken under its name, or from the queries'") {
  const std::string text =
      network_text(images(4, 3, 3), R"({"layer": "attention", "name": "attn", "heads": 2,
      "projections": {"to_q": "q", "to_k": "k", "to_v": "v"}, "shared": "to_qk", "output": "o",
      "replaceable": true})");
  const Tensors native = tensors_of(Loading(text).network);
  Loading shared(text, {in_place("ecoformer"), {}, {}});
  CHECK_NOTHROW(shared.load(native));
  Tensors own = native;
  for (const char* tensor : {".weight", ".bias"}) {
    own["attn.to_qk" + std::string(tensor)] = native.at("attn.to_q" + std::string(tensor));
    own.erase("attn.to_q" + std::string(tensor));
    own.erase("attn.to_k" + std::string(tensor));
  }
  CHECK_NOTHROW(shared.load(own));
  CHECK_THROWS_WITH(Loading(text).load(own), Catch::Contains("attn.to_q.weight [4, 4]") &&
                                                 Catch::Contains("surplus attn.to_qk.bias"));
}

TEST_CASE("Seeded weights follow from seed and name alone") {
  const auto one = seeded(two_layers, 1);
  CHECK(one == seeded(two_layers, 1));
  CHECK(one.at("a.weight") != seeded(two_layers, 2).at("a.weight"));
  const auto more = seeded(R"({"layer": "linear", "name": "z", "out": 3}, )" + two_layers, 1);
  CHECK(more.at("a.weight") == one.at("a.weight"));
  CHECK(more.at("z.weight") != one.at("a.weight"));
  CHECK(one.at("a.bias") == std::vector<float>(4, 0.0F));
  CHECK(one.at("b.weight") == std::vector<float>(4, 1.0F));
  CHECK(one.at("b.bias") == std::vector<float>(4, 0.0F));
}

TEST_CASE("Seeded weights are normal with a deviation of one over the root of the inputs") {
  const auto numbers = seeded(
      R"({"layer": "linear", "name": "a", "out": 400}, {"layer": "linear", "name": "b", "out": 100})",
      1);
  double squares = 0.0;
  double total = 0.0;
  for (const float number : numbers.at("b.weight")) {
    squares += double{number} * number;
    total += number;
  }
  CHECK(std::sqrt(squares / 40000) == Approx(1.0 / 20).epsilon(0.03));
  CHECK(total / 40000 == Approx(0.0).margin(0.001));
}

TEST_CASE("A damaged file of weights is refused before any tensor is taken") {
  Loading loading(network_text(images(3, 2, 2), two_layers));
  const std::string file = loading.folder.write("bad.safetensors", "123");
  CHECK_THROWS_WITH(load_weights(loading.network, loading.definition, {}, file),
                    Catch::StartsWith(file + ": "));
}
