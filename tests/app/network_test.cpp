// The real binary on whole networks: outputs, reports, conflicts, and what it refuses.

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "models/networks/network_file.hpp"
#include "sim/files/npy.hpp"
#include "tests/app/process.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/test_data.hpp"

using namespace wattention;
using nlohmann::json;

namespace {

const std::string vision =
    R"({"schema_version": 1, "name": "eye", "title": "An eye", "source": "a test",
  "input": {"images": {"channels": 2, "height": 3, "width": 4}},
  "layers": [{"residual": [{"layer": "attention", "name": "attn", "heads": 1,
    "projections": {"qkv": "qkv"}, "output": "o", "replaceable": true}]},
    {"layer": "mean_tokens"}, {"layer": "linear", "name": "head", "out": 5, "kind": "head"}]})";

const std::string text =
    R"({"schema_version": 1, "name": "ear", "title": "An ear", "source": "a test",
  "input": {"tokens": {"length": 6, "vocabulary": 11}},
  "layers": [{"layer": "embedding", "name": "e", "out": 8}, {"residual": [{"layer": "attention",
    "name": "attn", "heads": 2, "projections": {"qkv": "qkv"}, "output": "o", "replaceable": true}]},
    {"layer": "mean_tokens"}]})";

/// Both networks as files, and an input for each.
struct Files {
  TemporaryFolder folder;
  std::string eye = folder.write("eye.json", vision);
  std::string ear = folder.write("ear.json", text);
  std::string images;
  std::string tokens;

  Files() {
    Array batch{{3, 2, 3, 4}, {}};
    for (int i = 0; i < 72; ++i) batch.data.push_back(static_cast<float>(i % 7) - 3.0F);
    images = folder.write("images.npy", npy_bytes(batch));
    tokens = write_ids("tokens.npy", {3, 1, 4, 1});
  }

  std::string write_ids(const std::string& name, const std::vector<std::int32_t>& ids) const {
    std::string header = "{'descr': '<i4', 'fortran_order': False, 'shape': (" +
                         std::to_string(ids.size()) + ",), }";
    header.resize(117, ' ');
    std::string bytes = std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n";
    bytes.append(reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(std::int32_t));
    return folder.write(name, bytes);
  }
};

void check_refused(const std::vector<std::string>& arguments, const std::string& message) {
  const Outcome outcome = wattention_run(arguments);
  CHECK(outcome.status == 2);
  CHECK(outcome.err == "error: " + message + "\n");
  CHECK(outcome.out.empty());
}

json networks_of(const std::vector<std::string>& arguments) {
  const Outcome outcome = wattention_run(arguments);
  CHECK(outcome.err.empty());
  REQUIRE(outcome.status == 0);
  return json::parse(outcome.out).at("networks");
}

}  // namespace

TEST_CASE("A network prints the contract's report as JSON") {
  const json network = networks_of({"network", "pvtv2-b0", "--attention", "ecoformer", "--mode",
                                    "estimate", "--json", "-"})
                           .at(0);
  CHECK(network.at("network") == "pvtv2-b0");
  CHECK(network.at("attention") == "ecoformer");
  CHECK(network.at("accounting") == "complete");
  CHECK(network.at("parameters").is_number_unsigned());
  CHECK(network.at("totals").at("macs").is_number_unsigned());
  for (const std::size_t end : {0U, 1U}) {  // of the ranges that divisions and exponentials cost
    const auto compute = network.at("energy_pj").at("compute").at(end).get<double>();
    CHECK(compute > 0.0);
    double energy = 0.0;
    for (const json& layer : network.at("layers")) {
      const json& of_layer = layer.at("energy_pj");
      energy += (of_layer.is_array() ? of_layer.at(end) : of_layer).get<double>();
    }
    CHECK(energy == Approx(compute));
  }
}

