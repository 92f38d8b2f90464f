#include "sim/prices/accelergy_import.hpp"

#include <catch2/catch.hpp>

#include "sim/error.hpp"
#include "sim/prices/energy_table.hpp"

using namespace wattention;

namespace {

const std::string intmac =
    "technology,latency,datawidth,num_pipeline_stages,action,energy,area\n"
    "45nm,5ns,16,2,mac_random,3,120\n"
    "45nm,5ns,16,2,mac_reused,2,120\n"
    "45nm,5ns,16,2,idle,1,120\n";

ImportedTable imported(const std::vector<std::pair<std::string, std::string>>& files,
                       const std::vector<RowFilter>& filters = {}) {
  std::vector<Csv> parsed;
  for (const auto& [name, text] : files) parsed.push_back(parse_csv(text, name));
  return import_accelergy(parsed, filters, "mine");
}

EnergyTable table(const std::vector<std::pair<std::string, std::string>>& files,
                  const std::vector<RowFilter>& filters = {}) {
  return EnergyTable::parse(imported(files, filters).text, "mine.json");
}

}  // namespace

TEST_CASE("A row becomes the price of its operation, with energy, area, file, line and kind") {
  const EnergyTable mine = table({{"a/intmac.csv", intmac}});
  CHECK(mine.name() == "mine");
  CHECK(mine.node_nm() == 45);
  const Price& mac = *mine.price(Op::mac, Format::int16);
  CHECK(mac.energy_pj == Range::exactly(3));
  CHECK(mac.area_um2 == 120);
  CHECK(mac.kind == Kind::user);
  CHECK(mac.source == "intmac.csv, a table of Accelergy's form");
  CHECK(mac.note ==
        "Line 2: technology=45nm, latency=5ns, datawidth=16, num_pipeline_stages=2, "
        "action=mac_random.");
}

TEST_CASE("What has no place in a table is listed, line by line") {
  const ImportedTable result =
      imported({{"intmac.csv", intmac},
                {"intadder.csv", "technology,datawidth,action,energy\n45nm,24,add,1\n"},
                {"fpadder.csv", "technology,exponent,mantissa,action,energy\n45nm,4,3,add,1\n"},
                {"crossbar.csv", "technology,action,energy\n45nm,transfer,1\n"},
                {"intaddr.csv", "technology,datawidth,action,energy\n45nm,16,add,1\n"}});
  CHECK(result.taken == std::vector<std::string>{"int16.mac: 3 pJ (intmac.csv: line 2)"});
  CHECK(result.left_out ==
        std::vector<std::string>{
            "intmac.csv: line 3: action \"mac_reused\" of intmac is no operation and no access",
            "intmac.csv: line 4: action \"idle\" of intmac is no operation and no access",
            "intadder.csv: line 2: intadder of 24 bits has no format here",
            "fpadder.csv: line 2: fpadder of exponent 4 and mantissa 3 has no format here",
            "crossbar.csv: all rows, as \"crossbar\" is no component that is known",
            "intaddr.csv: all rows, as \"intaddr\" is no component that is known (did you mean "
            "intadder?)"});
}

TEST_CASE("Each component class is its operation, and sizes say on which numbers") {
  const auto integer = [](const std::string& action) {
    return "technology,datawidth,action,energy\n45,8," + action + ",0.5\n";
  };
  const auto floating = [](const std::string& sizes, const std::string& action) {
    return "technology,exponent,mantissa,action,energy\n45," + sizes + "," + action + ",2\n";
  };
  const EnergyTable mine = table({{"intadder.csv", integer("add")},
                                  {"intmultiplier.csv", integer("mult_random")},
                                  {"comparator.csv", integer("compare")},
                                  {"shifter.csv", integer("shift")},
                                  {"fpadder.csv", floating("8,24", "add")},
                                  {"fpmultiplier.csv", floating("5,10", "mult_random")},
                                  {"fpmac.csv", floating("8,7", "mac_random")},
                                  {"aladdin_adder.csv",
                                   "technology,width|datawidth,energy,action\n"
                                   "45nm,32,0.21,add|read\n"}});
  for (const Op op : {Op::add, Op::mul, Op::compare, Op::shift}) {
    CHECK(mine.price(op, Format::int8)->energy_pj == Range::exactly(0.5));
  }
  CHECK(mine.price(Op::add, Format::int32)->energy_pj == Range::exactly(0.21));
  CHECK(mine.price(Op::add, Format::fp32)->energy_pj == Range::exactly(2));
  CHECK(mine.price(Op::mul, Format::fp16)->energy_pj == Range::exactly(2));
  CHECK(mine.price(Op::mac, Format::bf16)->energy_pj == Range::exactly(2));
}

