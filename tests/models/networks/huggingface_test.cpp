// Configurations of Hugging Face's transformers, as its config.json files write them.

#include "tests/models/networks/small_networks.hpp"
#include "tests/temporary_folder.hpp"

using namespace wattention;

namespace {

Network network_of(const TemporaryFolder& folder, const std::string& config) {
  return build_network(NetworkDefinition::find(folder.write("config.json", config)), {});
}

void check_refused(const std::string& config, const std::string& message) {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(network_of(folder, config), folder.path("config.json") + ": " + message);
}

const std::string vit = R"({"model_type": "vit", "architectures": ["ViTForImageClassification"],
  "hidden_act": "gelu", "hidden_size": 48, "image_size": 64, "intermediate_size": 96,
  "layer_norm_eps": 1e-12, "num_attention_heads": 4, "num_channels": 3, "num_hidden_layers": 2,
  "patch_size": 8, "qkv_bias": true, "initializer_range": 0.02})";

const std::string pvt = R"({"model_type": "pvt_v2", "hidden_act": "gelu",
  "hidden_sizes": [8, 16, 24, 32], "num_attention_heads": [1, 2, 3, 4], "depths": [1, 2, 1, 1],
  "mlp_ratios": [2, 2, 2, 2], "sr_ratios": [8, 4, 2, 1], "patch_sizes": [7, 3, 3, 3],
  "strides": [4, 2, 2, 2], "num_encoder_blocks": 4, "num_channels": 3, "linear_attention": false,
  "qkv_bias": false, "layer_norm_eps": 1e-6, "image_size": {"height": 224, "width": 224}})";

}  // namespace

TEST_CASE("A configuration of ViT or DeiT sets the sizes of the family") {
  const TemporaryFolder folder;
  const Network network = network_of(folder, vit);
  CHECK(network.name() == "vit");
  CHECK(network.input().sizes.grid == Grid{64, 64});
  CHECK(network.parts().front().out.tokens == 64);
  CHECK(network.parts().front().out.channels == 48);
  std::size_t attentions = 0;
  for (const NetworkPart& part : network.parts()) {
    if (!part.core) continue;
    ++attentions;
    CHECK(part.core->heads == 4);
    CHECK(part.core->head_dim == 12);
    CHECK(part.core->queries == 65);
  }
  CHECK(attentions == 2);

  std::string deit = vit;
  deit.replace(deit.find("\"vit\""), 5, "\"deit\"");
  const Network distilled = network_of(folder, deit);
  CHECK(distilled.name() == "deit");
  for (const NetworkPart& part : distilled.parts()) {
    if (part.core) CHECK(part.core->queries == 66);  // a distillation token more
  }
}

TEST_CASE("A configuration of BERT sets the sizes of the family") {
  const TemporaryFolder folder;
  const Network network = network_of(folder, R"({"model_type": "bert", "hidden_act": "gelu",
    "hidden_size": 24, "intermediate_size": 50, "layer_norm_eps": 1e-12,
    "max_position_embeddings": 200, "num_attention_heads": 3, "num_hidden_layers": 3,
    "position_embedding_type": "absolute", "type_vocab_size": 2, "vocab_size": 101})");
  CHECK(network.input().sizes.channels == 101);
  CHECK(network.output().channels == 24);
  constexpr std::uint64_t embeddings = (101 + 200 + 2) * 24 + 2 * 24;
  constexpr std::uint64_t block = 4 * (24 * 24 + 24) + 2 * 24 * 50 + 50 + 24 + 4 * 24;
  CHECK(network.parameter_count() == embeddings + 3 * block + 24 * 24 + 24);
}

TEST_CASE("A configuration of GPT-2 sets the sizes of the family") {
  const TemporaryFolder folder;
  const Network network =
      network_of(folder, R"({"model_type": "gpt2", "activation_function": "gelu_new", "n_embd": 16,
    "n_head": 2, "n_layer": 1, "n_positions": 32, "n_inner": null, "vocab_size": 53,
    "layer_norm_epsilon": 1e-05})");
  CHECK(network.input().sizes.tokens == 32);
  CHECK(network.output().channels == 53);
  constexpr std::uint64_t block =
      4 * 16 + 3 * 16 * 16 + 3 * 16 + 16 * 16 + 16 + 8 * 16 * 16 + 5 * 16;
  CHECK(network.parameter_count() == (53 + 32) * 16 + block + 2 * 16);
}

TEST_CASE("A configuration of PVTv2 sets the sizes of the family") {
  const TemporaryFolder folder;
  const Network network = network_of(folder, pvt);
  std::vector<std::size_t> dims;
  for (const NetworkPart& part : network.parts()) {
    if (part.core) dims.push_back(part.out.channels);
    if (part.name.ends_with("attn.q")) CHECK_FALSE(part.geometry.bias);
    if (part.name.ends_with("attn.proj")) CHECK(part.geometry.bias);
  }
  CHECK(dims == std::vector<std::size_t>{8, 16, 16, 24, 32});
}

TEST_CASE("What a configuration asks for and we do not have is refused at its key") {
  std::string relu = vit;
  relu.replace(relu.find("\"gelu\""), 6, "\"relu\"");
  check_refused(relu, "/hidden_act: expected string \"gelu\", found string \"relu\"");
  check_refused(R"({"model_type": "bret"})",
                "/model_type: expected one of bert, gpt2, pvt_v2, deit, vit (did you mean bert?), "
                "found string \"bret\"");
  check_refused(R"({"model_type": 3})", "/model_type: expected a string, found number 3");
  check_refused(R"({"model_type": "gpt2", "n_inner": 12})",
                "/n_inner: expected null, found number 12");
  check_refused(R"({"model_type": "bert", "num_attention_heads": 7})",
                "/num_attention_heads: expected a divisor of the width 768, found number 7");
  check_refused(R"({"model_type": "bert", "hidden_size": "768"})",
                "/hidden_size: expected an integer from 1 to 16777216, found string \"768\"");
  std::string five = pvt;
  five.replace(five.find("[8, 16, 24, 32]"), 15, "[8, 16, 24, 32, 40]");
  check_refused(five, "/hidden_sizes: expected 4 elements, as in \"depth\", found 5");
}