TEST_CASE("Modes of a network report the same counts, and accountings their own") {
  const Files files;
  std::vector<json> operations;
  for (const char* mode : {"execute", "audit", "estimate"}) {
    operations.push_back(networks_of({"network", files.eye, "--attention", "ecoformer", "--mode",
                                      mode, "--json", "-"})
                             .at(0)
                             .at("operations"));
  }
  CHECK(operations[0] == operations[1]);
  CHECK(operations[0] == operations[2]);
  const json paper = networks_of({"network", "pvtv2-b0", "--attention", "ecoformer", "--accounting",
                                  "paper", "--json", "-"})
                         .at(0);
  CHECK(paper.at("accounting") == "paper");
  CHECK(paper.at("mode") == "estimate");
  CHECK(paper.at("totals").at("multiplications") == 535392840);
  CHECK(paper.at("totals").at("additions") == 564786176);
}

TEST_CASE("An estimate of a network on a million tokens takes little memory") {
#ifndef WATTENTION_SANITIZED
  const Outcome outcome =
      wattention_run({"network", "lra-text", "--tokens", "1048576", "--mode", "estimate"});
  CHECK(outcome.status == 0);
  CHECK(outcome.peak_kib < 64 * 1024);  // one tensor of 256 channels takes 1 GiB
#endif
}

TEST_CASE("Outputs are logits [batch, classes], or the embedding [dim]") {
  const Files files;
  const std::string out = files.folder.path("y.npy");
  REQUIRE(wattention_run({"network", files.eye, "--input", files.images, "--output", out}).status ==
          0);
  CHECK(load_npy_array(out).shape == std::vector<std::size_t>{3, 5});
  REQUIRE(wattention_run({"network", files.ear, "--input", files.tokens, "--output", out}).status ==
          0);
  CHECK(load_npy_array(out).shape == std::vector<std::size_t>{8});
  const json both =
      networks_of({"network", files.ear, "--input", files.tokens, "--attention", "native",
                   "--attention", "softmax", "--output", out, "--json", "-"});
  CHECK(both.size() == 2);
  CHECK(both.at(0).at("attention") == "native");
  CHECK(load_npy_array(files.folder.path("y.native.npy")).data ==
        load_npy_array(files.folder.path("y.softmax.npy")).data);
}

TEST_CASE("A network's report for people fits 100 columns") {
  for (const char* accounting : {"complete", "paper"}) {
    const Outcome outcome =
        wattention_run({"network", "pvtv2-b0", "--attention", "native", "--attention", "ecoformer",
                        "--mode", "estimate", "--reconcile", "--accounting", accounting});
    REQUIRE(outcome.status == 0);
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);
  }
}

TEST_CASE("The published table is reproduced for people and for programs") {
  const Outcome printed = wattention_run({"reproduce", "ecoformer"});
  REQUIRE(printed.status == 0);
  CHECK(printed.out.find("535392840") != std::string::npos);
  CHECK(printed.out.find("pvtv2-b3: 6.75 billion additions printed, 6.715 by the recipe") !=
        std::string::npos);
  std::istringstream lines(printed.out);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);

  const Outcome programs = wattention_run({"reproduce", "ecoformer", "--json", "-"});
  REQUIRE(programs.status == 0);
  const json rows = json::parse(programs.out).at("ecoformer");
  REQUIRE(rows.size() == 6);
  for (const json& row : rows) {
    CHECK(row.at("misprints").size() == (row.at("network") == "pvtv2-b3" ? 1U : 0U));
    CHECK(row.at("ecoformer").at("energy_pj").get<double>() <
          row.at("softmax").at("energy_pj").get<double>());
  }
  CHECK(rows.at(0).at("ecoformer").at("multiplications") == 535392840);
  CHECK(rows.at(0).at("saved").get<double>() == Approx(0.73).margin(0.005));
  const TemporaryFolder folder;
  REQUIRE(wattention_run({"reproduce", "ecoformer", "--json", folder.path("r.json")}).status == 0);
  CHECK(json::parse(folder.read("r.json")).at("ecoformer") == rows);
  check_refused({"reproduce", "efficient"},
                "command line: reproduce: expected ecoformer, found \"efficient\"");
}

