// `wattention table ...` as users run it: files, messages, exit status.

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/prices/energy_table.hpp"
#include "tests/app/process.hpp"
#include "tests/temporary_folder.hpp"

using namespace wattention;
using nlohmann::json;

namespace {

std::vector<std::string> scale(const std::string& table, const std::string& node,
                               const std::string& voltage, const std::string& output) {
  return {"table", "scale", table, "--node", node, "--voltage", voltage, "--output", output};
}

}  // namespace

TEST_CASE("A table is scaled to another process, says by how much, and prices runs") {
  const TemporaryFolder folder;
  const std::string file = folder.path("h7.json");
  const Outcome outcome = wattention_run(scale("horowitz-45nm", "7", "0.7", file));
  CHECK(outcome.err.empty());
  REQUIRE(outcome.status == 0);
  CHECK(outcome.out == file +
                           ": horowitz-45nm from 45 nm at 0.9 V to 7 nm at 0.7 V\n"
                           "energy factor 0.05663 (Stillmaker and Baas 2017): 17.7 times less\n"
                           "not scaled: dram, off the chip; areas are left out\n");
  CHECK(EnergyTable::load(file).name() == "horowitz-45nm-to-7nm");
  const auto energies = [](const std::string& table) {
    const Outcome run = wattention_run({"run", "softmax", "--tokens", "16", "--head-dim", "4",
                                        "--mode", "estimate", "--table", table, "--json", "-"});
    return json::parse(run.out)["runs"][0]["energy_pj"]["compute"].get<std::array<double, 2>>();
  };
  for (const std::size_t end : {0U, 1U}) {
    CHECK(energies(file)[end] == Approx(0.05663 * energies("horowitz-45nm")[end]).epsilon(1e-4));
  }
}

TEST_CASE("A table that cannot be scaled is refused on one line, and nothing is written") {
  const TemporaryFolder folder;
  const std::string file = folder.path("out.json");
  for (const auto& arguments :
       {scale("horowitz-45nm", "5", "0.7", file), scale("horowitz-45nm", "7", "0.5", file),
        scale("aladdin-40nm", "7", "0.7", file), scale("eyeriss-relative", "7", "0.7", file),
        scale("horowitz-46nm", "7", "0.7", file),
        scale("horowitz-45nm", "7", "0.7", folder.path("none/out.json"))}) {
    const Outcome outcome = wattention_run(arguments);
    CHECK(outcome.status == 2);
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
    CHECK(outcome.err.find("error: ") == 0);
    CHECK(outcome.out.empty());
    CHECK_FALSE(std::filesystem::exists(file));
  }
}

TEST_CASE(
    "Accelergy's tables are imported, what is left out is listed, and the table prices runs") {
  const TemporaryFolder folder;
  const std::string mac =
      folder.write("fpmac.csv",
                   "technology,exponent,mantissa,action,energy,area\n45nm,8,24,mac_random,4,900\n"
                   "45nm,8,24,mac_gated,1,900\n");
  const std::string dram =
      folder.write("DRAM.csv", "technology,width,action,energy\n45nm,64,read,512\n");
  const std::string file = folder.path("mine.json");
  const Outcome outcome =
      wattention_run({"table", "import", "accelergy", mac, dram, "--output", file});
  CHECK(outcome.err.empty());
  REQUIRE(outcome.status == 0);
  CHECK(outcome.out ==
        file + ": taken\n  fp32.mac: 4 pJ (" + mac +
            ": line 2)\n  dram: read 512 pJ, write 512 pJ (" + dram + ": line 2)\nleft out\n  " +
            mac + ": line 3: action \"mac_gated\" of fpmac is no operation and no access\n");
  CHECK(EnergyTable::load(file).name() == "mine");
  const Outcome run = wattention_run({"run",        "softmax",
                                      "--tokens",   "4",
                                      "--head-dim", "2",
                                      "--mode",     "estimate",
                                      "--table",    file,
                                      "--json",     "-",
                                      "--cost",     "fp32.mul=1",
                                      "--cost",     "fp32.add=1",
                                      "--cost",     "fp32.exp=1",
                                      "--cost",     "fp32.div=1",
                                      "--cost",     "fp32.compare=1"});
  REQUIRE(run.status == 0);
  const json report = json::parse(run.out);
  for (const json& line : report["runs"][0]["operations"]) {
    CHECK(line["kind"] == "user");
    if (line["op"] == "mac") CHECK(line["energy_pj"] == 4 * line["count"].get<double>());
  }
}

TEST_CASE("A file of Accelergy's that is damaged leaves no table behind") {
  const TemporaryFolder folder;
  const std::string file = folder.write("intmac.csv", "technology,action\n");
  const std::string output = folder.path("mine.json");
  const Outcome outcome =
      wattention_run({"table", "import", "accelergy", file, "--output", output});
  CHECK(outcome.status == 2);
  CHECK(outcome.err == "error: " + file +
                           ": line 1: expected the columns of intmac, found no energy, "
                           "datawidth\n");
  CHECK_FALSE(std::filesystem::exists(output));
}
