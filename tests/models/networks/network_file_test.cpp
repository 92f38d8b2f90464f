// Network files: what they can say, and one line with file and place for what they cannot.

#include "tests/models/networks/small_networks.hpp"
#include "tests/temporary_folder.hpp"

using namespace wattention;

namespace {

std::string attention_step(const std::string& more) {
  return R"({"layer": "attention", "projections": {"qkv": "qkv"}, "output": "o")" + more + "}";
}

/// That these layers, on an image of 7 x 5 with 6 channels, are refused with this message.
void check_refused(const std::string& layers, const std::string& message,
                   const std::string& more = "", const std::string& input = images(6, 7, 5)) {
  INFO(layers);
  CHECK_THROWS_WITH(built(network_text(input, layers, more)), "net.json: " + message);
  CHECK_THROWS_AS(built(network_text(input, layers, more)), InputError);
}

}  // namespace

TEST_CASE("Unknown words in a network's file are answered with the nearest") {
  std::vector<std::string> layers = Registry<Layer>::global().names();
  layers.emplace_back("attention");
  check_refused(R"({"layer": "convolutoin"})",
                "/layers/0/layer: expected one of " + joined(layers) +
                    " (did you mean convolution?), found string \"convolutoin\"");
  check_refused(
      R"({"layer": "gelu", "nmae": "x"})",
      "/layers/0/nmae: expected a known key, one of each, kind, layer, name, repeat, when, "
      "with (did you mean name?), found \"nmae\"");
  check_refused(R"({"layer": "linear", "out": "$dimm"})",
                "/layers/0/out: expected one of $dim (did you mean $dim?), found string \"$dimm\"",
                R"(, "parameters": {"dim": 4})");
  check_refused(
      R"({"block": "blok"})",
      "/layers/0/block: expected one of block (did you mean block?), found string \"blok\"",
      R"(, "blocks": {"block": []})");
  check_refused(R"({"block": "b"})",
                "/layers/0/block: expected blocks in this file, found string \"b\"");
  check_refused(R"({"layer": "gelu", "kind": "mpl"})",
                "/layers/0/kind: expected one of embedding, projection, attention, reduction, mlp, "
                "norm, residual, head, other (did you mean mlp?), found string \"mpl\"");
  check_refused("{}",
                "/layers/0: expected exactly one of layer, block, layers, residual, found none");
  check_refused(R"({"layer": "gelu", "layers": []})",
                "/layers/0: expected exactly one of layer, block, layers, residual, found several");
}

TEST_CASE("Sizes that do not fit are refused at the option or at the step") {
  check_refused(attention_step(R"(, "heads": 4)"),
                "/layers/0/heads: expected a divisor of the width 6, found number 4");
  check_refused(R"({"layer": "convolution", "kernel": 1, "out": 8, "groups": 4})",
                "/layers/0/groups: expected a divisor of 6 and 8 channels, found 4");
  check_refused(R"({"layer": "convolution", "kernel": 8, "padding": 1})",
                "/layers/0/kernel: expected at most the padded sides of 9 x 7, found 8");
  check_refused(
      R"({"residual": [{"layer": "linear", "out": 5}]})",
      "/layers/0/residual: expected 35 tokens (7 x 5) of 6 channels, to be added to, found "
      "35 tokens (7 x 5) of 5 channels");
  check_refused(
      R"({"residual": [{"layer": "mean_pool", "to": 6}]})",
      "/layers/0/residual: expected 36 tokens (4 x 9) of 6 channels, to be added to, found "
      "36 tokens (6 x 6) of 6 channels",
      "", images(6, 4, 9));
  check_refused(R"({"residual": []})", "/layers/0/residual: expected a step, found none");
  check_refused(R"({"layer": "gelu"})",
                "/layers/0: expected tokens of numbers (an embedding before), found 4 token ids",
                "", ids(4, 9));
  check_refused(attention_step(R"(, "heads": 1)"),
                "/layers/0: expected tokens of numbers (an embedding before), found 4 token ids",
                "", ids(4, 9));
  check_refused(R"({"layer": "embedding", "out": 4})",
                "/layers/0: expected token ids, found 35 tokens (7 x 5) of 6 channels");
  check_refused(R"({"layer": "mean_tokens"}, {"layer": "mean_pool", "to": 2})",
                "/layers/1: expected an image, found 1 tokens of 6 channels");
  check_refused(R"({"layer": "positions", "rows": 34})",
                "/layers/0/rows: expected at least 35, a row for each token, found 34");
  check_refused(R"({"layer": "linear", "out": 3}, {"layer": "sinusoidal_positions"})",
                "/layers/1: expected an even number of channels, found 3");
  check_refused(R"({"layer": "linear", "out": 3}, {"layer": "linear", "out": 4})",
                "/layers/1: expected a name of its own, or linear.weight [3, 6] as before, found "
                "[4, 3]");
  check_refused(
      R"({"layer": "linear", "ratio": 16777216})",
      "/layers/0: expected fewer tokens and channels, found 35 tokens (7 x 5) of 100663296 "
      "channels");
}

