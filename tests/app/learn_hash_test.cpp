// `wattention learn-hash`, the real binary: what it writes, what it tells, what it refuses.

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "models/hash_learning.hpp"
#include "sim/files/npy.hpp"
#include "sim/files/safetensors.hpp"
#include "tests/app/process.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/test_data.hpp"

using namespace wattention;
using nlohmann::json;

namespace {

std::string real_keys() { return test_data("real_qkv/use_lite_layer0_n128/k.npy"); }

std::string tokens(std::size_t heads, std::size_t rows, std::size_t cols, std::uint64_t seed) {
  return npy_bytes(Workload::synthetic({heads, rows, {}, cols, {}}, seed).qkv().q);
}

void check_refused(std::vector<std::string> arguments, const std::string& message) {
  const TemporaryFolder folder;
  const std::string output = folder.path("hash.safetensors");
  arguments.insert(arguments.begin(), {"learn-hash", "--output", output});
  const Outcome outcome = wattention_run(arguments);
  CHECK(outcome.status == 2);
  CHECK(outcome.err == "error: " + message + "\n");
  CHECK(outcome.out.empty());
  CHECK_FALSE(std::filesystem::exists(output));
}

}  // namespace

TEST_CASE("Hash functions learned from real keys are those that run ecoformer takes") {
  const TemporaryFolder folder;
  const std::string hash = folder.path("hash.safetensors");
  const Outcome learned =
      wattention_run({"learn-hash", "--x", real_keys(), "--output", hash, "--json", "-"});
  REQUIRE(learned.status == 0);
  CHECK(learned.err.empty());
  const json report = json::parse(learned.out);
  CHECK(report.at("schema") == "wattention-learning/1");
  CHECK(report.at("shape").at("tokens") == json::array({128}));
  REQUIRE(report.at("bits").size() == 16);
  std::size_t improved = 0;
  for (const json& bit : report.at("bits")) {
    CHECK(bit.at("loss_kept").get<double>() <= bit.at("loss_start").get<double>());
    CHECK(bit.at("improved") ==
          (bit.at("loss_optimised").get<double>() < bit.at("loss_start").get<double>()));
    if (bit.at("improved")) ++improved;
  }
  CHECK(improved > 0);
  CHECK(report.at("totals").at("exponentials") ==
        4 * 128 * 25 + 16 * 100 * 4 * 128);  // the kernel, the sigmoids
  for (const std::size_t end : {0U, 1U}) {   // of the ranges that exponentials and roots cost
    const auto compute = report.at("energy_pj").at("compute").at(end).get<double>();
    CHECK(compute > 0.0);
    double energy = 0.0;
    for (const json& line : report.at("operations")) {
      const json& of_line = line.at("energy_pj");
      energy += (of_line.is_array() ? of_line.at(end) : of_line).get<double>();
    }
    CHECK(energy == Approx(compute));
  }

  const auto tensors = load_safetensors(hash);
  CHECK(tensors.size() == 3);
  CHECK(tensors.at("anchors").shape == std::vector<std::size_t>{4, 25, 64});
  CHECK(tensors.at("coefficients").shape == std::vector<std::size_t>{4, 16, 25});
  CHECK(tensors.at("mean").shape == std::vector<std::size_t>{4, 25});
  CHECK(folder.read("hash.safetensors").find("supervised hashing") != std::string::npos);

  const std::string v = test_data("real_qkv/use_lite_layer0_n128/v.npy");
  const std::vector<std::string> run{"run",       "ecoformer", "--q", real_keys(), "--k",
                                     real_keys(), "--v",       v,     "--output"};
  std::vector<std::string> from_file = run;
  from_file.insert(from_file.end(), {folder.path("file.npy"), "--hash", hash});
  std::vector<std::string> on_the_spot = run;
  on_the_spot.insert(on_the_spot.end(), {folder.path("spot.npy"), "--set", "hash=learned"});
  CHECK(wattention_run(from_file).status == 0);
  CHECK(wattention_run(on_the_spot).status == 0);
  CHECK(folder.read("file.npy") == folder.read("spot.npy"));
}

