// What learn-hash tells, with losses that are invented, so that no arithmetic of floats decides.

#include "app/learning_report.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <sstream>

#include "models/workload.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "tests/app/process.hpp"
#include "tests/reports/approved_document.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

TEST_CASE("What learning a hash found is told in each format as approved") {
  const Workload workload = Workload::synthetic({1, 8, {}, 4, {}}, 1);
  LearningOptions options;
  options.bits = options.iterations = 2;
  options.anchors = options.top = 3;
  LearnedHash learned = learn_hash({&workload.qkv().q, 1}, options);
  learned.losses = {{1.25F, 0.5F, 0.5F, true}, {0.75F, 1.0F, 0.75F, false}};
  const EnergyTable table = find_table("horowitz-45nm");
  const Learning learning{.input = "keys_of|layer 0.npy",
                          .output = "hash.safetensors",
                          .options = options,
                          .heads = 1,
                          .head_dim = 4,
                          .tokens = {8},
                          .table = table,
                          .learned = learned,
                          .priced = price(learned.ledger, table),
                          .host_seconds = 0.0025};
  sample::check_approved_document("learning", document_of(learning));
}

TEST_CASE("learn-hash writes its report in the format that is asked for, beside the functions") {
  const TemporaryFolder folder;
  const std::string keys = test_data("real_qkv/use_lite_layer0_n128/k.npy");
  const std::vector<std::string> learn{"learn-hash",
                                       "--x",
                                       keys,
                                       "--output",
                                       folder.path("h.safetensors"),
                                       "--bits",
                                       "2",
                                       "--anchors",
                                       "4",
                                       "--top",
                                       "3",
                                       "--iterations",
                                       "2"};
  const auto with = [&learn](const std::vector<std::string>& more) {
    std::vector<std::string> all = learn;
    all.insert(all.end(), more.begin(), more.end());
    return wattention_run(all);
  };
  const Outcome page = with({"--format", "html", "--report", folder.path("r.html")});
  REQUIRE(page.status == 0);
  CHECK(page.out.empty());
  CHECK(folder.read("r.html").starts_with("<!DOCTYPE html>"));
  CHECK(with({"--format", "latex"}).out.find("\\toprule") != std::string::npos);
  CHECK(with({"--format", "json"}).out.find("wattention-learning/1") != std::string::npos);
  std::istringstream lines(with({}).out);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);

  std::filesystem::remove(folder.path("h.safetensors"));
  const Outcome refused = with({"--format", "csv"});
  CHECK(refused.status == 2);
  CHECK(refused.err ==
        "error: command line: --format: expected one of html, json, latex, markdown, text, found "
        "\"csv\"\n");
  CHECK_FALSE(std::filesystem::exists(folder.path("h.safetensors")));
}