TEST_CASE("An attention that cannot be is refused") {
  const std::string one_head = R"(, "heads": 1)";
  check_refused(R"({"layer": "attention", "heads": 1, "projections": {"q": "q", "v": "v"},
                    "output": "o"})",
                "/layers/0/projections: expected each of q, k and v once, found \"qv\"");
  check_refused(
      R"({"layer": "attention", "heads": 1, "projections": {"qkw": "qkw"}, "output": "o"})",
      "/layers/0/projections/qkw: expected letters of q, k, v, found string \"qkw\"");
  check_refused(
      attention_step(R"(, "heads": 1, "reduction": [{"layer": "mean_pool", "to": 2}])"),
      "/layers/0/projections/qkv: expected q apart from k and v, which are reduced, found "
      "string \"qkv\"");
  check_refused(R"({"layer": "attention", "heads": 1, "projections": {"q": "q", "kv": "kv"},
                    "output": "o", "causal": true, "reduction": [{"layer": "mean_pool", "to": 2}]})",
                "/layers/0/reduction: expected none where attention is causal, found an array");
  check_refused(R"({"layer": "attention", "heads": 1, "projections": {"q": "q", "kv": "kv"},
                    "output": "o", "window": 2, "reduction": [{"layer": "mean_pool", "to": 2}]})",
                "/layers/0/reduction: expected no window beside it, found an array");
  check_refused(R"({"layer": "mean_tokens"}, )" + attention_step(one_head + R"(, "window": 2)"),
                "/layers/1: expected an image to cut into windows, found 1 tokens of 6 channels");
}

TEST_CASE("Blocks that contain themselves are refused with the way around") {
  check_refused(R"({"block": "a"})",
                "/blocks/b/0/layers/0/block: expected blocks without a cycle, "
                "found a > b > a",
                R"(, "blocks": {"a": [{"block": "b"}], "b": [{"layers": [{"block": "a"}]}]})");
  check_refused(R"({"block": "a"})",
                "/blocks/a/0/block: expected blocks without a cycle, found a > a",
                R"(, "blocks": {"a": [{"block": "a", "repeat": 2}]})");
}

TEST_CASE("Repetitions have bounds, however they are nested") {
  check_refused(R"({"layer": "gelu", "repeat": 4097})",
                "/layers/0/repeat: expected an integer from 0 to 4096, found number 4097");
  check_refused(
      R"({"layers": [{"layer": "gelu", "repeat": 4096}], "repeat": 4096})",
      "/layers/0/layers/0: expected at most 65536 steps, repetitions included, found more");
  check_refused(
      R"({"layers": [{"layers": [], "repeat": 4096}], "repeat": 4096})",
      "/layers/0/layers/0: expected at most 65536 steps, repetitions included, found more");
  check_refused(
      R"({"layers": [{"layer": "gelu", "when": false}], "repeat": 4096}, {"layers": [)"
      R"({"layers": [{"layer": "gelu", "when": false}], "repeat": 4096}], "repeat": 4096})",
      "/layers/1/layers/0/layers/0: expected at most 65536 steps, repetitions included, "
      "found more");
  check_refused(R"({"layer": "gelu", "repeat": 2, "each": {"a": [1]}})",
                "/layers/0: expected either repeat or each, found both");
  check_refused(R"({"layer": "gelu", "each": {"a": [1, 2], "b": [1]}})",
                "/layers/0/each/b: expected 2 elements, as in \"a\", found 1");
  check_refused(R"({"layer": "gelu", "each": {}})",
                "/layers/0/each: expected an array at least, found none");

  std::string chain;  // of blocks, each with the next in it
  for (int i = 0; i < 100; ++i) {
    chain += "\"b" + std::to_string(i) + "\": [{\"block\": \"b" + std::to_string(i + 1) + "\"}], ";
  }
  check_refused(R"({"block": "b0"})",
                "/blocks/b63/0: expected at most 64 steps within each other, found more",
                ", \"blocks\": {" + chain + "\"b100\": []}");
}

