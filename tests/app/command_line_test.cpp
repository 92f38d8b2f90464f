// The real binary: exit status, messages, files, and the JSON that scripts rely on.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/files/npy.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "tests/app/process.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/test_data.hpp"

using namespace wattention;
using nlohmann::json;

namespace {

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<std::string> with(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<std::string> real_input() {
  const std::string folder = test_data("real_qkv/use_lite_layer0_n128/");
  return {"--q", folder + "q.npy", "--k", folder + "k.npy", "--v", folder + "v.npy"};
}

void check_refused(const std::vector<std::string>& arguments, const std::string& message) {
  const Outcome outcome = wattention_run(arguments);
  CHECK(outcome.status == 2);
  CHECK(outcome.err == "error: " + message + "\n");
  CHECK(outcome.out.empty());
}

}  // namespace

TEST_CASE("A run prints the contract's report as JSON") {
  const Outcome outcome = wattention_run({"run", "ecoformer", "--tokens", "784", "--heads", "1",
                                          "--head-dim", "32", "--share-qk", "--json", "-"});
  REQUIRE(outcome.status == 0);
  const json report = json::parse(outcome.out);
  CHECK(report.at("schema") == "wattention-report/2");
  const json& run = report.at("runs").at(0);
  CHECK(run.at("attention") == "ecoformer");
  CHECK(run.at("mode") == "execute");
  CHECK(run.at("accounting") == "complete");
  CHECK(run.at("options").at("bits") == 16);
  CHECK(run.at("shape").at("queries") == 784);
  CHECK(run.at("table").at("name") == "horowitz-45nm");
  const auto hash_mac = std::find_if(
      run.at("operations").begin(), run.at("operations").end(),
      [](const json& line) { return line.at("phase") == "hash" && line.at("op") == "mac"; });
  REQUIRE(hash_mac != run.at("operations").end());
  CHECK(hash_mac->at("format") == "fp32");
  CHECK(hash_mac->at("count") == 784 * 25 * 16);
  CHECK(hash_mac->at("energy_pj").get<double>() == Approx(1442560.0));
  for (const char* total : {"multiplications", "additions", "macs", "divisions", "square_roots",
                            "exponentials", "logarithms", "error_functions", "hyperbolic_tangents",
                            "comparisons", "bit_operations", "shifts", "lookups"}) {
    CHECK(run.at("totals").at(total).is_number_unsigned());
  }
  // Ranges: DRAM costs 1300 to 2600 pJ, divisions and exponentials what their units cost.
  const json& energy = run.at("energy_pj");
  for (const std::size_t end : {0U, 1U}) {
    CHECK(energy.at("memory").at(end).get<double>() > 0.0);
    CHECK(energy.at("total").at(end).get<double>() ==
          Approx(energy.at("compute").at(end).get<double>() +
                 energy.at("memory").at(end).get<double>()));
  }
  CHECK(run.at("memory_policy") == "tiled");
  CHECK(run.at("traffic").at(0).at("read_bytes").is_number_unsigned());
  CHECK(run.at("host_seconds").get<double>() > 0.0);
  CHECK(run.at("error_vs_softmax").at("cosine").is_number());
}

TEST_CASE("Executing, auditing and estimating real input report the same counts") {
  std::vector<json> operations;
  for (const char* mode : {"execute", "audit", "estimate"}) {
    const Outcome outcome =
        wattention_run(with({"compare", "softmax", "ecoformer", "ecoformer:form=hamming", "--mode",
                             mode, "--json", "-"},
                            real_input()));
    REQUIRE(outcome.status == 0);
    json runs = json::parse(outcome.out).at("runs");
    REQUIRE(runs.size() == 3);
    for (json& run : runs) operations.push_back(run.at("operations"));
  }
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(operations[i] == operations[i + 3]);
    CHECK(operations[i] == operations[i + 6]);
  }
}

TEST_CASE("An estimate of a million tokens takes little memory") {
#ifndef WATTENTION_SANITIZED
  const Outcome outcome = wattention_run({"run", "ecoformer", "--tokens", "1048576", "--heads", "1",
                                          "--head-dim", "32", "--mode", "estimate"});
  CHECK(outcome.status == 0);
  CHECK(outcome.peak_kib < 64 * 1024);
#endif
}