TEST_CASE("A bitwise unit is priced by the bit") {
  const EnergyTable mine =
      table({{"bitwise.csv", "technology,datawidth,action,energy\n45,32,process,0.0181\n"}});
  // 0.0181 pJ / 32 bits = 0.000565625 pJ a bit
  CHECK(mine.price(Op::logic, Format::bit)->energy_pj.low == Approx(0.000565625));
  CHECK(mine.price(Op::logic, Format::bit)->note.find("One bit of 32 bits.") != std::string::npos);
}

TEST_CASE("Memories become levels from the innermost outward") {
  const EnergyTable mine =
      table({{"intmac.csv", intmac},
             {"DRAM.csv",
              "technology,width,action,energy\n"
              "45nm,64,read,512\n45nm,64,write,600\n"},
             {"SRAM.csv",
              "technology,width,depth,action,energy,area\n"
              "45nm,64,4096,read,20,0\n45nm,64,1024,write,10,0\n"},
             {"regfile.csv", "technology,width,depth,action,energy\n45nm,16,128,read|write,1\n"}});
  REQUIRE(mine.memory().size() == 4);
  const auto check = [&](std::size_t i, const std::string& level, std::uint64_t bits, double read,
                         double write) {
    INFO(level);
    CHECK(mine.memory()[i].level == level);
    CHECK(mine.memory()[i].access_bits == bits);
    CHECK(mine.memory()[i].read_pj == Range::exactly(read));
    CHECK(mine.memory()[i].write_pj == Range::exactly(write));
  };
  check(0, "regfile", 16, 1, 1);       // 16 bits x 128 = 256 bytes
  check(1, "sram_8192b", 64, 10, 10);  // 64 bits x 1024 = 8192 bytes
  check(2, "sram_32768b", 64, 20, 20);
  check(3, "dram", 64, 512, 600);
  CHECK(mine.memory()[0].capacity_bytes == 256);
  CHECK(mine.memory()[1].note.find("Reading is taken equal to writing.") != std::string::npos);
  CHECK(mine.memory()[2].note.find("Writing is taken equal to reading.") != std::string::npos);
  CHECK(mine.memory()[3].off_chip());
}

TEST_CASE(
    "Two prices of one operation are refused with what tells them apart, until one is chosen") {
  const std::string two = intmac + "45nm,1ns,16,3,mac_random,4,150\n";
  CHECK_THROWS_WITH(imported({{"intmac.csv", two}}),
                    "intmac.csv: line 5: expected one price of int16.mac, as in intmac.csv: line "
                    "2, found another, which differs in latency, num_pipeline_stages (choose rows "
                    "with latency=...)");
  CHECK(
      table({{"intmac.csv", two}}, {{"latency", "1ns"}}).price(Op::mac, Format::int16)->energy_pj ==
      Range::exactly(4));
  const ImportedTable chosen = imported({{"intmac.csv", two}}, {{"latency", "1ns"}});
  CHECK(chosen.left_out == std::vector<std::string>{"intmac.csv: 3 of 4 rows, by the filter"});
  CHECK_THROWS_WITH(imported({{"intmac.csv", intmac + "45nm,5ns,16,2,mac_random,3,120\n"}}),
                    "intmac.csv: line 5: expected one price of int16.mac, as in intmac.csv: line "
                    "2, found another, which nothing tells from it");
}

