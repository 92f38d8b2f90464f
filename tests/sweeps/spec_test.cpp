#include "sweeps/spec.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "sim/error.hpp"
#include "tests/temporary_folder.hpp"

namespace wattention {
namespace {

std::string spec(const std::string& members) { return R"({"schema_version": 1, )" + members + "}"; }

Sweep parsed(const std::string& members) { return Sweep::parse(spec(members), "s.json"); }

void check_refused(const std::string& members, const std::string& message) {
  CHECK_THROWS_MATCHES(parsed(members), InputError, Catch::Message("s.json: " + message));
}

const std::string smallest = R"("attentions": "softmax", "tokens": 64, "head_dim": 32)";

TEST_CASE("A specification of single values is one run with defaults") {
  const Sweep sweep = parsed(smallest);
  REQUIRE(sweep.items.size() == 1);
  CHECK(
      text_of(sweep.items[0].configuration) ==
      R"({"accounting":"complete","accumulate":"fp32","allow_nonfinite":false)"
      R"(,"attention":{"name":"softmax","options":{}})"
      R"(,"head_dim":32,"heads":1,"keys":null,"memory":"tiled","mode":"execute")"
      R"(,"precision":"fp32","seed":1,"share_qk":false,"table":"horowitz-45nm","tokens":64,"value_dim":null})");
}

TEST_CASE("A grid is every combination, attentions fastest, each once") {
  const Sweep sweep = parsed(
      R"("attentions": ["softmax", {"name": "ecoformer", "options": {"bits": [8, 16],
         "form": ["linear", "hamming"], "anchors": 9}}, "softmax"],
         "tokens": {"from": 64, "to": 300, "times": 2}, "head_dim": [16, 32], "seed": [1, 2, 1])");
  CHECK(sweep.items.size() == 5 * 3 * 2 * 2);
  CHECK(sweep.items[0].configuration.attention->label() == "softmax");
  CHECK(sweep.items[1].configuration.attention->label() ==
        "ecoformer anchors=9 bits=8 form=linear");
  CHECK(sweep.items[5].configuration.tokens == 128U);
  std::set<std::string> keys;
  for (const Sweep::Item& item : sweep.items) keys.insert(item.key);
  CHECK(keys.size() == sweep.items.size());
}

TEST_CASE("Ranges of integers go by steps and by factors") {
  CHECK(parsed(R"("attentions": "softmax", "head_dim": 8,
                  "tokens": {"from": 10, "to": 40, "step": 15})")
            .items.size() == 3);
  CHECK(parsed(R"("attentions": "softmax", "head_dim": 8,
                  "tokens": {"from": 1, "to": 1099511627776, "times": 2})")
            .items.size() == 41);
}

TEST_CASE("Networks take their own sizes and attentions, and the published forms need no values") {
  const Sweep sweep = parsed(
      R"("networks": ["vit-b", {"name": "pvtv2-b0", "image_size": [64, 96],
         "attentions": ["native", {"name": "ecoformer", "options": {"bits": [8, 16]}}]}],
         "accounting": ["complete", "paper"], "mode": ["estimate", "execute"],
         "tables": ["horowitz-45nm", "jouppi-7nm"])");
  CHECK(sweep.items.size() == (1 + 2 * 3) * 2 * 3);
  CHECK(!sweep.items[0].configuration.attention);
}

TEST_CASE("A table that was renamed is taken by its old name, with a note and as the same runs") {
  const Sweep by_old = parsed(smallest + R"(, "tables": "tpuv4i-7nm")");
  const Sweep by_new = parsed(smallest + R"(, "tables": "jouppi-7nm")");
  CHECK(by_old.id() == by_new.id());
  CHECK(by_old.items.front().configuration.table == "jouppi-7nm");
  REQUIRE(by_old.notes.size() == 1);
  CHECK(by_old.notes.front().starts_with("the cost table tpuv4i-7nm is called jouppi-7nm now"));
  CHECK(by_new.notes.empty());
}

TEST_CASE("Accumulation has no say in fp32") {
  CHECK(parsed(smallest + R"(, "precision": ["fp32", "fp16"], "accumulate": ["fp32", "same"])")
            .items.size() == 3);
}