TEST_CASE("Execution of EcoFormer holds a few times its input and no N x N matrix") {
#ifndef WATTENTION_SANITIZED
  const std::uint64_t input_kib = 2 * 262144ULL * 32 * 4 / 1024;
  const Outcome outcome = wattention_run(
      {"run", "ecoformer", "--tokens", "262144", "--heads", "1", "--head-dim", "32"});
  CHECK(outcome.status == 0);
  CHECK(outcome.peak_kib < static_cast<long>(3 * input_kib));
#endif
}

TEST_CASE("Execution of softmax attention holds a block of rows and no N x N matrix") {
#ifndef WATTENTION_SANITIZED
  const Outcome outcome = wattention_run({"run", "softmax", "--tokens", "8192", "--heads", "1",
                                          "--head-dim", "4", "--reference", "never"});
  CHECK(outcome.status == 0);
  CHECK(outcome.peak_kib < 32 * 1024);  // the matrix would take 256 MiB
#endif
}

TEST_CASE("Outputs, report, JSON and plot are written side by side") {
  const TemporaryFolder folder;
  const Outcome outcome = wattention_run(with(
      {"compare", "softmax", "ecoformer", "--output", folder.path("out.npy"), "--json",
       folder.path("r.json"), "--report", folder.path("r.txt"), "--plot", folder.path("p.svg")},
      real_input()));
  CHECK(outcome.err.empty());
  REQUIRE(outcome.status == 0);
  CHECK(outcome.out.empty());
  CHECK(load_npy(folder.path("out.softmax.npy")).view().rows == 128);
  CHECK(load_npy(folder.path("out.ecoformer.npy")).view().heads == 4);
  CHECK(json::parse(text_of(folder.path("r.json"))).at("runs").size() == 2);
  CHECK(text_of(folder.path("r.txt")).find("saved") != std::string::npos);
  CHECK(text_of(folder.path("p.svg")).find("</svg>") != std::string::npos);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 5);
}

TEST_CASE("The comparison for people fits 100 columns") {
  const Outcome outcome = wattention_run(
      with({"compare", "softmax", "ecoformer", "ecoformer:form=hamming,bits=32"}, real_input()));
  REQUIRE(outcome.status == 0);
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);
}

TEST_CASE("Several token counts are as many runs of each attention, with an output each") {
  const TemporaryFolder folder;
  const Outcome outcome = wattention_run(
      {"compare", "softmax", "ecoformer", "--tokens", "16,64", "--head-dim", "8", "--heads", "2",
       "--json", "-", "--plot", folder.path("p.pdf"), "--output", folder.path("o.npy")});
  REQUIRE(outcome.status == 0);
  const json runs = json::parse(outcome.out).at("runs");
  REQUIRE(runs.size() == 4);
  const json alone =
      json::parse(wattention_run({"compare", "softmax", "ecoformer", "--tokens", "64", "--head-dim",
                                  "8", "--heads", "2", "--json", "-"})
                      .out)
          .at("runs");
  for (const std::size_t i : {0U, 1U}) {
    CHECK(runs[i].at("shape").at("queries") == 16);
    CHECK(runs[i + 2].at("operations") == alone[i].at("operations"));
    CHECK(runs[i + 2].at("error_vs_softmax") == alone[i].at("error_vs_softmax"));
    CHECK(runs[i + 2].at("pareto") == alone[i].at("pareto"));
  }
  CHECK(folder.read("p.pdf").starts_with("%PDF-"));
  for (const char* name : {"o.softmax-16-tokens.npy", "o.ecoformer-64-tokens.npy"}) {
    CHECK(std::filesystem::exists(folder.path(name)));
  }
}

TEST_CASE("Several networks are compared, each with its own baseline, and drawn") {
  const TemporaryFolder folder;
  const Outcome outcome = wattention_run(
      {"network", "pvtv2-b0", "pvtv2-b1", "--mode", "estimate", "--json", folder.path("r.json"),
       "--plot", folder.path("p.svg"), "--attention", "softmax", "--attention", "ecoformer"});
  REQUIRE(outcome.status == 0);
  CHECK(outcome.out.starts_with("4 runs of 2 networks compared\n"));
  CHECK(outcome.out.find("against the first run of the same network") != std::string::npos);
  const json networks = json::parse(folder.read("r.json")).at("networks");
  REQUIRE(networks.size() == 4);
  CHECK(networks[3].at("network") == "pvtv2-b1");
  CHECK(networks[3].at("attention") == "ecoformer");
  CHECK(folder.read("p.svg").find("Energy saved against softmax") != std::string::npos);
}