TEST_CASE("Run and compare account as the paper does, where it has a form") {
  const Outcome run = wattention_run({"run", "ecoformer", "--tokens", "49", "--heads", "2",
                                      "--head-dim", "8", "--accounting", "paper", "--json", "-"});
  REQUIRE(run.status == 0);
  const json report = json::parse(run.out).at("runs").at(0);
  CHECK(report.at("accounting") == "paper");
  CHECK(report.at("totals").at("multiplications") == 2 * 49 * (50 + 25 * 16 + 16 + 1 + 8));
  CHECK(report.at("totals").at("additions") == 2 * 49 * (50 * 8 + 25 * 16 + 32 + 32 * 8 + 8));
  const Outcome compared =
      wattention_run({"compare", "softmax", "ecoformer", "--tokens", "49", "--head-dim", "8",
                      "--accounting", "paper", "--json", "-"});
  REQUIRE(compared.status == 0);
  CHECK(json::parse(compared.out).at("runs").at(0).at("totals").at("additions") == 2 * 49 * 49 * 8);
  for (const char* command : {"run", "compare"}) {
    check_refused(
        {command, "performer", "--tokens", "49", "--head-dim", "8", "--accounting", "paper"},
        "paper accounting: expected softmax or ecoformer, of which closed forms "
        "are published, found \"performer\"");
  }
}

TEST_CASE("Bad input of a network is one line, status 2, and leaves no file") {
  const Files files;
  const std::string out = files.folder.path("y.npy");
  const std::string report = files.folder.path("r.json");
  const auto refused = [&](std::vector<std::string> arguments, const std::string& message) {
    arguments.insert(arguments.begin(), "network");
    arguments.insert(arguments.end(), {"--output", out, "--json", report});
    check_refused(arguments, message);
  };
  const std::string broken = files.folder.write("broken.json", vision.substr(0, 90));
  CHECK(wattention_run({"network", broken}).err.find("error: " + broken + ": line 2, column ") ==
        0);
  const std::string bad = files.folder.write(
      "bad.json",
      R"({"schema_version": 1, "name": "n", "title": "t", "source": "s", "input": {"images":
      {"channels": 3, "height": 2, "width": 2}}, "layers": [{"layer": "linaer", "out": 2}]})");
  const Outcome unknown = wattention_run({"network", bad});
  CHECK(unknown.status == 2);
  CHECK(unknown.err.find("error: " + bad + ": /layers/0/layer: expected one of ") == 0);
  CHECK(unknown.err.find("(did you mean linear?), found string \"linaer\"\n") != std::string::npos);
  refused({files.folder.path("no.json")},
          files.folder.path("no.json") + ": /: expected a JSON file, found no such file");
  refused({files.eye, "--input", files.tokens},
          files.tokens + ": header: descr: expected '<f4' (little-endian float32), found \"<i4\"");
  refused({files.eye, "--input", files.images, "--image-size", "4"},
          files.images + ": header: shape: expected [batch, 2, 4, 4], found [3, 2, 3, 4]");
  const std::string high = files.write_ids("high.npy", {3, 11});
  refused({files.ear, "--input", high},
          high + ": data: number 1: expected a token id below 11, found 11");
  const std::string low = files.write_ids("low.npy", {-1});
  refused({files.ear, "--input", low},
          low + ": data: number 0: expected a token id below 11, found -1");
  const std::string weights = files.folder.write("w.safetensors", "12");
  CHECK(wattention_run({"network", files.eye, "--weights", weights, "--output", out}).status == 2);
  refused(
      {files.ear, "--dataset", "fashion-mnist:" + files.folder.path("none")},
      files.folder.path("none") + ": dataset: expected a folder with its idx files, found none");
  CHECK_FALSE(std::filesystem::exists(out));
  CHECK_FALSE(std::filesystem::exists(report));
}

