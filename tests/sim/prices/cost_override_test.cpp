#include "sim/prices/cost_override.hpp"

#include <catch2/catch.hpp>

#include "sim/files/json_cursor.hpp"
#include "sim/prices/shipped_tables.hpp"

using namespace wattention;

namespace {

OverriddenTable horowitz_with(const std::vector<std::string>& texts) {
  std::vector<CostOverride> costs;
  for (const std::string& text : texts) costs.push_back(parse_cost(text));
  return with_costs(find_table_document("horowitz-45nm"), costs);
}

/// Names of the operations whose price differs.
std::vector<std::string> differences(const EnergyTable& a, const EnergyTable& b) {
  std::vector<std::string> names;
  for (std::size_t format = 0; format < format_count; ++format) {
    for (std::size_t op = 0; op < op_count; ++op) {
      const auto& one = a.price(static_cast<Op>(op), static_cast<Format>(format));
      const auto& other = b.price(static_cast<Op>(op), static_cast<Format>(format));
      if (one.has_value() == other.has_value() && (!one || one->energy_pj == other->energy_pj)) {
        continue;
      }
      names.push_back(std::string(names_of<Format>[format]) + "." + std::string(names_of<Op>[op]));
    }
  }
  return names;
}

}  // namespace

TEST_CASE("A price of the user's replaces the table's, and compositions follow") {
  const auto [table, notes] = horowitz_with({"fp32.mul=2.2"});
  const Price& mul = *table.price(Op::mul, Format::fp32);
  CHECK(mul.energy_pj == Range::exactly(2.2));
  CHECK(mul.kind == Kind::user);
  CHECK(mul.source == "given by the user: fp32.mul=2.2");
  CHECK(mul.area_um2 == 7700);
  // mac = mul + add; exp = from 1.84 mul to 4 mul + 4 add
  CHECK(table.price(Op::mac, Format::fp32)->energy_pj.low == Approx(2.2 + 0.9));
  CHECK(table.price(Op::mac, Format::fp32)->kind == Kind::user);
  CHECK(table.price(Op::exp, Format::fp32)->energy_pj.low == Approx(1.84 * 2.2));
  CHECK(table.price(Op::exp, Format::fp32)->energy_pj.high == Approx(4 * 2.2 + 4 * 0.9));
  CHECK(table.price(Op::exp, Format::fp32)->kind == Kind::estimated);
  CHECK(notes == std::vector<std::string>{"fp32.mul is 2.2 pJ, given by the user; "
                                          "horowitz-45nm has 3.7 pJ"});
}

TEST_CASE("A price of the user's changes what is composed of it and nothing else") {
  const EnergyTable before = find_table("horowitz-45nm");
  CHECK(differences(before, horowitz_with({"fp32.div=9"}).table) ==
        std::vector<std::string>{"fp32.div", "fp32.sqrt", "fp32.tanh"});
  CHECK(differences(before, horowitz_with({"fp32.mul=9"}).table) ==
        std::vector<std::string>{"fp32.mac", "fp32.mul", "fp32.div", "fp32.sqrt", "fp32.exp",
                                 "fp32.log", "fp32.erf", "fp32.tanh"});
  CHECK(differences(before, horowitz_with({"dram.read=9"}).table).empty());
}

TEST_CASE("What a price was before is the table's, whatever else is given") {
  const auto notes =
      horowitz_with({"fp32.mul=2.2", "fp32.exp=10", "dram.read=9", "dram.write=8"}).notes;
  CHECK(notes[1] == "fp32.exp is 10 pJ, given by the user; horowitz-45nm has 6.808-18.4 pJ");
  CHECK(notes[3] == "dram.write is 8 pJ, given by the user; horowitz-45nm has 1300-2600 pJ");
}