/// A shipped table with every price doubled, as text.
std::string doubled(const std::string& name) {
  json table =
      json::parse(text_of(std::string(WATTENTION_SOURCE_DIR) + "/energy_tables/" + name + ".json"));
  const auto twice = [](json& energy) {
    if (energy.is_number()) energy = 2 * energy.get<double>();
    for (json& end : energy) {
      if (energy.is_array()) end = 2 * end.get<double>();
    }
  };
  for (auto& operations : table.at("operations")) {
    for (auto& entry : operations) {
      if (entry.contains("energy_pj")) twice(entry["energy_pj"]);
    }
  }
  for (auto& level : table["memory"]) {
    twice(level["read_pj"]);
    twice(level["write_pj"]);
  }
  return table.dump();
}

TEST_CASE(
    "Every shipped table prices softmax and EcoFormer, and twice the prices twice the energy") {
  const TemporaryFolder folder;
  const auto energies = [](const std::string& table) {
    const Outcome outcome = wattention_run(
        {"compare", "softmax", "ecoformer", "ecoformer:form=hamming", "--tokens", "65",
         "--head-dim", "8", "--mode", "estimate", "--json", "-", "--table", table});
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    std::vector<Range> ranges;
    const json runs = json::parse(outcome.out).at("runs");
    for (const json& run : runs) {
      const json& total = run.at("energy_pj").at("total");
      ranges.push_back(total.is_array() ? Range{total[0].get<double>(), total[1].get<double>()}
                                        : Range::exactly(total.get<double>()));
    }
    return ranges;
  };
  for (const std::string& name : shipped_table_names()) {
    INFO(name);
    const std::vector<Range> once = energies(name);
    const std::vector<Range> twice = energies(folder.write(name + ".json", doubled(name)));
    REQUIRE(once.size() == 3);
    for (std::size_t i = 0; i < once.size(); ++i) CHECK(twice[i] == 2.0 * once[i]);
  }
}

TEST_CASE("A price on the command line reprices its operation, what is composed of it, no other") {
  const std::vector<std::string> estimate{"run", "ecoformer", "--tokens", "65",     "--head-dim",
                                          "8",   "--mode",    "estimate", "--json", "-"};
  const auto lines = [](const std::vector<std::string>& arguments) {
    return json::parse(wattention_run(arguments).out).at("runs").at(0).at("operations");
  };
  const json before = lines(estimate);
  const json after = lines(with(estimate, {"--cost", "fp32.mul=2.2"}));
  REQUIRE(before.size() == after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    const std::string op = after[i].at("op");
    INFO(op);
    CHECK(before[i].at("count") == after[i].at("count"));
    const auto count = after[i].at("count").get<double>();
    if (after[i].at("format") == "fp32" && (op == "mul" || op == "mac")) {
      CHECK(after[i].at("energy_pj").get<double>() == Approx((op == "mul" ? 2.2 : 3.1) * count));
      CHECK(after[i].at("kind") == "user");
    } else if (op == "exp" || op == "div" || op == "sqrt") {
      // Exponentials from 1.84 mul to 4 mul + 4 add; divisions from additions alone to 7.1 mul.
      const Range price =
          op == "exp" ? Range{1.84 * 2.2, 4 * 2.2 + 4 * 0.9} : Range{26 * 0.1 + 0.9, 7.1 * 2.2};
      CHECK(after[i].at("energy_pj").at(0).get<double>() == Approx(price.low * count));
      CHECK(after[i].at("energy_pj").at(1).get<double>() == Approx(price.high * count));
      CHECK(after[i].at("kind") == "estimated");
    } else {
      CHECK(before[i] == after[i]);
    }
  }
}

TEST_CASE("Prices on the command line hold for networks too, and reports note them") {
  const Outcome outcome = wattention_run({"network", "fashion_pyramid", "--mode", "estimate",
                                          "--cost", "fp32.mul=1..2", "--json", "-"});
  REQUIRE(outcome.status == 0);
  const json network = json::parse(outcome.out).at("networks").at(0);
  CHECK(network.at("energy_pj").at("compute").is_array());
  CHECK(network.at("notes").back() ==
        "fp32.mul is 1-2 pJ, given by the user; horowitz-45nm has 3.7 pJ");
}

