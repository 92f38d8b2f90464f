#include "sim/prices/process_scaling.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "sim/files/json_cursor.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "sim/prices/table_file.hpp"

using namespace wattention;

namespace {

constexpr double nodes[] = {130, 90, 65, 45, 32, 20, 16, 14, 10, 7};
constexpr const char* fitted =
    "expected one of 130, 90, 65, 45, 32, 20, 16, 14, 10, 7 nm, which "
    "are fitted, found ";

EnergyTable scaled_horowitz(double node_nm, double voltage_v) {
  return EnergyTable::read(
      scaled(find_table_document("horowitz-45nm"), {node_nm, voltage_v}).document);
}

}  // namespace

TEST_CASE("The factor from 45 nm at 0.9 V to 7 nm at 0.7 V is 1 / 17.7, computed by hand") {
  // 45 nm: 1.103 * 0.81 - 0.362 * 0.9 + 0.2767  = 0.89343 - 0.3258 + 0.2767     = 0.84433
  //  7 nm: 0.1776 * 0.49 - 0.09097 * 0.7 + 0.02447 = 0.087024 - 0.063679 + 0.02447 = 0.047815
  CHECK(energy_factor({45, 0.9}, {7, 0.7}) == Approx(0.047815 / 0.84433));
  CHECK(1 / energy_factor({45, 0.9}, {7, 0.7}) == Approx(17.66).epsilon(1e-3));
}

TEST_CASE("Scaling to the same process changes nothing, and there and back is the same") {
  for (const double node : nodes) {
    CHECK(energy_factor({node, 1.0}, {node, 1.0}) == 1.0);
    CHECK(energy_factor({node, 1.0}, {45, 0.9}) * energy_factor({45, 0.9}, {node, 1.0}) ==
          Approx(1.0));
  }
}

TEST_CASE("Within the voltages that are taken, energy grows with voltage at every node") {
  for (const double node : nodes) {
    double before = 0.0;
    for (int step = 0; step <= 60; ++step) {
      const double factor = energy_factor({45, 0.9}, {node, 0.6 + 0.01 * step});
      CHECK(factor > before);
      before = factor;
    }
  }
}

TEST_CASE("Nodes that are not fitted and voltages out of range are refused") {
  CHECK_THROWS_WITH(energy_factor({45, 0.9}, {5, 0.7}),
                    "scaling: node: " + std::string(fitted) + "5");
  CHECK_THROWS_WITH(energy_factor({45, 0.9}, {7.5, 0.7}),
                    "scaling: node: " + std::string(fitted) + "7.5");
  for (const double voltage : {0.59, 1.21, -0.9, std::numeric_limits<double>::quiet_NaN(),
                               std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_WITH(energy_factor({45, 0.9}, {7, voltage}),
                      Catch::StartsWith("scaling: voltage: expected from 0.6 to 1.2 V"));
  }
  CHECK_NOTHROW(energy_factor({45, 0.6}, {7, 1.2}));
}

TEST_CASE("A scaled table has every energy on the chip times the factor, and DRAM as it was") {
  const double factor = 0.047815 / 0.84433;
  const EnergyTable before = find_table("horowitz-45nm");
  const EnergyTable after = scaled_horowitz(7, 0.7);
  for (std::size_t format = 0; format < format_count; ++format) {
    for (std::size_t op = 0; op < op_count; ++op) {
      const auto& old = before.price(static_cast<Op>(op), static_cast<Format>(format));
      const auto& now = after.price(static_cast<Op>(op), static_cast<Format>(format));
      REQUIRE(old.has_value() == now.has_value());
      if (!old) continue;
      INFO(names_of<Format>[format] << ' ' << names_of<Op>[op]);
      CHECK(now->energy_pj.low == Approx(factor * old->energy_pj.low));
      CHECK(now->source == old->source);
      CHECK(now->kind == (old->kind == Kind::published ? Kind::derived : old->kind));
      CHECK_FALSE(now->area_um2.has_value());
    }
  }
  REQUIRE(after.memory().size() == 4);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(after.memory()[i].read_pj.low == Approx(factor * before.memory()[i].read_pj.low));
    CHECK(after.memory()[i].kind == Kind::derived);
  }
  CHECK(after.memory()[3].read_pj == Range{1300, 2600});
  CHECK(after.memory()[3].kind == Kind::published);
  CHECK(after.overheads()[0].energy_pj.low == Approx(factor * 70));
  CHECK(after.array()->rows == before.array()->rows);
}

