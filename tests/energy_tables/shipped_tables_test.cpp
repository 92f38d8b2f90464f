#include "sim/prices/shipped_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/files/json_cursor.hpp"
#include "sim/names.hpp"
#include "sim/prices/energy_table.hpp"
#include "sim/prices/process_scaling.hpp"

namespace wattention {
namespace {

using nlohmann::json;

const std::filesystem::path tables_folder =
    std::filesystem::path(WATTENTION_SOURCE_DIR) / "energy_tables";

std::string text_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  REQUIRE(stream.is_open());
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<std::filesystem::path> table_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(tables_folder)) {
    const auto& path = entry.path();
    if (path.extension() == ".json" && path.filename() != "schema.json") files.push_back(path);
  }
  return files;
}

std::optional<double> exact_energy(const EnergyTable& table, Format format, Op op) {
  const auto& price = table.price(op, format);
  if (!price || !price->energy_pj.exact()) return std::nullopt;
  return price->energy_pj.low;
}

TEST_CASE("every shipped table loads, and its name is that of its file") {
  const auto files = table_files();
  REQUIRE_FALSE(files.empty());
  for (const auto& file : files) {
    INFO(file.filename());
    CHECK(EnergyTable::load(file).name() == file.stem().string());
  }
}

TEST_CASE("the binary holds every table of the folder, byte for byte") {
  auto files = table_files();
  std::sort(files.begin(), files.end());
  const auto tables = shipped_tables();
  REQUIRE(tables.size() == files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    CHECK(tables[i].name == files[i].stem().string());
    CHECK(tables[i].text == text_of(files[i]));
  }
}

TEST_CASE("a table is found by name or by file, and an unknown name lists the known ones") {
  CHECK(find_table("horowitz-45nm").name() == "horowitz-45nm");
  CHECK(find_table((tables_folder / "horowitz-45nm.json").string()).node_nm() == 45.0);
  CHECK_THROWS_WITH(find_table("horowitz-46nm"),
                    fmt::format("table: expected {}, found \"horowitz-46nm\"",
                                one_of(shipped_table_names(), "horowitz-46nm")));
  CHECK_THROWS_WITH(find_table("none/horowitz-45nm"),
                    "none/horowitz-45nm: /: expected a JSON file, found no such file");
}

TEST_CASE("a table that was renamed loads under its old name too, which no list names") {
  const EnergyTable table = find_table("tpuv4i-7nm");
  CHECK(table.name() == "jouppi-7nm");
  CHECK(find_table_document("tpuv4i-7nm").value == find_table_document("jouppi-7nm").value);
  CHECK(note_on_table_name("tpuv4i-7nm") ==
        "the cost table tpuv4i-7nm is called jouppi-7nm now: it holds the 7 nm prices of the "
        "paper's Table 2, not the memory of the chip TPUv4i");
  const std::vector<std::string> names = shipped_table_names();
  CHECK(std::ranges::find(names, "jouppi-7nm") != names.end());
  CHECK(std::ranges::find(names, "tpuv4i-7nm") == names.end());
  for (const std::string& name : names) {
    INFO(name);
    CHECK(note_on_table_name(name).empty());
    CHECK(current_table_name(name) == name);
  }
}