TEST_CASE("Two energies of one access, and two levels of one capacity, are refused") {
  const std::string header = "technology,width,depth,data_delta,action,energy\n";
  CHECK_THROWS_WITH(
      imported({{"intmac.csv", intmac},
                {"SRAM.csv", header + "45nm,64,128,0,read,1\n45nm,64,128,1,read,2\n"}}),
      "SRAM.csv: line 3: expected one read of sram, as in SRAM.csv: line 2, found another, which "
      "differs in data_delta (choose rows with data_delta=...)");
  CHECK_THROWS_WITH(
      imported({{"intmac.csv", intmac},
                {"SRAM.csv", header + "45nm,64,128,0,read,1\n45nm,32,256,0,read,2\n"}}),
      "SRAM.csv: line 3: expected memory levels of different capacities (choose rows with "
      "width=...), found that of sram_1024b again");
}

TEST_CASE("Rows that do not fit each other or cannot be read are refused with line and column") {
  const auto adder = [](const std::string& row) {
    return std::vector<std::pair<std::string, std::string>>{
        {"intadder.csv", "technology,datawidth,action,energy,area\n" + row + "\n"}};
  };
  CHECK_THROWS_WITH(imported(adder("45nm,16,add,much,0")),
                    "intadder.csv: line 2, column 13: expected a number >= 0, found \"much\"");
  CHECK_THROWS_WITH(imported(adder("45nm,16,add,-1,0")),
                    "intadder.csv: line 2, column 13: expected a number >= 0, found \"-1\"");
  CHECK_THROWS_WITH(imported(adder("45nm,16,add,nan,0")),
                    "intadder.csv: line 2, column 13: expected a number >= 0, found \"nan\"");
  CHECK_THROWS_WITH(imported(adder("45nm,16,idle,,0")),
                    "intadder.csv: line 2, column 14: expected a number >= 0, found \"\"");
  CHECK_THROWS_WITH(imported(adder("45nm,16,add,1,big")),
                    "intadder.csv: line 2, column 15: expected a number >= 0, found \"big\"");
  CHECK_THROWS_WITH(imported(adder("45nm,16.0,add,1,0")),
                    "intadder.csv: line 2, column 6: expected a whole number from 1 to 1048576, "
                    "found \"16.0\"");
  CHECK_THROWS_WITH(imported(adder("45nm,0,add,1,0")),
                    "intadder.csv: line 2, column 6: expected a whole number from 1 to 1048576, "
                    "found \"0\"");
  CHECK_THROWS_WITH(imported(adder("tsmc,16,add,1,0")),
                    "intadder.csv: line 2, column 1: expected a process node such as 45nm, found "
                    "\"tsmc\"");
  CHECK_THROWS_WITH(imported({{"intmac.csv", intmac}, adder("32nm,16,add,1,0").front()}),
                    "intadder.csv: line 2, column 1: expected 45 nm, as in intmac.csv: line 2 "
                    "(choose rows with technology=...), found \"32nm\"");
}

TEST_CASE("Files without the columns of their component, and without any price, are refused") {
  CHECK_THROWS_WITH(imported({{"intadder.csv", "technology,action\n45nm,add\n"}}),
                    "intadder.csv: line 1: expected the columns of intadder, found no energy, "
                    "datawidth");
  CHECK_THROWS_WITH(imported({{"SRAM.csv", "technology,action,energy,width\n45nm,read,1,8\n"}}),
                    "SRAM.csv: line 1: expected the columns of sram, found no depth");
  CHECK_THROWS_WITH(imported({{"wire.csv", "technology\n45nm\n"}}),
                    "import: rows: expected at least one that prices an operation, found "
                    "none: wire.csv: all rows, as \"wire\" is no component that is known");
  CHECK_THROWS_WITH(imported({{"intmac.csv", intmac}}, {{"latencie", "5ns"}}),
                    "column of a filter: expected one of technology, latency, datawidth, "
                    "num_pipeline_stages, action, energy, area (did you mean latency?), found "
                    "\"latencie\"");
}
