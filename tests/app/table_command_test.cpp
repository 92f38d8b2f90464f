// `wattention table ...` as users run it: files, messages, exit status.

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/energy_table.hpp"
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
  const auto energy = [](const std::string& table) {
    const Outcome run = wattention_run({"run", "softmax", "--tokens", "16", "--head-dim", "4",
                                        "--mode", "estimate", "--table", table, "--json", "-"});
    return json::parse(run.out)["runs"][0]["energy_pj"]["compute"].get<double>();
  };
  CHECK(energy(file) == Approx(0.05663 * energy("horowitz-45nm")).epsilon(1e-4));
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