TEST_CASE("A key is the content of configuration and table, wherever the table's file is") {
  const TemporaryFolder folder;
  const std::string table = R"({"schema_version": 1, "name": "mine", "title": "t", "node_nm": 7,
    "references": {"r": "a report"}, "operations": {"fp32": {
    "mul": {"energy_pj": PJ, "source": "r", "kind": "user"}}}})";
  const auto key_of = [&](const std::string& file, const std::string& pj) {
    std::string text = table;
    text.replace(text.find("PJ"), 2, pj);
    return parsed(smallest + R"(, "tables": ")" + folder.write(file, text) + "\"").items[0].key;
  };
  CHECK(key_of("a.json", "1.5") == key_of("b.json", "1.5"));
  CHECK(key_of("a.json", "1.5") != key_of("a.json", "1.25"));
  CHECK(key_of("a.json", "1.5").size() == 36);
}

TEST_CASE("What a specification should not say is refused with place and nearest name") {
  check_refused(
      R"("attention": "softmax")",
      "/attention: expected one of schema_version, attentions, networks, tables, tokens, "
      "heads, head_dim, keys, share_qk, value_dim, seed, mode, precision, accumulate, accounting, "
      "memory, allow_nonfinite (did you mean attentions?), found key \"attention\"");
  check_refused(R"("tokens": 4)", "/: expected attentions, networks, or both, found neither");
  check_refused(R"("attentions": "softmax", "tokens": 64)",
                "/head_dim: expected an integer from 1 to 1048576, found nothing");
  check_refused(R"("attentions": "softmax", "tokens": [], "head_dim": 2)",
                "/tokens: expected at least one value, found an empty array");
  check_refused(R"("attentions": "softmax", "tokens": [64, 0], "head_dim": 2)",
                "/tokens/1: expected an integer from 1 to 1099511627776, found number 0");
  check_refused(R"("attentions": "softmax", "tokens": {"from": 1, "to": 9}, "head_dim": 2)",
                "/tokens: expected \"times\" or \"step\", found neither");
  check_refused(
      R"("attentions": "softmax", "tokens": {"from": 1, "to": 1000000, "step": 1}, "head_dim": 2)",
      "/tokens: expected at most 100000 values, found more");
  check_refused(smallest + R"(, "mode": "exekute")",
                "/mode: expected one of execute, audit, estimate (did you mean execute?), found "
                "string \"exekute\"");
  check_refused(R"("networks": "vit-b", "heads": 2)",
                "/heads: expected \"attentions\", whose size it is, found networks alone");
  check_refused(R"("attentions": {"name": "ecoformer", "options": {"bits": [16, 0]}},
                   "tokens": 64, "head_dim": 32)",
                "/attentions/options/bits/1: expected an integer from 1 to 4096, found number 0");
  check_refused(
      R"("attentions": {"name": "ecoformer", "options": {"bitz": 16}},
                   "tokens": 64, "head_dim": 32)",
      "/attentions/options/bitz: expected one of bits, anchors, hash, bias_term, distances, form "
      "(did you mean bits?), found key \"bitz\"");
  check_refused(R"("attentions": {"name": "cosformer", "options": {"epsilon": [1e-3, 2.5]}},
                   "tokens": 64, "head_dim": 32)",
                "/attentions/options/epsilon/1: expected a number from 1e-12 to 1, found number "
                "2.5");
  check_refused(R"("attentions": {"name": "ecoformer", "options": {"bits": 16.5}},
                   "tokens": 64, "head_dim": 32)",
                "/attentions/options/bits: expected an integer from 1 to 4096, found number 16.5");
  check_refused(smallest + R"(, "tokens": 3)",
                "/tokens: expected each key once, found key \"tokens\" twice");
}

TEST_CASE("A specification beyond a million runs is refused before it is laid out") {
  check_refused(
      R"("attentions": "softmax", "tokens": {"from": 1, "to": 99999, "step": 1},
         "head_dim": {"from": 1, "to": 99999, "step": 1}, "seed": {"from": 1, "to": 99999, "step": 1},
         "value_dim": {"from": 1, "to": 99999, "step": 1})",
      "/: expected at most 1000000 runs, found more");
}

}  // namespace
}  // namespace wattention