TEST_CASE("horowitz-45nm holds Horowitz's numbers") {
  const EnergyTable table = find_table("horowitz-45nm");
  struct Published {
    Format format;
    Op op;
    double energy_pj;
    double area_um2;
  };
  const Published published[] = {
      {Format::int8, Op::add, 0.03, 36},   {Format::int16, Op::add, 0.05, 67},
      {Format::int32, Op::add, 0.1, 137},  {Format::int8, Op::mul, 0.2, 282},
      {Format::int32, Op::mul, 3.1, 3495}, {Format::fp16, Op::add, 0.4, 1360},
      {Format::fp16, Op::mul, 1.1, 1640},  {Format::fp32, Op::add, 0.9, 4184},
      {Format::fp32, Op::mul, 3.7, 7700},
  };
  for (const Published& expected : published) {
    INFO(name_of(expected.format) << ' ' << name_of(expected.op));
    const auto& price = table.price(expected.op, expected.format);
    REQUIRE(price.has_value());
    CHECK(price->energy_pj == Range::exactly(expected.energy_pj));
    CHECK(price->area_um2 == expected.area_um2);
    CHECK(price->kind == Kind::published);
    CHECK(price->source ==
          "M. Horowitz, Computing's energy problem (and what we can do about it), ISSCC 2014, "
          "Fig. 1.1.9");
  }
  CHECK(table.node_nm() == 45.0);
  CHECK(table.voltage_v() == 0.9);

  struct Level {
    std::string_view name;
    std::optional<std::uint64_t> capacity_bytes;
    Range access_pj;
  };
  const Level levels[] = {{"sram_8kb", 8192, {10, 10}},
                          {"sram_32kb", 32768, {20, 20}},
                          {"sram_1mb", 1048576, {100, 100}},
                          {"dram", std::nullopt, {1300, 2600}}};
  REQUIRE(table.memory().size() == std::size(levels));
  for (std::size_t i = 0; i < std::size(levels); ++i) {
    const MemoryLevel& level = table.memory()[i];
    CHECK(level.level == levels[i].name);
    CHECK(level.capacity_bytes == levels[i].capacity_bytes);
    CHECK(level.access_bits == 64);
    CHECK(level.read_pj == levels[i].access_pj);
    CHECK(level.write_pj == levels[i].access_pj);
  }
  REQUIRE(table.overheads().size() == 1);
  CHECK(table.overheads()[0].name == "instruction");
  CHECK(table.overheads()[0].energy_pj == Range::exactly(70));
}

TEST_CASE("horowitz-45nm's derived numbers follow from the published ones") {
  const EnergyTable table = find_table("horowitz-45nm");
  const auto rounded = [](double value, double digit) { return std::round(value / digit); };
  const auto add_pj = [](double bits) { return 0.003125 * bits; };
  const auto mul_pj = [](double bits) { return 0.002994792 * bits * bits + 0.001041667 * bits; };
  const auto energy = [&](Format format, Op op) {
    const auto result = exact_energy(table, format, op);
    REQUIRE(result.has_value());
    return *result;
  };
  CHECK(rounded(energy(Format::int8, Op::add), 0.01) == rounded(add_pj(8), 0.01));
  CHECK(energy(Format::int16, Op::add) == Approx(add_pj(16)));
  CHECK(energy(Format::int32, Op::add) == Approx(add_pj(32)));
  CHECK(energy(Format::int8, Op::mul) == Approx(mul_pj(8)).epsilon(1e-5));
  CHECK(rounded(energy(Format::int16, Op::mul), 0.01) == rounded(mul_pj(16), 0.01));
  CHECK(energy(Format::int32, Op::mul) == Approx(mul_pj(32)).epsilon(1e-5));
  CHECK(energy(Format::bit, Op::logic) == add_pj(1));
  CHECK(energy(Format::bit, Op::popcount) == add_pj(1));

  CHECK(energy(Format::fp32, Op::mac) == Approx(4.6));
  CHECK(energy(Format::fp16, Op::mac) == Approx(1.5));
  // Ordering floats takes no alignment, normalisation or rounding: an integer's difference.
  CHECK(energy(Format::fp32, Op::compare) == Approx(add_pj(32)));
  CHECK(energy(Format::fp16, Op::compare) == Approx(add_pj(16)));
  CHECK(energy(Format::int8, Op::mac) == Approx(0.23));
  CHECK(energy(Format::int32, Op::shift) == 0.13);
  CHECK(energy(Format::int8, Op::shift) == 0.024);
  CHECK(energy(Format::int16, Op::shift) == Approx(0.024 + (0.13 - 0.024) / 3).epsilon(0.01));

  CHECK(table.price(Op::mac, Format::fp32)->kind == Kind::derived);
  CHECK(table.price(Op::mul, Format::int16)->kind == Kind::derived);
  CHECK(table.price(Op::logic, Format::bit)->kind == Kind::derived);
  for (const Format format : {Format::fp32, Format::fp16}) {
    CHECK(table.price(Op::compare, format)->kind == Kind::derived);
    for (const Op op : {Op::div, Op::sqrt, Op::exp, Op::log, Op::erf, Op::tanh}) {
      CHECK(table.price(op, format)->kind == Kind::estimated);
    }
  }
}

