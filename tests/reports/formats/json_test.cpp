#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reports/writer.hpp"
#include "tests/reports/approved.hpp"
#include "tests/reports/sample_report.hpp"

namespace wattention {
namespace {

using Json = nlohmann::ordered_json;

std::string written(const Report& report) {
  return Registry<Writer>::global().make("json", "format")->write(report);
}

Json read_back(const Report& report) { return Json::parse(written(report)); }

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& item : object.items()) keys.push_back(item.key());
  return keys;
}

using Keys = std::vector<std::string>;

TEST_CASE("The JSON report of two runs is the approved one") {
  sample::check_approved("two_runs.json", written(sample::of_two()));
}

TEST_CASE("The JSON report of ranges and missing values is the approved one") {
  sample::check_approved("ranges.json", written({"1.2.3", {sample::with_ranges()}}));
}

TEST_CASE("The JSON report has the keys of the contract, and those it grew") {
  const Json report = read_back(sample::of_two());
  CHECK(keys_of(report) == Keys{"schema", "version", "runs"});
  CHECK(report["schema"] == "wattention-report/2");
  const Json run = report["runs"][1];
  CHECK(keys_of(run) == Keys{"attention", "label",        "options",          "mode",
                             "precision", "accumulate",   "accounting",       "input",
                             "shape",     "table",        "operations",       "memory_policy",
                             "traffic",   "totals",       "energy_pj",        "price_shares",
                             "estimates", "host_seconds", "error_vs_softmax", "pareto",
                             "notes"});
  CHECK(keys_of(run["shape"]) == Keys{"heads", "key_heads", "queries", "keys", "head_dim",
                                      "value_dim", "shared_queries_and_keys"});
  CHECK(keys_of(run["table"]) == Keys{"name", "title", "node_nm", "unit"});
  CHECK(keys_of(run["operations"][0]) ==
        Keys{"phase", "op", "format", "count", "energy_pj", "source", "kind"});
  CHECK(keys_of(run["traffic"][0]) ==
        Keys{"phase", "level", "read_bytes", "write_bytes", "energy_pj"});
  CHECK(keys_of(run["estimates"][0]) == Keys{"price", "energy_pj", "source"});
  CHECK(keys_of(run["totals"]) == Keys{"multiplications", "additions", "macs", "divisions",
                                       "square_roots", "exponentials", "logarithms",
                                       "error_functions", "hyperbolic_tangents", "comparisons",
                                       "bit_operations", "shifts", "lookups"});
  CHECK(keys_of(run["energy_pj"]) == Keys{"compute", "memory", "total"});
  CHECK(keys_of(run["error_vs_softmax"]) == Keys{"max_abs", "rmse", "relative_l2", "cosine"});
}

TEST_CASE("JSON says which runs are on the Pareto front, and null of those without an error") {
  Report report = sample::of_two();
  report.runs.push_back(sample::ecoformer());
  report.runs[2].energy_pj.total = Range::exactly(report.runs[1].energy_pj.total.high + 1.0);
  report.runs.push_back(sample::with_ranges());
  const Json runs = read_back(report)["runs"];
  CHECK(runs[0]["pareto"] == true);
  CHECK(runs[1]["pareto"] == true);
  CHECK(runs[2]["pareto"] == false);
  CHECK(runs[3]["pareto"].is_null());
}

TEST_CASE("JSON says what energies rest on, memory included where it is priced") {
  const Json compute = read_back(sample::of_one())["runs"][0];
  CHECK(keys_of(compute["price_shares"]) == Keys{"published", "derived", "estimated"});
  double all = 0.0;
  for (const Json& share : compute["price_shares"]) all += share.get<double>();
  CHECK(all == Approx(1.0));
  CHECK(compute["estimates"][0]["price"] == "fp32.div");

  const Json memory = read_back({"1", {sample::with_ranges()}})["runs"][0];
  CHECK(memory["traffic"][0]["kind"] == "published");
  CHECK(memory["traffic"][1]["source"] == "DRAM, a guess");
  CHECK(memory["estimates"].size() == 1);
  CHECK(memory["estimates"][0]["price"] == "dram");
  // Two lines of DRAM, 63.9 to 127.8 uJ each, of 147.4 to 294.5 uJ in all.
  CHECK(memory["estimates"][0]["energy_pj"] == Json::array({127'795'200.0, 255'590'400.0}));
  CHECK(memory["price_shares"]["estimated"].get<double>() ==
        Approx(1.5 * 127'795'200.0 / (0.5 * (147'417'6e2 + 294'507'3e2))).epsilon(1e-3));
}