TEST_CASE("A folder of sequences is learned from in the order of their names") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("x"));
  folder.write("x/b.npy", tokens(2, 30, 6, 1));
  folder.write("x/a.npy", tokens(2, 50, 6, 2));
  folder.write("x/notes.txt", "not a tensor");
  const std::string hash = folder.path("hash.safetensors");
  const Outcome outcome = wattention_run({"learn-hash", "--x",       folder.path("x"),
                                          "--output",   hash,        "--bits",
                                          "5",          "--anchors", "7",
                                          "--top",      "4",         "--iterations",
                                          "6",          "--rate",    "0.01",
                                          "--momentum", "0.5",       "--seed",
                                          "3",          "--json",    folder.path("report.json")});
  REQUIRE(outcome.status == 0);
  CHECK(outcome.out.find("2 sequences, 80 tokens, 2 heads, head dim 6") != std::string::npos);
  const json report = json::parse(folder.read("report.json"));
  CHECK(report.at("shape").at("tokens") == json::array({50, 30}));

  LearningOptions options;
  options.bits = 5;
  options.anchors = 7;
  options.top = 4;
  options.iterations = 6;
  options.rate = 0.01F;
  options.momentum = 0.5F;
  options.seed = 3;
  const NpyTensor a = load_npy(folder.path("x/a.npy"));
  const NpyTensor b = load_npy(folder.path("x/b.npy"));
  const auto learned = learn_hash(std::vector{a.view(), b.view()}, options);
  CHECK(load_safetensors(hash).at("coefficients").data ==
        hash_tensors(learned.functions).at("coefficients").data);
  for (std::size_t bit = 0; bit < 5; ++bit) {
    CHECK(report.at("bits").at(bit).at("loss_kept").get<float>() == learned.losses[bit].kept);
  }
}

TEST_CASE("Input that learning cannot use is refused in one line, and nothing is written") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("empty"));
  check_refused({"--x", folder.path("empty")},
                folder.path("empty") + ": folder: expected float32 .npy files in it, found none");

  std::filesystem::create_directory(folder.path("two"));
  folder.write("two/a.npy", tokens(2, 9, 6, 1));
  const std::string other = folder.write("two/b.npy", tokens(2, 9, 5, 1));
  check_refused({"--x", folder.path("two")},
                other + ": shape: expected [2, tokens, 6], found [2, 9, 5]");

  Tensor<float> x(1, 3, 2);
  std::fill_n(x.data(), x.size(), 1.0F);
  x(0, 1, 1) = INFINITY;
  const std::string infinite = folder.write("x.npy", npy_bytes(x.view()));
  check_refused({"--x", infinite},
                infinite + ": number [0, 1, 1]: expected a finite number, found inf");

  check_refused({"--x", real_keys(), "--rate", "nan"},
                "command line: --rate: expected a number > 0, found nan");
  check_refused({"--x", real_keys(), "--momentum", "1"},
                "command line: --momentum: expected a number >= 0 and < 1, found 1");
  const Outcome no_bits = wattention_run(
      {"learn-hash", "--x", real_keys(), "--output", folder.path("h"), "--bits", "0"});
  CHECK(no_bits.status == 2);
  CHECK(no_bits.err.find("error: command line: ") == 0);
}

TEST_CASE("A table that cannot price learning is refused before anything is learned") {
  const TemporaryFolder folder;
  const std::string table = folder.write("poor.json", R"({"schema_version": 1, "name": "poor",
    "title": "t", "node_nm": 45, "references": {"r": "a paper"}, "operations": {"fp32": {
    "mul": {"energy_pj": 1, "source": "r", "kind": "published"},
    "add": {"energy_pj": 1, "source": "r", "kind": "published"}}}})");
  const std::string missing = folder.path("missing.npy");
  const Outcome outcome = wattention_run(
      {"learn-hash", "--x", missing, "--output", folder.path("h"), "--table", table});
  CHECK(outcome.status == 2);
  CHECK(outcome.err.find("poor: /operations: expected a price for every operation that is "
                         "executed, found none for ") != std::string::npos);
}