Range energy_of(const EnergyTable& table, Format format, Op op) {
  const auto& price = table.price(op, format);
  REQUIRE(price.has_value());
  return price->energy_pj;
}

void check_range(const Range& range, double low, double high) {
  CHECK(range.low == Approx(low));
  CHECK(range.high == Approx(high));
}

TEST_CASE("horowitz-45nm's ranges go from a dedicated unit to a floating-point unit") {
  const EnergyTable table = find_table("horowitz-45nm");
  const auto range = [&table](Format format, Op op) { return energy_of(table, format, op); };

  // A quotient of 24 or 11 bits and two more, an integer addition of that width a bit, and as much
  // as an addition for the rest; 7.1 multiplications of 3.7 and 1.1 pJ on a Cortex-M4F, which
  // PMC8934428 prints as 26.3 pJ.
  check_range(range(Format::fp32, Op::div), 26 * 0.1 + 0.9, 7.1 * 3.7);
  check_range(range(Format::fp16, Op::div), 13 * 0.05 + 0.4, 7.1 * 1.1);
  CHECK(range(Format::fp32, Op::div).high == Approx(26.3).epsilon(2e-3));
  // 4 multiplications and 4 additions at most.
  check_range(range(Format::fp32, Op::exp), 1.84 * 3.7, 4 * 3.7 + 4 * 0.9);
  check_range(range(Format::fp16, Op::exp), 1.02 * 1.1, 4 * 1.1 + 4 * 0.4);
  for (const Format format : {Format::fp32, Format::fp16}) {
    CHECK(range(format, Op::sqrt) == range(format, Op::div));
    CHECK(range(format, Op::log) == range(format, Op::exp));
  }
  check_range(range(Format::fp32, Op::tanh), 6.808 + 2 * 0.9 + 3.5, 18.4 + 2 * 0.9 + 26.27);
  check_range(range(Format::fp32, Op::erf), 6.808 + 6 * 3.7 + 6 * 0.9, 18.4 + 6 * 3.7 + 6 * 0.9);

  // Zhang et al.: 13.12 mW at 3 GHz, 28 nm, scaled as 32 nm. ConSmax: 0.2 mW at 1.25 GHz, 16 nm.
  CHECK(range(Format::fp32, Op::exp).low ==
        Approx(13.12 / 3.0 * energy_factor({32, 0.9}, {45, 0.9})).epsilon(3e-3));
  CHECK(range(Format::fp16, Op::exp).low ==
        Approx(0.2 / 1.25 * energy_factor({16, 0.8}, {45, 0.9})).epsilon(3e-3));
}

TEST_CASE("every shipped table builds exponentials, divisions and comparisons of floats alike") {
  for (const std::string& name : shipped_table_names()) {
    const EnergyTable table = find_table(name);
    for (const Format format : {Format::fp32, Format::fp16, Format::bf16}) {
      if (!table.price(Op::mul, format)) continue;
      INFO(name << ' ' << name_of(format));
      const double mul = exact_energy(table, format, Op::mul).value();
      const double add = exact_energy(table, format, Op::add).value();
      const double dedicated = format == Format::fp32 ? 1.84 : 1.02;
      check_range(energy_of(table, format, Op::exp), dedicated * mul, 4 * mul + 4 * add);
      CHECK(energy_of(table, format, Op::div).high == Approx(7.1 * mul));
      CHECK(energy_of(table, format, Op::log) == energy_of(table, format, Op::exp));
      CHECK(energy_of(table, format, Op::sqrt) == energy_of(table, format, Op::div));
      // A divider saves something and is no cheaper than the addition that it ends with.
      CHECK(energy_of(table, format, Op::div).low > add);
      CHECK(energy_of(table, format, Op::div).low < 1.5 * mul);
      CHECK(exact_energy(table, format, Op::compare).value() < 0.15 * add);
    }
  }
}