TEST_CASE("A table that was renamed is taken by its old name, and what is printed says so") {
  const std::string note =
      "the cost table tpuv4i-7nm is called jouppi-7nm now: it holds the 7 nm prices of the paper's "
      "Table 2, not the memory of the chip TPUv4i";
  const std::vector<std::string> run{"run", "softmax", "--tokens", "4",      "--head-dim",
                                     "4",   "--mode",  "estimate", "--json", "-"};
  const std::vector<std::string> network{"network",  "fashion_pyramid", "--mode",
                                         "estimate", "--json",          "-"};
  for (const auto& [arguments, list] : {std::pair{run, "runs"}, {network, "networks"}}) {
    INFO(list);
    const Outcome by_old = wattention_run(with(arguments, {"--table", "tpuv4i-7nm"}));
    const Outcome by_new = wattention_run(with(arguments, {"--table", "jouppi-7nm"}));
    REQUIRE(by_old.status == 0);
    CHECK(by_old.err.empty());
    const json noted = json::parse(by_old.out).at(list).at(0);
    const json plain = json::parse(by_new.out).at(list).at(0);
    CHECK(noted.at("notes").back() == note);
    CHECK(by_new.out.find("tpuv4i") == std::string::npos);
    for (const char* key : {"table", "energy_pj", "operations"}) {
      CHECK(noted.at(key) == plain.at(key));
    }
  }
  const Outcome shown = wattention_run({"table", "show", "tpuv4i-7nm"});
  CHECK(shown.status == 0);
  CHECK(shown.err == "note: " + note + "\n");
  CHECK(shown.out == wattention_run({"table", "show", "jouppi-7nm"}).out);
  check_refused(
      with(run, {"--table", "tpuv4i-8nm"}),
      "table: expected one of aladdin-40nm, eyeriss-relative, "
      "horowitz-45nm, jouppi-7nm, shift-add-45nm (did you mean jouppi-7nm?), found \"tpuv4i-8nm\"");
}

TEST_CASE("run and network take one table") {
  for (const std::string command : {"run", "network"}) {
    const std::vector<std::string> what =
        command == "run" ? std::vector<std::string>{"softmax", "--tokens", "4", "--head-dim", "4"}
                         : std::vector<std::string>{"fashion_pyramid"};
    check_refused(
        with(with({command}, what), {"--table", "horowitz-45nm", "--table", "jouppi-7nm"}),
        "command line: --table: expected one table, or `compare`, which takes several, "
        "found 2");
  }
}

TEST_CASE("Several tables price one execution, and the ranking under each is reported") {
  const TemporaryFolder folder;
  json cheap = json::parse(
      text_of(std::string(WATTENTION_SOURCE_DIR) + "/energy_tables/horowitz-45nm.json"));
  cheap["name"] = "cheap-mul";
  cheap["operations"]["fp32"]["mul"]["energy_pj"] = 0.01;
  const std::string file = folder.write("cheap.json", cheap.dump());
  // Laplacian attention adds where softmax attention multiplies.
  const std::vector<std::string> attentions{"softmax", "laplacian"};
  const Outcome outcome = wattention_run(with(with(with({"compare"}, attentions), real_input()),
                                              {"--table", "horowitz-45nm", "--table", file,
                                               "--output", folder.path("o.npy"), "--json", "-"}));
  CHECK(outcome.err.empty());
  REQUIRE(outcome.status == 0);
  const json report = json::parse(outcome.out);
  REQUIRE(report["runs"].size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    const json& run = report["runs"][i];
    CHECK(run["attention"] == attentions[i % 2]);
    CHECK(run["table"]["name"] == (i < 2 ? "horowitz-45nm" : "cheap-mul"));
    CHECK(run["totals"] == report["runs"][i % 2]["totals"]);
    CHECK(run["error_vs_softmax"] == report["runs"][i % 2]["error_vs_softmax"]);
    CHECK(run["host_seconds"] == report["runs"][i % 2]["host_seconds"]);
  }
  CHECK(report["rankings"][0]["attentions"][0]["rank"] == 2);
  CHECK(report["rankings"][1]["attentions"][0]["rank"] == 1);
  REQUIRE(report["ranking_changes"].size() == 1);
  CHECK(report["ranking_changes"][0]["first_takes_less"] == json({"cheap-mul"}));
  CHECK(std::filesystem::exists(folder.path("o.softmax.npy")));
  CHECK(std::filesystem::exists(folder.path("o.laplacian.npy")));

  const std::vector<std::string> one =
      with(with(with({"compare"}, attentions), {"--tokens", "64", "--head-dim", "8"}),
           {"--mode", "estimate"});
  const std::string alone = wattention_run(one).out;
  const std::string both =
      wattention_run(with(one, {"--table", "horowitz-45nm", "--table", file})).out;
  const std::size_t notes = alone.find("\nSources of the prices");
  REQUIRE(notes != std::string::npos);
  CHECK(both.substr(0, notes) == alone.substr(0, notes));
  CHECK(both.find("\nRanking under each cost table\n") == notes);
  CHECK(both.find("softmax and laplacian: softmax takes less under cheap-mul") !=
        std::string::npos);
}

