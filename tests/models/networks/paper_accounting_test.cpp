// The published accounting from first principles: the formulas of a single attention.

#include "models/networks/paper_accounting.hpp"

#include "tests/models/networks/small_networks.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

struct Charged {
  std::uint64_t mul = 0;
  std::uint64_t add = 0;
  bool operator==(const Charged&) const = default;
};

Charged total(const std::vector<PaperCharge>& charges) {
  Charged all;
  for (const PaperCharge& charge : charges) {
    all.mul += charge.multiplications;
    all.add += charge.additions;
  }
  return all;
}

}  // namespace

TEST_CASE("A single attention is charged by the published formulas") {
  const std::uint64_t h = GENERATE(1U, 5U);
  const std::uint64_t n = GENERATE(1U, 49U, 3136U);
  const std::uint64_t c = GENERATE(8U, 32U);
  const std::uint64_t d = h * c;
  const auto softmax = attention_named("softmax");
  CHECK(total(paper_charges(AttentionCore{"softmax", false, h, n, n, c, softmax.get()})) ==
        Charged{2 * n * n * d + h * n * n, 2 * n * n * d});
  for (const auto& [bits, anchors] : {std::pair(16U, 25U), std::pair(8U, 10U)}) {
    const auto ecoformer = attention_named("ecoformer");
    ecoformer->options().set("ecoformer", "bits", std::to_string(bits));
    ecoformer->options().set("ecoformer", "anchors", std::to_string(anchors));
    const std::uint64_t b = bits;
    const std::uint64_t m = anchors;
    CHECK(total(paper_charges(AttentionCore{"ecoformer", true, h, n, n, c, ecoformer.get()})) ==
          Charged{h * n * (2 * m + m * b + b + 1 + c),
                  h * n * (2 * m * c + m * b + 2 * b + 2 * b * c + c)});
  }
}

TEST_CASE("Charges name phases that the attention has") {
  for (const char* name : {"softmax", "ecoformer"}) {
    const auto attention = attention_named(name);
    for (const PaperCharge& charge :
         paper_charges(AttentionCore{name, true, 1, 4, 4, 8, attention.get()})) {
      CHECK(std::ranges::find(attention->phases(), charge.phase) != attention->phases().end());
    }
  }
}

TEST_CASE("Only softmax attention and EcoFormer have a published form") {
  for (const std::string& name : Registry<Attention>::global().names()) {
    if (name == "softmax" || name == "ecoformer") continue;
    const auto attention = attention_named(name);
    CHECK_THROWS_WITH(paper_charges(AttentionCore{name, true, 1, 4, 4, 8, attention.get()}),
                      "paper accounting: expected softmax or ecoformer, of which "
                      "closed forms are published, found \"" +
                          name + "\"");
  }
}

TEST_CASE("Layers are charged by the published formulas, others not at all") {
  const Network network = built(network_text(
      images(4, 6, 6),
      R"({"layer": "convolution", "name": "a", "kernel": 3, "stride": 2, "padding": 1, "groups": 2, "out": 8},
         {"layer": "convolution", "name": "b", "kernel": 1, "out": 8, "bias": false},
         {"layer": "layer_norm", "epsilon": 1e-6},
         {"residual": [{"layer": "linear", "name": "c", "out": 8}]},
         {"layer": "gelu"}, {"layer": "mean_tokens"}, {"layer": "unit_length"})"));
  std::vector<Charged> by_part(network.parts().size());
  for (const PaperCharge& charge : paper_charges(network)) {
    by_part[charge.part].mul += charge.multiplications;
    by_part[charge.part].add += charge.additions;
  }
  constexpr std::uint64_t pixels = 9;
  CHECK(by_part[0] == Charged{9 * 4 * 4 * pixels + 8 * pixels, 9 * 4 * 4 * pixels + 8 * pixels});
  CHECK(by_part[1] == Charged{64 * pixels, 64 * pixels});
  CHECK(by_part[2] == Charged{16 * pixels, 16 * pixels});
  CHECK(by_part[3] == Charged{64 * pixels, 64 * pixels});
  for (std::size_t p = 4; p < by_part.size(); ++p) CHECK(by_part[p] == Charged{});
}

TEST_CASE("A printed number covers what lies within half a unit of its last digit") {
  const Published printed("6.75");
  CHECK(printed.decimals == 2);
  CHECK(printed.covers(6.745));
  CHECK(printed.covers(6.755));
  CHECK_FALSE(printed.covers(6.7449));
  CHECK_FALSE(printed.covers(6.7551));
  CHECK(Published("17").covers(17.5));
  CHECK_FALSE(Published("17").covers(17.51));
}