template <class Visit>
void for_each_price(const EnergyTable& table, const Visit& visit) {
  for (std::size_t op = 0; op < op_count; ++op) {
    for (std::size_t format = 0; format < format_count; ++format) {
      const auto& price = table.price(static_cast<Op>(op), static_cast<Format>(format));
      if (price)
        visit(std::string(names_of<Format>[format]) + "." + std::string(names_of<Op>[op]), *price);
    }
  }
}

void check_published(const EnergyTable& table, Format format, Op op, double energy) {
  INFO(table.name() << ' ' << name_of(format) << ' ' << name_of(op));
  const auto& price = table.price(op, format);
  REQUIRE(price.has_value());
  CHECK(price->energy_pj == Range::exactly(energy));
  CHECK(price->kind == Kind::published);
}

TEST_CASE("every shipped table says why wherever a number is not published, and holds no user's") {
  for (const std::string& name : shipped_table_names()) {
    const EnergyTable table = find_table(name);
    const auto check = [&](const std::string& what, Kind kind, const std::string& note) {
      INFO(name << ' ' << what);
      CHECK((kind == Kind::published || !note.empty()));
      CHECK(kind != Kind::user);
    };
    for_each_price(table, [&](const std::string& operation, const Price& price) {
      check(operation, price.kind, price.note);
    });
    for (const MemoryLevel& level : table.memory()) check(level.level, level.kind, level.note);
    REQUIRE(table.array().has_value());
    check("array", table.array()->kind, table.array()->note);
  }
}

TEST_CASE("every reference of a shipped table is the source of something") {
  for (const auto& file : table_files()) {
    const json table = json::parse(text_of(file));
    for (const auto& [key, reference] : table["references"].items()) {
      INFO(file.filename() << ' ' << key);
      CHECK(text_of(file).find(fmt::format("\"source\": \"{}\"", key)) != std::string::npos);
    }
  }
}

TEST_CASE("horowitz-45nm does not price bf16, which no source gives at 45 nm") {
  const EnergyTable table = find_table("horowitz-45nm");
  for_each_price(table, [](const std::string& operation, const Price&) {
    CHECK(operation.find("bf16") == std::string::npos);
  });
}

