// A user's own table, beside the one that it was copied from: exactly what was changed in it
// changes in the report.

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/files/json_cursor.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "tests/app/process.hpp"
#include "tests/temporary_folder.hpp"

using namespace wattention;
using nlohmann::json;

namespace {

json run_with(const std::string& table, const std::string& tokens = "65",
              const std::string& head_dim = "8") {
  const Outcome outcome =
      wattention_run({"run", "ecoformer", "--tokens", tokens, "--head-dim", head_dim, "--mode",
                      "estimate", "--json", "-", "--table", table});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return json::parse(outcome.out)["runs"][0];
}

/// "FORMAT.OPERATION" of every line that differs; the lines are the same ones in the same order.
std::set<std::string> changed_operations(const json& before, const json& after) {
  std::set<std::string> changed;
  REQUIRE(before["operations"].size() == after["operations"].size());
  for (std::size_t i = 0; i < before["operations"].size(); ++i) {
    const json& a = before["operations"][i];
    const json& b = after["operations"][i];
    for (const char* key : {"phase", "op", "format", "count"}) CHECK(a[key] == b[key]);
    if (a != b) changed.insert(a["format"].get<std::string>() + "." + a["op"].get<std::string>());
  }
  return changed;
}

/// The traffic of one level, phase by phase, bytes and energies.
json traffic_at(const json& run, const std::string& level) {
  json lines = json::array();
  for (const json& line : run["traffic"]) {
    if (line["level"] == level) lines.push_back(line);
  }
  return lines;
}

std::uint64_t bytes_of(const json& lines) {
  std::uint64_t bytes = 0;
  for (const json& line : lines) {
    bytes += line["read_bytes"].get<std::uint64_t>() + line["write_bytes"].get<std::uint64_t>();
  }
  return bytes;
}

/// The blocks of a document that are fenced as JSON.
std::vector<std::string> json_blocks(const std::string& document) {
  std::ifstream stream(std::string(WATTENTION_SOURCE_DIR) + "/" + document);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const std::string fence = "```json\n";
  std::vector<std::string> blocks;
  for (std::size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
    at += fence.size();
    blocks.push_back(text.substr(at, text.find("```", at) - at));
  }
  return blocks;
}

class UserTable {
 public:
  json document = find_table_document("horowitz-45nm").value;