TEST_CASE("Tables that no report could tell apart are refused") {
  check_refused({"compare", "softmax", "--tokens", "4", "--head-dim", "4", "--table",
                 "horowitz-45nm", "--table", "horowitz-45nm"},
                "command line: --table: expected tables of different names, found horowitz-45nm "
                "twice");
}

TEST_CASE("A table that lacks prices is refused with all that are missing") {
  const TemporaryFolder folder;
  json table = json::parse(
      text_of(std::string(WATTENTION_SOURCE_DIR) + "/energy_tables/horowitz-45nm.json"));
  table["name"] = "poor";
  for (const char* op : {"exp", "div", "sqrt", "log", "erf", "tanh"})
    table["operations"]["fp32"].erase(op);
  const std::string file = folder.write("poor.json", table.dump());
  check_refused({"run", "ecoformer", "--tokens", "65", "--head-dim", "8", "--table", file,
                 "--output", folder.path("o.npy")},
                "poor: /operations: expected a price for every operation that is executed, found "
                "none for fp32.div, fp32.sqrt, fp32.exp");
  CHECK_FALSE(std::filesystem::exists(folder.path("o.npy")));
}

TEST_CASE("Bad input is one line with file and place, status 2, and leaves no output behind") {
  const TemporaryFolder folder;
  const auto input = real_input();
  const std::string output = folder.path("out.npy");
  const auto run = [&](const std::string& q, const std::vector<std::string>& more) {
    return with({"run", "ecoformer", "--q", q, "--k", input[3], "--v", input[5], "--output", output,
                 "--json", folder.path("out.json")},
                more);
  };
  const std::string not_npy = folder.write("bad.npy", "hello, this is no tensor at all");
  CHECK(wattention_run(run(not_npy, {})).status == 2);
  CHECK(wattention_run(run(not_npy, {})).err.find("error: " + not_npy + ": magic: expected") == 0);
  const std::string cut = folder.write("cut.npy", text_of(input[1]).substr(0, 1000));
  CHECK(wattention_run(run(cut, {})).err.find("error: " + cut + ": data: expected") == 0);
  const std::string bad_hash = folder.write("bad.safetensors", "123");
  CHECK(wattention_run(run(input[1], {"--hash", bad_hash})).err.find("error: " + bad_hash + ": ") ==
        0);
  const std::string bad_table = folder.write("bad.json", "{\"schema_version\": 1, }");
  CHECK(wattention_run(run(input[1], {"--table", bad_table}))
            .err.find("error: " + bad_table + ": ") == 0);
  const std::string layer1 = test_data("real_qkv/use_lite_layer1_n128/k.npy");
  check_refused({"run", "softmax", "--q", input[1], "--k", layer1, "--v", input[5]},
                layer1 + ": dim: expected the queries' 64, found 128");
  for (const auto& arguments : {run(not_npy, {}), run(cut, {}), run(input[1], {"--hash", bad_hash}),
                                run(input[1], {"--table", bad_table})}) {
    const Outcome outcome = wattention_run(arguments);
    CHECK(outcome.status == 2);
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  }
  CHECK_FALSE(std::filesystem::exists(output));
  CHECK_FALSE(std::filesystem::exists(folder.path("out.json")));
}