TEST_CASE("jouppi-7nm holds the numbers of Jouppi et al., and says that it is no TPUv4i") {
  const EnergyTable table = find_table("jouppi-7nm");
  CHECK(table.title() == "7 nm prices (Jouppi et al., ISCA 2021, Table 2)");
  CHECK(table.note().starts_with("Prices at 7 nm, not the chip TPUv4i"));
  // Without 16-bit integers, a 16-bit step is two of 8 bits.
  check_range(energy_of(table, Format::fp32, Op::div), 26 * 0.03 + 0.38, 7.1 * 1.31);
  check_range(energy_of(table, Format::fp16, Op::div), 13 * 2 * 0.007 + 0.16, 7.1 * 0.34);
  check_range(energy_of(table, Format::bf16, Op::div), 10 * 2 * 0.007 + 0.11, 7.1 * 0.21);
  CHECK(exact_energy(table, Format::fp32, Op::compare).value() == Approx(0.03));
  CHECK(exact_energy(table, Format::fp16, Op::compare).value() == Approx(2 * 0.007));
  CHECK(exact_energy(table, Format::bf16, Op::compare).value() == Approx(2 * 0.007));
  check_published(table, Format::int8, Op::add, 0.007);
  check_published(table, Format::int32, Op::add, 0.03);
  check_published(table, Format::bf16, Op::add, 0.11);
  check_published(table, Format::fp16, Op::add, 0.16);
  check_published(table, Format::fp32, Op::add, 0.38);
  check_published(table, Format::int8, Op::mul, 0.07);
  check_published(table, Format::int32, Op::mul, 1.48);
  check_published(table, Format::bf16, Op::mul, 0.21);
  check_published(table, Format::fp16, Op::mul, 0.34);
  check_published(table, Format::fp32, Op::mul, 1.31);
  REQUIRE(table.memory().size() == 4);
  CHECK(table.memory()[0].read_pj == Range::exactly(7.5));
  CHECK(table.memory()[1].read_pj == Range::exactly(8.5));
  CHECK(table.memory()[2].read_pj == Range::exactly(14));
  CHECK(table.memory()[3].read_pj == Range{250, 450});
  CHECK(table.array()->rows == 128);
  CHECK(table.array()->cols == 128);
  CHECK(table.array()->kind == Kind::published);
}

TEST_CASE("aladdin-40nm holds the numbers of Aladdin's unit library at one cycle time, 4 ns") {
  // data/*.csv of Accelergy's Aladdin plug-in, column "dynamic energy(pJ)" and "area(um^2)", the
  // rows of 4 ns.
  const EnergyTable table = find_table("aladdin-40nm");
  CHECK(table.title().find("at a cycle of 4 ns") != std::string::npos);
  check_published(table, Format::fp32, Op::add, 7.894);
  check_published(table, Format::fp32, Op::mul, 25.2);
  check_published(table, Format::int32, Op::add, 0.0857);
  check_published(table, Format::int32, Op::mul, 8.66);
  check_published(table, Format::int32, Op::compare, 0.02898);
  check_published(table, Format::int32, Op::shift, 0.42);
  CHECK(table.price(Op::logic, Format::bit)->energy_pj.low == Approx(0.018 / 32));
  CHECK(table.price(Op::popcount, Format::bit)->energy_pj.low == Approx(0.0857 / 32));
  CHECK(table.price(Op::add, Format::fp32)->area_um2 == 2120);
  CHECK_FALSE(table.price(Op::mul, Format::fp32)->area_um2);
  CHECK(table.price(Op::mul, Format::int32)->area_um2 == 4620);
  CHECK(table.price(Op::add, Format::int32)->area_um2 == 179);
  CHECK(table.price(Op::compare, Format::int32)->area_um2 == 70);
  CHECK(table.price(Op::shift, Format::int32)->area_um2 == 250);
  CHECK(table.overheads().front().energy_pj == Range::exactly(0.009));
  // The library's comparator orders floats too.
  CHECK(exact_energy(table, Format::fp32, Op::compare) == 0.02898);
  CHECK(table.price(Op::compare, Format::fp32)->kind == Kind::derived);
  for (const MemoryLevel& level : table.memory()) CHECK(level.kind != Kind::published);
  CHECK(table.memory().back().read_pj == Range{64 * 4, 64 * 14});
}

TEST_CASE("shift-add-45nm holds the numbers of ShiftAddViT's model") {
  const EnergyTable table = find_table("shift-add-45nm");
  check_published(table, Format::fp32, Op::mul, 3.7);
  check_published(table, Format::fp32, Op::add, 0.9);
  check_published(table, Format::int32, Op::shift, 0.13);
  check_published(table, Format::int8, Op::mul, 0.2);
  check_published(table, Format::int8, Op::add, 0.03);
  check_published(table, Format::int8, Op::shift, 0.024);
}