  std::string file() {
    document["name"] = "mine";
    document["references"]["me"] = "Synthesis of 2026-11-01";
    return folder_.write("mine.json", document.dump());
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("The cost tables of the documentation are valid") {
  for (const char* document : {"README.md", "docs/hardware.md"}) {
    INFO(document);
    const std::vector<std::string> tables = json_blocks(document);
    REQUIRE(tables.size() == 1);
    CHECK_NOTHROW(EnergyTable::parse(tables.front(), document));
  }
}

TEST_CASE("The commands of docs/hardware.md work on its table as it says") {
  const TemporaryFolder folder;
  const std::string file = folder.write("mine.json", json_blocks("docs/hardware.md").front());
  CHECK(wattention_run({"table", "check", file}).out ==
        file + ": a valid cost table: 6 prices (2 estimated, 4 user), 0 memory levels\n");
  const std::vector<std::string> sizes{"--tokens", "784", "--head-dim", "32", "--table", file};
  std::vector<std::string> compare{"compare", "softmax", "linear-elu"};
  compare.insert(compare.end(), sizes.begin(), sizes.end());
  CHECK(wattention_run(compare).status == 0);
  std::vector<std::string> ecoformer{"run", "ecoformer"};
  ecoformer.insert(ecoformer.end(), sizes.begin(), sizes.end());
  CHECK(wattention_run(ecoformer).err ==
        "error: mine: /operations: expected a price for every operation that is executed, found "
        "none for int32.add, fp32.sqrt, bit.logic\n");
}

TEST_CASE("A user's table that was only renamed gives the same lines") {
  UserTable mine;
  const json before = run_with("horowitz-45nm");
  const json after = run_with(mine.file());
  CHECK(after["table"]["name"] == "mine");
  CHECK(changed_operations(before, after).empty());
  for (const char* key : {"traffic", "totals", "energy_pj", "estimates"}) {
    CHECK(before[key] == after[key]);
  }
}

TEST_CASE("An operation that a user's table reprices changes its own lines and no other") {
  UserTable mine;
  mine.document["operations"]["fp32"]["compare"] = {
      {"energy_pj", 0.25}, {"source", "me"}, {"kind", "user"}};
  const json before = run_with("horowitz-45nm");
  const json after = run_with(mine.file());
  CHECK(changed_operations(before, after) == std::set<std::string>{"fp32.compare"});
  CHECK(before["traffic"] == after["traffic"]);
  double difference = 0.0;  // from the 0.1 pJ of an integer addition
  for (const json& line : after["operations"]) {
    if (line["op"] != "compare") continue;
    CHECK(line["energy_pj"] == 0.25 * line["count"].get<double>());
    CHECK(line["source"] == "Synthesis of 2026-11-01");
    CHECK(line["kind"] == "user");
    difference += (0.25 - 0.1) * line["count"].get<double>();
  }
  CHECK(difference > 0.0);
  for (const std::size_t end : {0, 1}) {
    CHECK(after["energy_pj"]["compute"][end].get<double>() -
              before["energy_pj"]["compute"][end].get<double>() ==
          Approx(difference));
  }
}

TEST_CASE("An operation that others are composed of changes their lines too") {
  UserTable mine;
  mine.document["operations"]["fp32"]["add"]["energy_pj"] = 0.8;
  // mac = mul + add, exp and div from a dedicated unit to a generic one, of which one end each has
  // additions; sqrt = div. A comparison is an integer addition.
  CHECK(changed_operations(run_with("horowitz-45nm"), run_with(mine.file())) ==
        std::set<std::string>{"fp32.add", "fp32.mac", "fp32.exp", "fp32.div", "fp32.sqrt"});
}

TEST_CASE("A level that a user's table adds changes its own traffic and that behind it, no other") {
  UserTable mine;
  json& memory = mine.document["memory"];
  memory.insert(memory.begin() + 2, json{{"level", "sram_256kb"},
                                         {"technology", "sram"},
                                         {"capacity_bytes", 262144},
                                         {"access_bits", 64},
                                         {"interpolate", true}});
  CHECK(changed_operations(run_with("horowitz-45nm"), run_with(mine.file())).empty());
  const EnergyTable table = EnergyTable::load(mine.file());
  REQUIRE(table.memory().size() == 5);
  // 20 + (512 - 181.0193) / (1024 - 181.0193) * (100 - 20), over the roots of the capacities
  CHECK(table.memory()[2].read_pj.low == Approx(51.4105).epsilon(1e-5));
  CHECK(table.memory()[2].kind == Kind::derived);

  // 1,024 tokens of head dim 32: tensors of 128 KiB stay in the new level. What is inside of it,
  // and what lies beyond the level behind it, moves as before; that level itself is spared.
  const json before = run_with("horowitz-45nm", "1024", "32");
  const json after = run_with(mine.file(), "1024", "32");
  CHECK(changed_operations(before, after).empty());
  for (const char* level : {"sram_8kb", "sram_32kb", "dram"}) {
    INFO(level);
    CHECK_FALSE(traffic_at(before, level).empty());
    CHECK(traffic_at(before, level) == traffic_at(after, level));
  }
  CHECK(traffic_at(before, "sram_256kb").empty());
  CHECK(bytes_of(traffic_at(after, "sram_256kb")) > 0);
  CHECK(bytes_of(traffic_at(after, "sram_1mb")) < bytes_of(traffic_at(before, "sram_1mb")));
  for (const json& line : traffic_at(after, "sram_256kb")) {
    const double accesses = static_cast<double>((line["read_bytes"].get<std::uint64_t>() + 7) / 8 +
                                                (line["write_bytes"].get<std::uint64_t>() + 7) / 8);
    CHECK(line["energy_pj"].get<double>() == Approx(accesses * table.memory()[2].read_pj.low));
    CHECK(line["kind"] == "derived");
  }
}

TEST_CASE("A memory price of the user's changes the lines of its level and no other") {
  UserTable mine;
  mine.document["memory"][1]["read_pj"] = 40;  // twice
  const json before = run_with("horowitz-45nm", "1024", "32");
  const json after = run_with(mine.file(), "1024", "32");
  CHECK(changed_operations(before, after).empty());
  for (const char* level : {"sram_8kb", "sram_1mb", "dram"}) {
    CHECK(traffic_at(before, level) == traffic_at(after, level));
  }
  const json twice = traffic_at(after, "sram_32kb");
  const json once = traffic_at(before, "sram_32kb");
  REQUIRE(twice.size() == once.size());
  for (std::size_t i = 0; i < once.size(); ++i) {
    const auto reads = static_cast<double>((once[i]["read_bytes"].get<std::uint64_t>() + 7) / 8);
    CHECK(twice[i]["read_bytes"] == once[i]["read_bytes"]);
    CHECK(twice[i]["write_bytes"] == once[i]["write_bytes"]);
    CHECK(twice[i]["energy_pj"].get<double>() - once[i]["energy_pj"].get<double>() ==
          Approx(20.0 * reads));
  }
}