TEST_CASE("Texts, names and scopes have bounds") {
  const std::string text(257, 'x');
  check_refused(R"({"layer": "gelu", "name": ")" + text + "\"}",
                "/layers/0/name: expected texts of at most 256 characters, found 257");
  const std::string part(200, 'x');
  check_refused(R"({"name": ")" + part + R"(", "layers": [{"name": ")" + part +
                    R"(", "layers": [{"layer": "gelu", "name": ")" + part + "\"}]}]}",
                "/layers/0/layers/0/layers/0/name: expected names of at most 512 characters with "
                "those around, found 602");
  std::string parameters = "\"p\": 1";
  for (int i = 0; i < 256; ++i) parameters += ", \"p" + std::to_string(i) + "\": 1";
  check_refused(R"({"layer": "gelu"})",
                "/layers/0: expected at most 256 parameters in scope, found more",
                ", \"parameters\": {" + parameters + "}");
}

TEST_CASE("Keys that must be there, versions and inputs are checked first") {
  const auto refused = [](const std::string& text, const std::string& message) {
    INFO(text);
    CHECK_THROWS_WITH(built(text), message);
  };
  const std::string head = R"({"schema_version": 1, "name": "n", "title": "t", "source": "s")";
  const std::string layers = R"(, "layers": [{"layer": "gelu"}]})";
  refused(R"({"schema_version": 2, "name": "n"})",
          "net.json: /schema_version: expected an integer from 1 to 1, found number 2");
  refused(R"({"name": "n"})",
          "net.json: /schema_version: expected an integer from 1 to 1, found nothing");
  refused(R"({"schema_version": 1, "name": "n", "source": "s"})",
          "net.json: /title: expected a string, found nothing");
  refused(head + layers, "net.json: /input: expected an object, found nothing");
  refused(head + R"(, "input": {})" + layers,
          "net.json: /input: expected either images or tokens, found an object");
  refused(head + R"(, "input": )" + images(3, 4, 4) + "}",
          "net.json: /layers: expected an array, found nothing");
  refused(head + R"(, "input": )" + images(3, 4, 4) + R"(, "layers": []})",
          "net.json: /layers: expected a layer, found none");
  refused(
      head + R"(, "input": )" + images(3, 16385, 4) + layers,
      "net.json: /input/images/height: expected an integer from 1 to 16384, found number 16385");
  refused(head + R"(, "inputs": 1)" + layers,
          "net.json: /inputs: expected one of schema_version, name, title, source, input, "
          "parameters, networks, blocks, layers, weights, huggingface (did you mean input?), found "
          "key \"inputs\"");
  const auto with_mean = [&](const std::string& more) {
    return head + R"(, "input": {"images": {"channels": 2, "height": 4, "width": 4, )" + more +
           "}}" + layers;
  };
  refused(with_mean(R"("mean": [1], "std": [1, 1])"),
          "net.json: /input/images/mean: expected 2 numbers, one a channel, found an array");
  refused(with_mean(R"("mean": [1, 1], "std": [1, 0])"),
          "net.json: /input/images/std/1: expected a number > 0, found number 0");
  refused(with_mean(R"("mean": [1, 1])"),
          "net.json: /input/images/std: expected an array, found nothing");
  refused("[1", "net.json: line 1, column 3: expected valid JSON, found the end of the text");
  check_refused(R"({"layer": "layer_norm"})",
                "/layers/0/epsilon: expected a number >= 0, found nothing");
  check_refused(R"({"layer": "convolution"})",
                "/layers/0/kernel: expected an integer from 1 to 16777216, found nothing");
}