TEST_CASE("Misspelt words on the command line are answered with the nearest") {
  check_refused({"comapre"},
                "command line: command: expected one of run, compare, network, check, learn-hash, "
                "reproduce, sweep, report, query, list, table, completion (did you mean "
                "compare?), found \"comapre\"");
  check_refused({"run", "sofmax", "--tokens", "4", "--head-dim", "4"},
                "attention: expected one of " + joined(Registry<Attention>::global().names()) +
                    " (did you mean softmax?), found \"sofmax\"");
  check_refused(
      {"run", "softmax", "--tokens", "4", "--head-dim", "4", "--set", "casual=true"},
      "command line: --set: expected one of causal (did you mean causal?), found \"casual\"");
  check_refused({"run", "softmax", "--tokens", "4", "--head-dim", "4", "--set", "causal=yes"},
                "option of softmax: expected causal=true or false, found \"yes\"");
  check_refused({"run", "softmax", "--tokens", "4", "--head-dim", "4", "--mode", "exectue"},
                "mode: expected one of execute, audit, estimate (did you mean execute?), "
                "found \"exectue\"");
  check_refused({"run", "softmax", "--tokens", "4", "--head-dim", "4", "--table", "horowitz"},
                "table: expected one of " + joined(shipped_table_names()) +
                    " (did you mean horowitz-45nm?), found \"horowitz\"");
  check_refused({"list", "attention"},
                "command line: list: expected one of attentions, networks, tables, formats, "
                "kernels (did you mean "
                "attentions?), found \"attention\"");
}

TEST_CASE("Inputs that contradict each other or are not there are refused") {
  const auto input = real_input();
  check_refused(
      {"run", "softmax"},
      "command line: input: expected --q F --k F --v F, or --tokens N --head-dim D, found neither");
  check_refused(
      with({"run", "softmax", "--tokens", "4"}, input),
      "command line: input: expected files (--q --k --v) or sizes (--tokens ...), found both");
  check_refused({"run", "softmax", "--q", input[1]},
                "command line: input: expected all of --q, --k and --v, found some of them");
  check_refused(
      with({"run", "softmax", "--hash", "h.safetensors"}, input),
      "command line: --hash: expected an attention that takes hash functions, found none");
  check_refused({"run", "softmax", "--tokens", "4", "--head-dim", "4", "--mode", "estimate",
                 "--output", "o.npy"},
                "command line: --output: expected --mode execute or audit, found estimate");
  for (const char* tokens : {"-4", "0", "4.5", "many", "", "99999999999999999999999"}) {
    CAPTURE(tokens);
    CHECK(wattention_run({"run", "softmax", "--tokens", tokens, "--head-dim", "4"}).status == 2);
  }
  check_refused({"run", "softmax", "--tokens", "4,x", "--head-dim", "4"},
                "command line: --tokens: expected a whole number from 1 on, found \"x\"");
  CHECK(wattention_run({}).status == 2);
  CHECK(wattention_run({"run", "softmax", "--tokens", "99999999999999", "--head-dim", "99999999",
                        "--mode", "estimate"})
            .err == "error: shape: expected counts below 2^64, found a larger product\n");
}

#ifndef WATTENTION_SANITIZED  // whose allocator ends the process instead
TEST_CASE("What cannot be held is refused before it is tried") {
  const Outcome outcome =
      wattention_run({"run", "softmax", "--tokens", "1000000000000", "--head-dim", "1000"});
  CHECK(outcome.status == 2);
  CHECK(outcome.err ==
        "error: memory: expected an input that fits this machine, found one that does not\n");
}
#endif

TEST_CASE("Lists and tables print for people and for programs") {
  const json attentions = json::parse(wattention_run({"list", "attentions", "--json"}).out);
  REQUIRE(attentions.size() == Registry<Attention>::global().names().size());
  for (const json& attention : attentions) {
    CHECK_FALSE(attention.at("description").get<std::string>().empty());
    for (const json& option : attention.at("options")) CHECK(option.contains("default"));
  }
  const json tables = json::parse(wattention_run({"list", "tables", "--json"}).out);
  REQUIRE(tables.size() == shipped_table_names().size());
  for (std::size_t i = 0; i < tables.size(); ++i) {
    CHECK(tables[i].at("name") == shipped_table_names()[i]);
  }
  CHECK(wattention_run({"list", "formats"}).out.find("json") != std::string::npos);
  const Outcome shown = wattention_run({"table", "show", "horowitz-45nm"});
  CHECK(shown.status == 0);
  CHECK(shown.out.find("fp32.mac") != std::string::npos);
  const Outcome checked = wattention_run(
      {"table", "check", std::string(WATTENTION_SOURCE_DIR) + "/energy_tables/horowitz-45nm.json"});
  CHECK(checked.status == 0);
  CHECK(checked.out.find("a valid cost table") != std::string::npos);
}

