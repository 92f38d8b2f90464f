#include "sim/prices/energy_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstddef>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sim/error.hpp"

namespace wattention {
namespace {

using nlohmann::json;

/// A valid table in which every key of the format occurs.
json complete_table() {
  return json::parse(R"({
    "schema_version": 1, "name": "mine", "title": "My table", "note": "About it",
    "node_nm": 45, "voltage_v": 0.9, "unit": "relative", "unit_note": "one addition = 1",
    "references": {"paper": "A paper, 2020", "model": "A model"},
    "operations": {
      "fp32": {
        "mul": {"energy_pj": 3.5, "area_um2": 7700, "source": "paper", "kind": "published"},
        "add": {"energy_pj": [0.5, 1], "source": "paper", "kind": "published"},
        "mac": {"compose": {"mul": 1, "add": 1}, "source": "model", "kind": "derived"},
        "exp": {"compose": {"mul": 2.5, "int8.add": 4}, "source": "model", "kind": "estimated",
                "note": "Why"}},
      "int8": {"add": {"energy_pj": 0.25, "source": "paper", "kind": "published"}}},
    "array": {"rows": 16, "cols": 8, "source": "model", "kind": "estimated", "note": "Like others"},
    "memory": [
      {"level": "buffer", "technology": "sram", "capacity_bytes": 1024, "access_bits": 64,
       "read_pj": 20, "write_pj": [20, 25], "source": "paper", "kind": "published", "note": "Small"},
      {"level": "cache", "technology": "sram", "capacity_bytes": 4096, "access_bits": 64,
       "interpolate": true, "note": "Ours"},
      {"level": "dram", "access_bits": 64, "read_pj": 1300, "write_pj": 1300, "source": "paper",
       "kind": "estimated"}],
    "sram_points": [
      {"capacity_bytes": 9216, "access_bits": 64, "read_pj": [60, 80], "write_pj": 65,
       "source": "model", "kind": "published", "note": "Larger"}],
    "overheads": {"fetch": {"energy_pj": 70, "source": "paper", "kind": "published", "note": "N"}}
  })");
}

std::string refusal_of_text(std::string_view text) {
  try {
    EnergyTable::parse(text, "t.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

std::string refusal(const json& table) { return refusal_of_text(table.dump()); }

json read_schema() {
  std::ifstream stream(std::string(WATTENTION_SOURCE_DIR) + "/energy_tables/schema.json");
  REQUIRE(stream.is_open());
  return json::parse(stream);
}

TEST_CASE("a complete table is read as it is written") {
  const EnergyTable table = EnergyTable::parse(complete_table().dump(), "t.json");
  CHECK(table.name() == "mine");
  CHECK(table.title() == "My table");
  CHECK(table.note() == "About it");
  CHECK(table.references().at("model") == "A model");

  const auto& exp = table.price(Op::exp, Format::fp32);
  REQUIRE(exp.has_value());
  CHECK(exp->energy_pj == Range::exactly(2.5 * 3.5 + 4 * 0.25));
  CHECK(exp->source == "A model");
  CHECK(exp->kind == Kind::estimated);
  CHECK(exp->note == "Why");
  CHECK_FALSE(exp->area_um2.has_value());
  REQUIRE(exp->composition.size() == 2);
  CHECK(exp->composition[0].format == Format::int8);
  CHECK(exp->composition[0].op == Op::add);
  CHECK(exp->composition[0].factor == 4.0);
  CHECK(table.price(Op::mac, Format::fp32)->energy_pj == Range{4.0, 4.5});
  CHECK_FALSE(table.price(Op::div, Format::fp32).has_value());

  CHECK(table.unit() == Unit::relative);
  CHECK(table.unit_note() == "one addition = 1");
  REQUIRE(table.array().has_value());
  CHECK(table.array()->rows == 16);
  CHECK(table.array()->cols == 8);
  CHECK(table.array()->source == "A model");
  CHECK(table.array()->kind == Kind::estimated);
  CHECK(table.array()->note == "Like others");

  REQUIRE(table.memory().size() == 3);
  CHECK(table.memory()[0].technology == "sram");
  CHECK(table.memory()[0].write_pj == Range{20, 25});
  CHECK(table.memory()[0].note == "Small");
  CHECK_FALSE(table.memory()[0].off_chip());
  CHECK(table.memory()[2].technology.empty());
  CHECK_FALSE(table.memory()[2].capacity_bytes.has_value());
  CHECK(table.memory()[2].kind == Kind::estimated);
  CHECK(table.memory()[2].off_chip());
}

TEST_CASE("a table without unit and array is in picojoules and has no array") {
  json table = complete_table();
  for (const char* key : {"unit", "unit_note", "array"}) table.erase(key);
  const EnergyTable parsed = EnergyTable::parse(table.dump(), "t.json");
  CHECK(parsed.unit() == Unit::picojoule);
  CHECK(parsed.unit_note().empty());
  CHECK_FALSE(parsed.array().has_value());
}

TEST_CASE("an interpolated level lies between the levels and points around it, and is derived") {
  const EnergyTable table = EnergyTable::parse(complete_table().dump(), "t.json");
  const MemoryLevel& cache = table.memory()[1];
  // sqrt: 1024 -> 32, 4096 -> 64, 9216 -> 96. Half way: (20 + 60) / 2, (20 + 80) / 2 and so on.
  CHECK(cache.read_pj.low == Approx(40));
  CHECK(cache.read_pj.high == Approx(50));
  CHECK(cache.write_pj.low == Approx(42.5));
  CHECK(cache.write_pj.high == Approx(45));
  CHECK(cache.kind == Kind::derived);
  CHECK(cache.source == "A paper, 2020; A model");
  CHECK(cache.note ==
        "Between 20 at 1024 bytes and 60-80 at 9216 bytes, over the square root of the capacity. "
        "Ours");
}

TEST_CASE("an interpolated level rests on what its points rest on") {
  json table = complete_table();
  table["sram_points"][0]["kind"] = "estimated";
  CHECK(EnergyTable::parse(table.dump(), "t.json").memory()[1].kind == Kind::estimated);
}

TEST_CASE("a composition is no better than its parts") {
  json table = complete_table();
  const auto kind_with = [&](const char* kind_of_mul) {
    table["operations"]["fp32"]["mul"]["kind"] = kind_of_mul;
    return EnergyTable::parse(table.dump(), "t.json").price(Op::mac, Format::fp32)->kind;
  };
  CHECK(kind_with("published") == Kind::derived);
  CHECK(kind_with("derived") == Kind::derived);
  CHECK(kind_with("user") == Kind::user);
  CHECK(kind_with("estimated") == Kind::estimated);
  CHECK(EnergyTable::parse(table.dump(), "t.json").price(Op::exp, Format::fp32)->kind ==
        Kind::estimated);
}

TEST_CASE("an operation that is built in two ways costs from the cheaper to the dearer of them") {
  json table = complete_table();
  json& exp = table["operations"]["fp32"]["exp"];
  const auto price = [&] {
    return EnergyTable::parse(table.dump(), "t.json").price(Op::exp, Format::fp32).value();
  };
  // mul 3.5, add [0.5, 1], int8.add 0.25
  exp["compose"] = json::array({{{"int8.add", 4}, {"add", 1}}, {{"mul", 2}, {"add", 3}}});
  CHECK(price().energy_pj == Range{4 * 0.25 + 0.5, 2 * 3.5 + 3 * 1.0});
  CHECK(price().kind == Kind::estimated);
  REQUIRE(price().composition.size() == 2);
  REQUIRE(price().alternative.size() == 2);
  CHECK(price().composition[1].op == Op::add);
  CHECK(price().composition[1].format == Format::int8);
  CHECK(price().alternative[1].op == Op::mul);
  CHECK(price().alternative[1].factor == 2.0);

  // Which of them comes first does not matter, nor do prices that swap them.
  std::swap(exp["compose"][0], exp["compose"][1]);
  CHECK(price().energy_pj == Range{1.5, 10.0});
  table["operations"]["fp32"]["mul"]["energy_pj"] = 0.0;
  CHECK(price().energy_pj == Range{1.5, 3.0});
  table["operations"]["int8"]["add"]["energy_pj"] = 5.0;
  CHECK(price().energy_pj == Range{1.5, 21.0});

  // Its kind is no better than the parts of either.
  exp["kind"] = "derived";
  table["operations"]["int8"]["add"]["kind"] = "estimated";
  CHECK(price().kind == Kind::estimated);
}

TEST_CASE("compositions of compositions are resolved in any order of the file") {
  json table = complete_table();
  const auto composed = [](json parts) {
    return json{{"compose", std::move(parts)}, {"source", "model"}, {"kind", "estimated"}};
  };
  table["operations"]["bf16"]["mac"] = composed({{"fp32.tanh", 1}});
  table["operations"]["fp32"]["tanh"] = composed({{"exp", 1}, {"bf16.add", 0.5}});
  table["operations"]["bf16"]["add"] = composed({{"fp32.add", 2}});
  const EnergyTable parsed = EnergyTable::parse(table.dump(), "t.json");
  CHECK(parsed.price(Op::mac, Format::bf16)->energy_pj == Range{9.75 + 0.5, 9.75 + 1.0});
}

TEST_CASE("a damaged table is refused with file, pointer, what was expected and what was found") {
  struct Damage {
    std::string_view pointer;
    std::string_view value;  // empty: the member is removed
    std::string_view message;
  };
  const Damage damages[] = {
      {R"(/operations/fp32/mul/energy_pj)", R"("3.7")",
       R"(t.json: /operations/fp32/mul/energy_pj: expected a number >= 0, found string "3.7")"},
      {"/operations/fp32/mul/energy_pj", "-1",
       "t.json: /operations/fp32/mul/energy_pj: expected a number >= 0, found number -1"},
      {"/operations/fp32/mul/energy_pj", "null",
       "t.json: /operations/fp32/mul/energy_pj: expected a number >= 0, found null"},
      {R"(/operations/fp32/mul/energy_pj)", R"({"pj": 1})",
       R"(t.json: /operations/fp32/mul/energy_pj: expected a number >= 0, found an object)"},
      {"/operations/fp32/mul/energy_pj", "[2, 1]",
       "t.json: /operations/fp32/mul/energy_pj: expected a range [low, high] with low <= high, "
       "found [2, 1]"},
      {"/operations/fp32/mul/energy_pj", "[1, 2, 3]",
       "t.json: /operations/fp32/mul/energy_pj: expected a range [low, high], found an array of 3"},
      {R"(/operations/fp32/mul/energy_pj)", R"([1, "2"])",
       R"(t.json: /operations/fp32/mul/energy_pj/1: expected a number >= 0, found string "2")"},
      {"/operations/fp32/mul/energy_pj", "",
       "t.json: /operations/fp32/mul: expected energy_pj or compose, found neither"},
      {R"(/operations/fp32/mul/energy_pJ)", R"(3.7)",
       R"(t.json: /operations/fp32/mul/energy_pJ: expected one of energy_pj, compose, area_um2, source, kind, note (did you mean energy_pj?), found key "energy_pJ")"},
      {R"(/operations/fp32/mul/compose)", R"({"add": 4})",
       R"(t.json: /operations/fp32/mul: expected either energy_pj or compose, found both)"},
      {"/operations/fp32/mul/area_um2", "-0.5",
       "t.json: /operations/fp32/mul/area_um2: expected a number >= 0, found number -0.5"},
      {"/operations/fp32/mul/source", "",
       "t.json: /operations/fp32/mul/source: expected a string, found nothing"},
      {R"(/operations/fp32/mul/source)", R"("papr")",
       R"(t.json: /operations/fp32/mul/source: expected one of model, paper (did you mean paper?), found string "papr")"},
      {"/operations/fp32/mul/kind", "",
       "t.json: /operations/fp32/mul/kind: expected a string, found nothing"},
      {R"(/operations/fp32/mul/kind)", R"("publshed")",
       R"(t.json: /operations/fp32/mul/kind: expected one of published, derived, estimated, user (did you mean published?), found string "publshed")"},
      {R"(/operations/fp32/mul/note)", R"("two\nlines")",
       R"(t.json: /operations/fp32/mul/note: expected text without control characters, found string "two\x0alines")"},
      {"/operations/fp32/mul", "3.7",
       "t.json: /operations/fp32/mul: expected an object, found number 3.7"},
      {R"(/operations/fp32/mull)", R"({})",
       R"(t.json: /operations/fp32/mull: expected one of mac, mul, add, div, sqrt, exp, log, erf, tanh, compare, logic, popcount, shift, lookup (did you mean mul?), found operation "mull")"},
      {R"(/operations/fp23)", R"({})",
       R"(t.json: /operations/fp23: expected one of fp32, fp16, bf16, e4m3, e5m2, int32, int16, int8, bit (did you mean fp32?), found format "fp23")"},
      {"/operations", "{}", "t.json: /operations: expected at least one format, found none"},
      {"/operations/int8", "{}",
       "t.json: /operations/int8: expected at least one operation, found none"},
      {"/operations", "", "t.json: /operations: expected an object, found nothing"},
      {R"(/operations/fp32/exp/kind)", R"("published")",
       R"(t.json: /operations/fp32/exp/kind: expected derived or estimated, as its energy is composed, found string "published")"},
      {"/operations/fp32/exp/compose/exp", "1",
       "t.json: /operations/fp32/exp/compose/exp: expected a composition without cycles, found "
       "fp32.exp within itself"},
      {"/operations/fp32/exp/compose/div", "1",
       "t.json: /operations/fp32/exp/compose/div: expected an operation that this table prices, "
       "found no price of fp32.div"},
      {"/operations/fp32/exp/compose/fp16.mul", "1",
       "t.json: /operations/fp32/exp/compose/fp16.mul: expected an operation that this table "
       "prices, found no price of fp16.mul"},
      {"/operations/fp32/exp/compose/fp32.mul", "1",
       "t.json: /operations/fp32/exp/compose/mul: expected each operation once, found fp32.mul "
       "twice"},
      {R"(/operations/fp32/exp/compose/fp23.mul)", R"(1)",
       R"(t.json: /operations/fp32/exp/compose/fp23.mul: expected one of fp32, fp16, bf16, e4m3, e5m2, int32, int16, int8, bit (did you mean fp32?), found format "fp23")"},
      {R"(/operations/fp32/exp/compose/sqr)", R"(1)",
       R"(t.json: /operations/fp32/exp/compose/sqr: expected one of mac, mul, add, div, sqrt, exp, log, erf, tanh, compare, logic, popcount, shift, lookup (did you mean sqrt?), found operation "sqr")"},
      {"/operations/fp32/exp/compose/mul", "-1",
       "t.json: /operations/fp32/exp/compose/mul: expected a number >= 0, found number -1"},
      {"/operations/fp32/exp/compose/mul", "1.7e308",
       "t.json: /operations/fp32/exp/compose: expected a sum that a double can hold, found an "
       "overflow"},
      {"/operations/fp32/exp/compose", "{}",
       "t.json: /operations/fp32/exp/compose: expected at least one operation, found none"},
      {R"(/operations/fp32/exp/compose)", R"(["mul"])",
       R"(t.json: /operations/fp32/exp/compose: expected a composition, or an array of two, found an array of 1)"},
      {R"(/operations/fp32/exp/compose)", R"([{"mul": 1}, "add"])",
       R"(t.json: /operations/fp32/exp/compose/1: expected an object, found string "add")"},
      {"/operations/fp32/exp/compose", R"([{"mul": 1}, {}])",
       "t.json: /operations/fp32/exp/compose/1: expected at least one operation, found none"},
      {"/operations/fp32/exp/compose", R"([{"mul": 1}, {"add": 1, "exp": 1}])",
       "t.json: /operations/fp32/exp/compose/1/exp: expected a composition without cycles, found "
       "fp32.exp within itself"},
      {"/schema_version", "2",
       "t.json: /schema_version: expected 1, the version that this program reads, found newer "
       "version 2"},
      {"/schema_version", "0", "t.json: /schema_version: expected an integer >= 1, found number 0"},
      {"/schema_version", "", "t.json: /schema_version: expected an integer >= 1, found nothing"},
      {R"(/nodes_nm)", R"(45)",
       R"(t.json: /nodes_nm: expected one of schema_version, name, title, note, node_nm, voltage_v, unit, unit_note, references, array, operations, memory, sram_points, overheads (did you mean node_nm?), found key "nodes_nm")"},
      {R"(/name)", R"("../mine")",
       R"(t.json: /name: expected a name of 1 to 64 letters, digits, points, underscores and hyphens, found string "../mine")"},
      {R"(/title)", R"("")",
       R"(t.json: /title: expected text without control characters, found string "")"},
      {"/node_nm", "0", "t.json: /node_nm: expected a number > 0, found number 0"},
      {R"(/voltage_v)", R"("0.9")",
       R"(t.json: /voltage_v: expected a number > 0, found string "0.9")"},
      {"/references", "{}", "t.json: /references: expected at least one reference, found none"},
      {R"(/references/two words)", R"("R")",
       R"(t.json: /references/two words: expected a name of 1 to 64 letters, digits, points, underscores and hyphens, found key "two words")"},
      {"/memory", "{}", "t.json: /memory: expected an array, found an object"},
      {"/memory/0/capacity_bytes", "3.9",
       "t.json: /memory/0/capacity_bytes: expected an integer >= 1, found number 3.9"},
      {"/memory/0/capacity_bytes", "-1",
       "t.json: /memory/0/capacity_bytes: expected an integer >= 1, found number -1"},
      {"/memory/0/capacity_bytes", "",
       "t.json: /memory/1: expected no level outside one without capacity_bytes, found cache "
       "outside buffer"},
      {"/memory/1/capacity_bytes", "1024",
       "t.json: /memory/1/capacity_bytes: expected more than the 1024 of buffer, found number "
       "1024"},
      {"/memory/2/capacity_bytes", "4096",
       "t.json: /memory/2/capacity_bytes: expected more than the 4096 of cache, found number 4096"},
      {R"(/memory/1/level)", R"("buffer")",
       R"(t.json: /memory/1/level: expected each level once, found buffer twice)"},
      {"/memory/0/access_bits", "0",
       "t.json: /memory/0/access_bits: expected an integer from 1 to 1048576, found number 0"},
      {"/memory/0/read_pj", "", "t.json: /memory/0/read_pj: expected a number >= 0, found nothing"},
      {R"(/memory/0/write_energy)", R"(20)",
       R"(t.json: /memory/0/write_energy: expected one of level, technology, capacity_bytes, access_bits, interpolate, read_pj, write_pj, source, kind, note (did you mean write_pj?), found key "write_energy")"},
      {R"(/unit)", R"("pj")",
       R"(t.json: /unit: expected one of pJ, relative (did you mean pJ?), found string "pj")"},
      {"/unit", "1", "t.json: /unit: expected a string, found number 1"},
      {"/unit", "",
       "t.json: /unit_note: expected nothing, as the unit is pJ, found string \"one addition = "
       "1\""},
      {"/unit_note", "", "t.json: /unit_note: expected a string, found nothing"},
      {"/array", "[16, 8]", "t.json: /array: expected an object, found an array"},
      {"/array/rows", "",
       "t.json: /array/rows: expected an integer from 1 to 1048576, found nothing"},
      {"/array/rows", "0",
       "t.json: /array/rows: expected an integer from 1 to 1048576, found number 0"},
      {"/array/cols", "1048577",
       "t.json: /array/cols: expected an integer from 1 to 1048576, found number 1048577"},
      {R"(/array/columns)", R"(8)",
       R"(t.json: /array/columns: expected one of rows, cols, source, kind, note (did you mean cols?), found key "columns")"},
      {"/array/source", "", "t.json: /array/source: expected a string, found nothing"},
      {"/memory/1/interpolate", "false",
       "t.json: /memory/1/interpolate: expected true, or no such key, found boolean false"},
      {"/memory/1/interpolate", "1",
       "t.json: /memory/1/interpolate: expected true or false, found number 1"},
      {"/memory/1/interpolate", "",
       "t.json: /memory/1/read_pj: expected a number >= 0, found nothing"},
      {"/memory/1/write_pj", "30",
       "t.json: /memory/1/write_pj: expected nothing, as the level is interpolated, found number "
       "30"},
      {R"(/memory/1/kind)", R"("published")",
       R"(t.json: /memory/1/kind: expected nothing, as the level is interpolated, found string "published")"},
      {R"(/memory/1/technology)", R"("dram")",
       R"(t.json: /memory/1/technology: expected "sram", which can be interpolated, found string "dram")"},
      {"/memory/1/capacity_bytes", "9217",
       "t.json: /memory/1/capacity_bytes: expected from 1024 to 9216 bytes, between which this "
       "table has SRAM energies, found 9217"},
      {"/memory/1/access_bits", "32",
       "t.json: /memory/1/access_bits: expected 64, the width of the SRAM energies, found number "
       "32"},
      {"/sram_points", "{}", "t.json: /sram_points: expected an array, found an object"},
      {"/sram_points/0/capacity_bytes", "1024",
       "t.json: /memory/0/capacity_bytes: expected the SRAM energy of each capacity once, found "
       "1024 bytes twice"},
      {"/sram_points/0/access_bits", "32",
       "t.json: /memory/0/capacity_bytes: expected SRAM energies of accesses of one width, found "
       "32 and 64 bits"},
      {"/sram_points/0/write_pj", "",
       "t.json: /sram_points/0/write_pj: expected a number >= 0, found nothing"},
      {R"(/sram_points/0/capacity)", R"(1)",
       R"(t.json: /sram_points/0/capacity: expected one of capacity_bytes, access_bits, read_pj, write_pj, source, kind, note (did you mean capacity_bytes?), found key "capacity")"},
      {"/overheads/fetch/energy_pj", "[70]",
       "t.json: /overheads/fetch/energy_pj: expected a range [low, high], found an array of 1"},
  };
  REQUIRE(refusal(complete_table()) == "no error");
  for (const Damage& damage : damages) {
    const json::json_pointer place{std::string(damage.pointer)};
    json table = complete_table();
    if (damage.value.empty()) {
      table.at(place.parent_pointer()).erase(place.back());
    } else {
      table[place] = json::parse(damage.value);
    }
    INFO(damage.pointer << " = " << damage.value);
    CHECK(refusal(table) == damage.message);
  }
}

TEST_CASE("a cycle of compositions is refused where it closes") {
  json table = complete_table();
  const auto composed = [](json parts) {
    return json{{"compose", std::move(parts)}, {"source", "model"}, {"kind", "estimated"}};
  };
  table["operations"]["fp32"]["log"] = composed({{"fp16.erf", 1}});
  table["operations"]["fp16"]["erf"] = composed({{"fp32.log", 0.5}});
  CHECK(refusal(table) ==
        "t.json: /operations/fp16/erf/compose/fp32.log: expected a composition without cycles, "
        "found fp32.log within itself");
}

TEST_CASE("what JSON itself cannot hold twice or at all is refused in a table too") {
  CHECK(refusal_of_text("") ==
        "t.json: line 1, column 1: expected valid JSON, found the end of the text");
  CHECK(refusal_of_text("[]") == "t.json: /: expected an object, found an array");
  CHECK(refusal_of_text(R"({"schema_version": 1, "name": "a", "name": "b"})") ==
        R"(t.json: /name: expected each key once, found key "name" twice)");
  CHECK(refusal_of_text(R"({"node_nm": 1e999})") ==
        "t.json: /node_nm: expected a number that a double can hold, found 1e999");
}

/// The keys that the message for an unknown key at `place` lists.
std::vector<std::string> keys_read_at(const json::json_pointer& place) {
  json table = complete_table();
  table[place]["zzzzzzzz"] = 1;
  const std::string message = refusal(table);
  const std::string_view before = "expected one of ";
  const std::size_t first = message.find(before) + before.size();
  const std::size_t last = message.find(", found");
  REQUIRE(last != std::string::npos);
  std::vector<std::string> keys;
  std::string_view listed = std::string_view(message).substr(first, last - first);
  while (true) {
    const std::size_t comma = listed.find(", ");
    keys.emplace_back(listed.substr(0, comma));
    if (comma == listed.npos) break;
    listed.remove_prefix(comma + 2);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

template <std::size_t size>
std::vector<std::string> sorted(const std::array<std::string_view, size>& names) {
  std::vector<std::string> result(names.begin(), names.end());
  std::sort(result.begin(), result.end());
  return result;
}

TEST_CASE("schema.json names the keys that the loader reads, and those that it requires") {
  const json schema = read_schema();
  struct Object {
    std::string_view in_schema;
    std::string_view in_table;
  };
  const Object objects[] = {{"", ""},
                            {"/$defs/operation", "/operations/fp32/mul"},
                            {"/$defs/memory_level", "/memory/0"},
                            {"/$defs/memory_level", "/memory/1"},
                            {"/$defs/sram_point", "/sram_points/0"},
                            {"/properties/array", "/array"},
                            {"/$defs/overhead", "/overheads/fetch"}};
  for (const Object& object : objects) {
    INFO("schema " << object.in_schema);
    const json& described = schema.at(json::json_pointer(std::string(object.in_schema)));
    const json::json_pointer place{std::string(object.in_table)};
    CHECK(described.at("additionalProperties") == false);
    CHECK(keys_of(described.at("properties")) == keys_read_at(place));
    const json& required = described.at("required");
    for (const std::string& key : keys_of(complete_table().at(place))) {
      json table = complete_table();
      table.at(place).erase(key);
      const bool listed = std::find(required.begin(), required.end(), key) != required.end();
      // Elsewhere in the schema: oneOf for energies, and only the outermost level is unbounded.
      const bool is_level = object.in_schema == "/$defs/memory_level";
      const bool conditional = (object.in_table == "/operations/fp32/mul" && key == "energy_pj") ||
                               (is_level && key != "note") || key == "unit" || key == "unit_note" ||
                               key == "sram_points";
      INFO("key " << key);
      CHECK((refusal(table) == "no error") == (!listed && !conditional));
    }
  }
}

TEST_CASE("schema.json names the formats, operations and kinds that the program knows") {
  const json schema = read_schema();
  const json& definitions = schema.at("$defs");
  CHECK(keys_of(schema.at("/properties/operations/properties"_json_pointer)) ==
        sorted(names_of<Format>));
  CHECK(keys_of(definitions.at("/operations_of_a_format/properties"_json_pointer)) ==
        sorted(names_of<Op>));
  CHECK(definitions.at("/kind/enum"_json_pointer) == json(names_of<Kind>));
  CHECK(definitions.at("/composition/propertyNames/pattern"_json_pointer) ==
        fmt::format("^(({})\\.)?({})$", fmt::join(names_of<Format>, "|"),
                    fmt::join(names_of<Op>, "|")));
}

}  // namespace
}  // namespace wattention