TEST_CASE("JSON has rankings where several tables price the same attentions, and only there") {
  CHECK_FALSE(read_back(sample::of_two()).contains("rankings"));
  const Json report = read_back(sample::under_two_tables());
  CHECK(keys_of(report) == Keys{"schema", "version", "runs", "rankings", "ranking_changes"});
  CHECK(report["runs"].size() == 4);
  CHECK(report["runs"][2]["table"]["name"] == "cheap-mul");
  const Json& second = report["rankings"][1];
  CHECK(second["table"] == "cheap-mul");
  CHECK(second["unit"] == "relative");
  CHECK(second["attentions"][0]["label"] == "softmax");
  CHECK(second["attentions"][0]["rank"] == 1);
  CHECK(second["attentions"][0]["energy_pj"] == 1000.0);
  CHECK(report["ranking_changes"] ==
        Json::parse(R"([{"first": "softmax", "second": "ecoformer form=linear",
                         "first_takes_less": ["cheap-mul"],
                         "second_takes_less": ["horowitz-45nm"], "depends_on_ranges": []}])"));
}

TEST_CASE("Options keep their types in JSON") {
  const Json options = read_back(sample::of_two())["runs"][1]["options"];
  CHECK(options["bits"].is_number_integer());
  CHECK(options["ridge"].is_number_float());
  CHECK(options["form"] == "linear");
  CHECK(read_back(sample::of_two())["runs"][0]["options"]["causal"] == false);
}

TEST_CASE("Counts beyond the exact range of a double stay exact in JSON") {
  Report report = sample::of_one();
  report.runs[0].operations[0].count = std::numeric_limits<std::uint64_t>::max();
  report.runs[0].totals[Total::macs] = (std::uint64_t{1} << 53U) + 1;
  const Json run = read_back(report)["runs"][0];
  CHECK(run["operations"][0]["count"].get<std::uint64_t>() == 18446744073709551615U);
  CHECK(run["totals"]["macs"].get<std::uint64_t>() == 9007199254740993U);
}

TEST_CASE("Energies in JSON read back as the same doubles") {
  Report report = sample::of_one();
  const double energy = 0.1 + 0.2;
  report.runs[0].energy_pj.total = Range::exactly(energy);
  CHECK(read_back(report)["runs"][0]["energy_pj"]["total"].get<double>() == energy);
}

TEST_CASE("An energy in JSON is a number where it is exact, else its two ends") {
  Report report = sample::of_one();
  report.runs[0].energy_pj = {Range::exactly(1.5), {2.0, 4.0}, {3.5, 5.5}};
  const Json energy = read_back(report)["runs"][0]["energy_pj"];
  CHECK(energy["compute"] == 1.5);
  CHECK(energy["memory"] == Json::array({2.0, 4.0}));
  CHECK(energy["total"] == Json::array({3.5, 5.5}));
}

TEST_CASE("What is absent or not finite is null in JSON") {
  Report report = sample::of_one();
  const double infinity = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Run& run = report.runs[0];
  run.host_seconds.reset();
  run.energy_pj = {Range::exactly(infinity), Range::exactly(nan), {1.0, infinity}};
  run.error_vs_softmax->cosine = nan;
  const Json with_error = read_back(report)["runs"][0];
  CHECK(with_error["host_seconds"].is_null());
  CHECK(with_error["energy_pj"]["compute"].is_null());
  CHECK(with_error["energy_pj"]["memory"].is_null());
  CHECK(with_error["energy_pj"]["total"] == Json::array({1.0, nullptr}));
  CHECK(with_error["error_vs_softmax"]["cosine"].is_null());
  run.error_vs_softmax.reset();
  CHECK(read_back(report)["runs"][0]["error_vs_softmax"].is_null());
}

TEST_CASE("A report without runs, options or operations has empty lists in JSON") {
  CHECK(read_back({"1", {}})["runs"] == Json::array());
  const Json run = read_back({"1", {Run{}}})["runs"][0];
  CHECK(run["options"] == Json::object());
  CHECK(run["operations"] == Json::array());
  CHECK(run["traffic"] == Json::array());
  CHECK(run["notes"] == Json::array());
}

TEST_CASE("Hostile text is escaped in JSON, and broken UTF-8 is replaced") {
  Report report = sample::of_one();
  report.runs[0].label = sample::hostile_text();
  const std::string label = read_back(report)["runs"][0]["label"];
  const std::string hostile = sample::hostile_text();
  CHECK(label == hostile.substr(0, hostile.size() - 1) + "\xef\xbf\xbd");
}

}  // namespace
}  // namespace wattention