TEST_CASE("A table is shown in every format for people, and in no format that is unknown") {
  const Outcome text = wattention_run({"table", "show", "eyeriss-relative"});
  CHECK(text.out.find("energies are relative, no joules") != std::string::npos);
  CHECK(text.out.find("pJ") == text.out.find("pJ over the 0.83"));
  std::istringstream lines(text.out);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);
  const Outcome markdown =
      wattention_run({"table", "show", "horowitz-45nm", "--format", "markdown"});
  CHECK(markdown.out.starts_with("## horowitz-45nm\n"));
  const Outcome latex = wattention_run({"table", "show", "horowitz-45nm", "--format", "latex"});
  CHECK(latex.out.find("\\begin{longtable}") != std::string::npos);
  const Outcome page = wattention_run({"table", "show", "horowitz-45nm", "--format", "html"});
  CHECK(page.out.starts_with("<!DOCTYPE html>"));
  check_refused(
      {"table", "show", "horowitz-45nm", "--format", "markdwn"},
      "command line: --format: expected one of html, json, latex, markdown, text (did you mean "
      "markdown?), found \"markdwn\"");
}

TEST_CASE("Help and version are no error") {
  CHECK(wattention_run({"--help"}).status == 0);
  CHECK(wattention_run({"run", "--help"}).out.find("Example: wattention run") != std::string::npos);
  CHECK(wattention_run({"--version"}).out.find("wattention 0.") == 0);
}

TEST_CASE("Numbers that are infinite or NaN are refused in inputs and in results, or told") {
  const TemporaryFolder folder;
  Tensor<float> x(1, 4, 2);
  std::fill_n(x.data(), x.size(), 1e30F);
  const std::string huge = folder.write("huge.npy", npy_bytes(std::as_const(x).view()));
  x(0, 3, 1) = -INFINITY;
  const std::string damaged = folder.write("damaged.npy", npy_bytes(std::as_const(x).view()));
  const std::string out = folder.path("out.npy");
  check_refused({"run", "softmax", "--q", damaged, "--k", huge, "--v", huge, "--output", out},
                damaged +
                    ": data: expected finite numbers (allow_nonfinite takes others), found -inf "
                    "at [0, 3, 1], 1 in all");
  check_refused({"run", "softmax", "--q", huge, "--k", huge, "--v", huge, "--output", out},
                "softmax: output: expected finite numbers (allow_nonfinite takes others), found "
                "8 of 8 that are not, the first nan at [0, 0, 0]");
  CHECK_FALSE(std::filesystem::exists(out));
  for (const char* format : {"text", "markdown", "csv", "latex", "html", "json"}) {
    const Outcome outcome = wattention_run({"run", "softmax", "--q", damaged, "--k", huge, "--v",
                                            huge, "--allow-nonfinite", "--format", format});
    CHECK(outcome.status == 0);
    std::string words = outcome.out;
    std::ranges::replace(words, '\n', ' ');
    INFO(format);
    CHECK(words.find("numbers that are infinite or NaN") != std::string::npos);
  }
  check_refused({"run", "int8", "--q", huge, "--k", huge, "--v", huge, "--output", out},
                "int8: queries and keys: expected largest magnitudes whose product fp32 holds, at "
                "most 3.4e+38 (scale the input down), found 1e+60");
  // Differences of the numbers do not overflow; the scores of the reference do.
  const Outcome hidden =
      wattention_run({"run", "laplacian", "--q", huge, "--k", huge, "--v", huge});
  CHECK(hidden.status == 0);
  CHECK(
      hidden.out.find("error against exact softmax left out, 8 of whose 8 numbers are infinite") !=
      std::string::npos);
  CHECK(hidden.out.find("nan") == std::string::npos);
}