TEST_CASE("An unknown network is answered with the nearest that ships") {
  const Outcome outcome = wattention_run({"network", "pvtv2b0"});
  CHECK(outcome.status == 2);
  CHECK(outcome.err.find("error: network: expected FILE.json, or one of bert-base, ") == 0);
  CHECK(outcome.err.find("(did you mean pvtv2-b0?), found \"pvtv2b0\"\n") != std::string::npos);
}

TEST_CASE("Options of a network that contradict each other or have no say are refused") {
  const Files files;
  const auto refused = [&](std::vector<std::string> arguments, const std::string& message) {
    arguments.insert(arguments.begin(), "network");
    check_refused(arguments, "command line: " + message);
  };
  refused({files.eye, "--input", files.images, "--dataset", "fashion-mnist"},
          "input: expected --input or --dataset, found both");
  refused({files.ear, "--input", files.tokens, "--tokens", "50"},
          "--tokens: expected --input, which has a length, or --tokens, found both");
  refused({files.eye, "--limit", "5"},
          "--limit: expected --dataset, whose images it limits, found none");
  refused({files.eye, "--set", "bits=8"},
          "--set: expected --attention A, whose option it is, found none");
  for (const char* attention : {"native", "softmax"}) {
    refused({files.eye, "--attention", attention, "--hash", "h.safetensors"},
            "--hash: expected an attention that takes hash functions, found none");
  }
  refused({files.eye, "--hash", "h.safetensors"},
          "--hash: expected an attention that takes hash functions, found none");
  for (const auto& [option, value] : {std::pair("--output", "y.npy"), std::pair("--input", "x.npy"),
                                      std::pair("--dataset", "fashion-mnist")}) {
    refused({files.eye, "--mode", "estimate", option, value},
            std::string(option) + ": expected --mode execute or audit, found estimate");
  }
  check_refused({"network", files.eye, "--tokens", "5"},
                "tokens: expected a network of tokens, found eye");
  check_refused({"network", files.ear, "--image-size", "5"},
                "image size: expected a network of images, found ear");
  check_refused(
      {"network", "gpt2", "--attention", "ecoformer", "--mode", "estimate"},
      "attention: expected an attention with the option causal for gpt2, found ecoformer");
}

TEST_CASE("Networks are listed for people and for programs") {
  const json networks = json::parse(wattention_run({"list", "networks", "--json"}).out);
  REQUIRE(networks.size() == shipped_networks().size());
  for (const json& network : networks) {
    CHECK_FALSE(network.at("name").get<std::string>().empty());
    CHECK_FALSE(network.at("description").get<std::string>().empty());
  }
  CHECK(wattention_run({"list", "networks"}).out.find("pvtv2-b2-li") != std::string::npos);
}

TEST_CASE("Layers compute in the format that is asked for, apart from attentions") {
  const Files files;
  const auto run_in = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"network", files.ear,    "--input", files.tokens,
                                       "--table", "jouppi-7nm", "--json",  "-"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = wattention_run(arguments);
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    return json::parse(outcome.out).at("networks").at(0);
  };
  const auto formats_of = [](const json& network, const std::string& kind) {
    std::set<std::string> formats;
    for (const json& line : network.at("operations")) {
      if (line.at("layer_kind") == kind) formats.insert(line.at("format"));
    }
    return formats;
  };
  const json plain = run_in({});
  CHECK(plain.at("layer_precision") == "fp32");
  CHECK(formats_of(plain, "projection") == std::set<std::string>{"fp32"});
  const json narrow = run_in({"--layer-precision", "bf16", "--accumulate", "same"});
  CHECK(narrow.at("layer_precision") == "bf16");
  CHECK(narrow.at("precision") == "fp32");
  CHECK(formats_of(narrow, "projection") == std::set<std::string>{"bf16"});
  CHECK(formats_of(narrow, "attention") == std::set<std::string>{"fp32"});
  CHECK(narrow.at("totals") == plain.at("totals"));
  check_refused({"network", files.ear, "--layer-precision", "fp8"},
                "precision: expected one of fp32, fp16, bf16, e4m3, e5m2 (did you mean fp32?), "
                "found \"fp8\"");
}