TEST_CASE("A range, and what the table does not price, can be given") {
  const auto [table, notes] = horowitz_with({"bf16.mul=0.2..0.4", "fp32.mac=3"});
  CHECK(table.price(Op::mul, Format::bf16)->energy_pj == Range{0.2, 0.4});
  CHECK(table.price(Op::mac, Format::fp32)->energy_pj == Range::exactly(3));
  CHECK(table.price(Op::mac, Format::fp32)->composition.empty());
  CHECK(notes[1] == "fp32.mac is 3 pJ, given by the user; horowitz-45nm has 4.6 pJ");
  CHECK(notes[0] == "bf16.mul is 0.2-0.4 pJ, given by the user; horowitz-45nm does not price it");
}

TEST_CASE("Reading and writing of a memory level can be given, each alone") {
  const auto [table, notes] = horowitz_with({"dram.read=1000..1200", "sram_1mb.write=90"});
  const MemoryLevel& dram = table.memory().back();
  CHECK(dram.read_pj == Range{1000, 1200});
  CHECK(dram.write_pj == Range{1300, 2600});
  CHECK(dram.kind == Kind::user);
  CHECK(dram.source == "given by the user: dram.read=1000..1200");
  CHECK(dram.note.find("The energy of a write stays that of: M. Horowitz") == 0);
  CHECK(table.memory()[2].read_pj == Range::exactly(100));
  CHECK(table.memory()[2].write_pj == Range::exactly(90));
  CHECK(table.memory()[1].kind == Kind::published);
  CHECK(notes[0] == "dram.read is 1000-1200 pJ, given by the user; horowitz-45nm has 1300-2600 pJ");
}

TEST_CASE("An interpolated level takes a price of the user's") {
  Json document = find_table_document("horowitz-45nm");
  nlohmann::json& level = document.value["memory"][1];
  for (const char* key : {"read_pj", "write_pj", "source", "kind", "note"}) level.erase(key);
  level["interpolate"] = true;
  const double derived = EnergyTable::read(document).memory()[1].write_pj.low;
  const CostOverride cost = parse_cost("sram_32kb.read=15");
  const EnergyTable table = with_costs(document, {&cost, 1}).table;
  CHECK(table.memory()[1].read_pj == Range::exactly(15));
  CHECK(table.memory()[1].write_pj == Range::exactly(derived));
}

TEST_CASE("Prices of the user's that cannot be read are refused") {
  const std::string form =
      "cost: expected FORMAT.OPERATION=PJ, or LEVEL.read=PJ or LEVEL.write=PJ, "
      "with PJ a number >= 0 or LOW..HIGH, found ";
  for (const char* text : {"", "fp32", "fp32.mul", "fp32=2", "fp32.mul=", "fp32.mul=two",
                           "fp32.mul=2.2pJ", "fp32.mul=-1", "fp32.mul=nan", "fp32.mul=inf",
                           "fp32.mul=1e999", "fp32.mul=3..2", "fp32.mul=1..", "fp32.mul=..2"}) {
    CHECK_THROWS_WITH(parse_cost(text), form + "\"" + text + "\"");
  }
}

TEST_CASE("Prices of what there is not are refused with the nearest name") {
  CHECK_THROWS_WITH(horowitz_with({"fp32.mull=2"}),
                    "cost: expected one of mac, mul, add, div, sqrt, exp, log, "
                    "erf, tanh, compare, logic, popcount, shift, lookup (did you mean mul?), found "
                    "operation \"mull\"");
  CHECK_THROWS_WITH(horowitz_with({"fp23.mul=2"}),
                    "cost: expected one of fp32, fp16, bf16, e4m3, e5m2, int32, int16, int8, "
                    "bit, sram_8kb, sram_32kb, sram_1mb, dram (did you mean fp32?), found "
                    "\"fp23\"");
  CHECK_THROWS_WITH(horowitz_with({"dram.reed=2"}),
                    "cost: expected dram.read or dram.write, found \"reed\"");
  CHECK_THROWS_WITH(horowitz_with({"fp32.mul=2", "fp32.mul=3"}),
                    "cost: expected each price once, found fp32.mul twice");
}