TEST_CASE("A scaled table says what it was scaled from, entry by entry") {
  const EnergyTable table = scaled_horowitz(7, 0.7);
  CHECK(table.name() == "horowitz-45nm-to-7nm");
  CHECK(table.node_nm() == 7);
  CHECK(table.voltage_v() == 0.7);
  CHECK(table.title().find("; scaled to 7 nm, 0.7 V") != std::string::npos);
  CHECK(table.note().find("Energies on the chip, memory like logic, are 0.05663 times those of ") ==
        0);
  CHECK(table.note().find("not scaled (dram)") != std::string::npos);
  CHECK(table.price(Op::mul, Format::fp32)->note ==
        "Scaled by 0.05663 from 45 nm at 0.9 V to 7 nm at 0.7 V, after Stillmaker and Baas 2017; "
        "there 3.7 pJ.");
}

TEST_CASE("Scaling scales ranges, interpolated levels and unlike reads and writes") {
  Json document = find_table_document("horowitz-45nm");
  nlohmann::json& memory = document.value["memory"];
  memory[0]["write_pj"] = {11, 12};
  for (const char* key : {"read_pj", "write_pj", "source", "kind", "note"}) memory[1].erase(key);
  memory[1]["interpolate"] = true;
  const EnergyTable before = EnergyTable::read(document);
  const ScaledTable result = scaled(document, {45, 1.0});
  const EnergyTable after = EnergyTable::read(result.document);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(after.memory()[i].write_pj.low ==
          Approx(result.factor * before.memory()[i].write_pj.low));
    CHECK(after.memory()[i].write_pj.high ==
          Approx(result.factor * before.memory()[i].write_pj.high));
  }
  CHECK(after.memory()[0].note.find("there 10 and 11-12 pJ.") != std::string::npos);
}

TEST_CASE("Tables that cannot be scaled are refused with what they lack") {
  const Process to{7, 0.7};
  CHECK_THROWS_WITH(scaled(find_table_document("eyeriss-relative"), to),
                    "energy_tables/eyeriss-relative.json: /unit: expected pJ, as relative costs "
                    "have no scale, found \"relative\"");
  CHECK_THROWS_WITH(scaled(find_table_document("jouppi-7nm"), to),
                    "energy_tables/jouppi-7nm.json: /voltage_v: expected the voltage to scale "
                    "from, found nothing");
  Json document = find_table_document("horowitz-45nm");
  document.value["node_nm"] = 40;
  CHECK_THROWS_WITH(scaled(document, to),
                    "energy_tables/horowitz-45nm.json: /node_nm: " + std::string(fitted) + "40");
  document = find_table_document("horowitz-45nm");
  document.value["voltage_v"] = 1.5;
  CHECK_THROWS_WITH(scaled(document, to),
                    "energy_tables/horowitz-45nm.json: /voltage_v: expected from 0.6 to 1.2 V, "
                    "found 1.5");
}

TEST_CASE("A table's file has its keys in the order of the shipped ones") {
  const std::string text = table_file_text(find_table_document("horowitz-45nm").value);
  std::size_t before = 0;
  for (const char* key : {"\"schema_version\"", "\"name\"", "\"title\"", "\"note\"", "\"node_nm\"",
                          "\"voltage_v\"", "\"references\"", "\"array\"", "\"operations\"",
                          "\"fp32\"", "\"mac\"", "\"mul\"", "\"energy_pj\"", "\"area_um2\"",
                          "\"source\"", "\"kind\"", "\"bit\"", "\"memory\"", "\"overheads\""}) {
    INFO(key);
    const std::size_t at = text.find(key, before);
    CHECK(at != std::string::npos);
    before = at;
  }
  CHECK(nlohmann::json::parse(text) == find_table_document("horowitz-45nm").value);
}
