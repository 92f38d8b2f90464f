#include "reports/findings/comparable_runs.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/reports/sample_report.hpp"

namespace wattention {
namespace {

using Numbers = std::vector<std::size_t>;
using Labels = std::vector<std::string>;

Run of_tokens(Run run, std::uint64_t tokens) {
  run.shape.queries = tokens;
  run.shape.keys = tokens;
  return run;
}

TEST_CASE("Runs share a setting where shape and cost table are the same") {
  std::vector<Run> runs{of_tokens(sample::softmax(), 64), of_tokens(sample::softmax(), 128),
                        of_tokens(sample::ecoformer(), 64), of_tokens(sample::ecoformer(), 64)};
  runs[3].table.name = "other";
  CHECK(settings_of(runs) == Numbers{0, 1, 0, 2});
  CHECK(baselines_of(settings_of(runs)) == Numbers{0, 1, 0, 3});
  CHECK(settings_but_tokens(runs) == Numbers{0, 0, 0, 1});
  CHECK_FALSE(is_one_setting(settings_of(runs)));
  CHECK(is_one_setting(settings_of(sample::of_two().runs)));
}

TEST_CASE("Labels say what differs between runs, and nothing else") {
  CHECK(labels_of(sample::of_two().runs) == Labels{"softmax", "ecoformer form=linear"});
  std::vector<Run> runs{of_tokens(sample::softmax(), 64), of_tokens(sample::softmax(), 128)};
  CHECK(labels_of(runs) == Labels{"softmax, 64 tokens", "softmax, 128 tokens"});
  CHECK(labels_but_tokens(runs) == Labels{"softmax", "softmax"});
  runs[1].shape.keys = 7;
  runs[1].shape.heads = 1;
  runs[1].shape.value_dim = 16;
  runs[1].table.name = "other";
  CHECK(labels_of(runs)[1] == "softmax, 1 head, dim 32, value dim 16, other, 128 queries, 7 keys");
}

TEST_CASE("Labels of networks name the network where there are several") {
  std::vector<NetworkRun> networks(2);
  networks[0].network = networks[1].network = "pvtv2-b0";
  networks[0].attention = "native";
  networks[1].attention = "ecoformer";
  CHECK(labels_of(networks) == Labels{"native", "ecoformer"});
  CHECK(baselines_of(settings_of(networks)) == Numbers{0, 0});
  networks[1].network = "bert";
  CHECK(labels_of(networks) == Labels{"pvtv2-b0, native", "bert, ecoformer"});
  CHECK(baselines_of(settings_of(networks)) == Numbers{0, 1});
}

}  // namespace
}  // namespace wattention