TEST_CASE("eyeriss-relative is in multiples of a 16-bit mac, and says so") {
  const EnergyTable table = find_table("eyeriss-relative");
  CHECK(table.unit() == Unit::relative);
  CHECK(table.unit_note() == "one 16-bit integer multiply-accumulate on Eyeriss is 1");
  check_published(table, Format::int16, Op::mac, 1);
  REQUIRE(table.memory().size() == 3);
  CHECK(table.memory()[0].read_pj == Range::exactly(1));
  CHECK(table.memory()[0].capacity_bytes == 168 * 512);
  CHECK(table.memory()[1].read_pj == Range::exactly(6));
  CHECK(table.memory()[1].capacity_bytes == 108 * 1024);
  CHECK(table.memory()[2].read_pj == Range::exactly(200));
  for (const MemoryLevel& level : table.memory()) CHECK(level.access_bits == 16);
  CHECK(table.overheads()[0].energy_pj == Range::exactly(2));
  CHECK(table.array()->rows * table.array()->cols == 168);
}

TEST_CASE("eyeriss-relative estimates what Eyeriss does not compute by Horowitz's ratios") {
  const EnergyTable table = find_table("eyeriss-relative");
  const EnergyTable horowitz = find_table("horowitz-45nm");
  const double mac = exact_energy(horowitz, Format::int16, Op::mac).value();
  CHECK(mac == Approx(0.83));
  for_each_price(table, [](const std::string& operation, const Price& price) {
    INFO(operation);
    CHECK((operation == "int16.mac" || price.kind == Kind::estimated));
  });
  for (const auto& [format, op] : {std::pair{Format::fp32, Op::mul},
                                   {Format::fp32, Op::add},
                                   {Format::fp32, Op::mac},
                                   {Format::fp16, Op::mul},
                                   {Format::fp16, Op::add},
                                   {Format::int32, Op::add},
                                   {Format::int16, Op::mul},
                                   {Format::int16, Op::add},
                                   {Format::int8, Op::mul},
                                   {Format::int8, Op::add},
                                   {Format::bit, Op::logic},
                                   {Format::bit, Op::popcount}}) {
    INFO(name_of(format) << ' ' << name_of(op));
    CHECK(exact_energy(table, format, op).value() ==
          Approx(exact_energy(horowitz, format, op).value() / mac).epsilon(5e-4));
  }
}

/// Every energy in a table's JSON, of operations, levels and overheads, doubled.
json doubled(json table) {
  const auto twice = [](json& energy) {
    if (energy.is_number()) energy = 2 * energy.get<double>();
    for (json& end : energy) {
      if (energy.is_array()) end = 2 * end.get<double>();
    }
  };
  for (json& operations : table["operations"]) {
    for (json& operation : operations) {
      if (operation.contains("energy_pj")) twice(operation["energy_pj"]);
    }
  }
  for (json& level : table["memory"]) {
    twice(level["read_pj"]);
    twice(level["write_pj"]);
  }
  return table;
}

TEST_CASE("doubling every price of a shipped table doubles every energy exactly") {
  for (const std::string& name : shipped_table_names()) {
    INFO(name);
    const EnergyTable once = find_table(name);
    const json document = json::parse(text_of(tables_folder / (name + ".json")));
    const EnergyTable twice = EnergyTable::parse(doubled(document).dump(), "t.json");
    for (std::size_t op = 0; op < op_count; ++op) {
      for (std::size_t format = 0; format < format_count; ++format) {
        const auto& price = once.price(static_cast<Op>(op), static_cast<Format>(format));
        if (!price) continue;
        CHECK(twice.price(static_cast<Op>(op), static_cast<Format>(format))->energy_pj ==
              2.0 * price->energy_pj);
      }
    }
    for (std::size_t i = 0; i < once.memory().size(); ++i) {
      CHECK(twice.memory()[i].read_pj == 2.0 * once.memory()[i].read_pj);
      CHECK(twice.memory()[i].write_pj == 2.0 * once.memory()[i].write_pj);
    }
  }
}

}  // namespace
}  // namespace wattention