TEST_CASE("Several networks in one file need a name, and set parameters that are there") {
  const std::string several =
      network_text(images(3, 4, 4), R"({"layer": "linear", "name": "l", "out": "$dim"})",
                   R"(, "parameters": {"dim": 4}, "networks": {"tiny": {"title": "Tiny"},
          "large": {"title": "Large", "parameters": {"dim": 9}}})");
  CHECK(build_network(defined(several, "tiny"), {}).output().channels == 4);
  CHECK(build_network(defined(several, "large"), {}).output().channels == 9);
  CHECK(build_network(defined(several, "large"), {}).title() == "Large");
  CHECK_THROWS_WITH(
      defined(several),
      "net.json: /networks: expected FILE.json:NAME, one of large, tiny, found no name");
  CHECK_THROWS_WITH(
      defined(several, "larg"),
      "net.json: /networks: expected FILE.json:NAME, one of large, tiny (did you mean "
      "large?), found \"larg\"");
  CHECK_THROWS_WITH(defined(network_text(images(3, 4, 4), R"({"layer": "gelu"})"), "other"),
                    "net.json: /name: expected \"other\", found string \"small\"");
  CHECK_THROWS_WITH(
      defined(network_text(images(3, 4, 4), R"({"layer": "gelu"})",
                           R"(, "parameters": {"dim": 4},
                           "networks": {"a": {"title": "A", "parameters": {"din": 9}}})"),
              "a"),
      "net.json: /networks/a/parameters/din: expected a parameter, one of dim (did you mean dim?), "
      "found \"din\"");

  const TemporaryFolder folder;
  const std::string path = folder.write("several.json", several);
  CHECK(NetworkDefinition::find(path + ":large").name() == "large");
  CHECK_THROWS_WITH(NetworkDefinition::find(folder.path("none.json")),
                    folder.path("none.json") + ": /: expected a JSON file, found no such file");
}

TEST_CASE("An unknown network is answered with the known ones and the nearest") {
  std::string known;
  for (const ZooEntry& entry : shipped_networks())
    known += (known.empty() ? "" : ", ") + entry.name;
  CHECK_THROWS_WITH(NetworkDefinition::find("pvtv2-bo"),
                    "network: expected FILE.json, or one of " + known +
                        " (did you mean pvtv2-b0?), found \"pvtv2-bo\"");
}

TEST_CASE("Sizes from the command line need an input of their kind") {
  NetworkOptions size;
  size.image_size = 9;
  NetworkOptions length;
  length.tokens = 9;
  const std::string vision = network_text(images(3, 4, 5), R"({"layer": "gelu"})");
  const std::string text = network_text(ids(4, 5), R"({"layer": "embedding", "out": 3})");
  CHECK(built(vision, size).output().grid == Grid{9, 9});
  CHECK(built(text, length).output().tokens == 9);
  CHECK_THROWS_WITH(built(vision, length), "tokens: expected a network of tokens, found small");
  CHECK_THROWS_WITH(built(text, size), "image size: expected a network of images, found small");
  CHECK_THROWS_WITH(built(vision, {in_place("softmax"), {}, {}}),
                    "attention: expected a network whose attention may be replaced, found small");
}

TEST_CASE("Names join, start anew and number; kinds, conditions and scopes hold inside") {
  const Network network = built(
      network_text(images(2, 3, 3),
                   R"({"name": "stages.{}", "each": {"dim": "$dims"}, "kind": "mlp", "layers": [
           {"layer": "linear", "name": "fc{}", "out": "$dim"},
           {"layer": "linear", "name": "/top.{}", "out": "$dim", "kind": "head"},
           {"layer": "relu", "when": {"greater": ["$dim", 4]}},
           {"layer": "gelu", "when": [{"not": {"greater": ["$dim", 4]}}, true]},
           {"layer": "linear", "name": "w{}", "repeat": 2, "with": {"dim": 3}, "out": "$dim"}]})",
                   R"(, "parameters": {"dims": [4, 5]})"));
  std::vector<std::string> names;
  for (const NetworkPart& part : network.parts()) names.push_back(part.name + " " + part.kind);
  CHECK(names == std::vector<std::string>{"stages.0.fc0 mlp", "top.0 head", "stages.0 mlp",
                                          "stages.0.w0 mlp", "stages.0.w1 mlp", "stages.1.fc1 mlp",
                                          "top.1 head", "stages.1 mlp", "stages.1.w0 mlp",
                                          "stages.1.w1 mlp"});
  CHECK(network.parts()[2].type == "gelu");
  CHECK(network.parts()[7].type == "relu");
  CHECK(network.output().channels == 3);
}
