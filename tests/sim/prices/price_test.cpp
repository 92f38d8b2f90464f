#include "sim/prices/price.hpp"

#include <catch2/catch.hpp>

using namespace wattention;

namespace {

EnergyTable table_with(const std::string& operations) {
  return EnergyTable::parse(R"({"schema_version": 1, "name": "mine", "title": "Mine", "node_nm": 45,
                                "references": {"me": "measured here"}, "operations": )" +
                                operations + "}",
                            "mine.json");
}

std::string add_and_mul(const std::string& add, const std::string& mul) {
  return R"({"fp32": {"add": {"energy_pj": )" + add +
         R"(, "source": "me", "kind": "published"}, "mul": {"energy_pj": )" + mul +
         R"(, "source": "me", "kind": "published"},
            "mac": {"compose": {"add": 1, "mul": 1}, "source": "me", "kind": "derived"}}})";
}

Ledger sample_ledger() {
  Ledger ledger{"first", "second", "idle"};
  ledger["first"].declare({{Op::mac, Format::fp32, 313600}, {Op::add, Format::fp32, 7}}, {});
  ledger["second"].declare({{Op::mul, Format::fp32, 3}}, {});
  return ledger;
}

}  // namespace

TEST_CASE("Energy is count times price, line by line") {
  const auto lines = price(sample_ledger(), table_with(add_and_mul("0.5", "2")));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].phase == "first");
  CHECK(lines[0].op == Op::mac);
  CHECK(lines[0].energy_pj == Range::exactly(313600 * 2.5));
  CHECK(lines[0].price.kind == Kind::derived);
  CHECK(lines[1].energy_pj == Range::exactly(3.5));
  CHECK(lines[2].phase == "second");
  CHECK(lines[2].energy_pj == Range::exactly(6.0));
  CHECK(total_energy(lines) == Range::exactly(313600 * 2.5 + 3.5 + 6.0));
}

TEST_CASE("Doubling every price doubles every energy exactly") {
  const auto once = price(sample_ledger(), table_with(add_and_mul("0.9", "3.7")));
  const auto twice = price(sample_ledger(), table_with(add_and_mul("1.8", "7.4")));
  for (std::size_t i = 0; i < once.size(); ++i) {
    CHECK(twice[i].energy_pj.low == 2 * once[i].energy_pj.low);
  }
  CHECK(total_energy(twice).low == 2 * total_energy(once).low);
}

TEST_CASE("A price that is a range carries through to the total") {
  const auto lines = price(sample_ledger(), table_with(add_and_mul("[1, 2]", "1")));
  CHECK(lines[1].energy_pj == Range{7.0, 14.0});
  CHECK(total_energy(lines) == Range{313600 * 2.0 + 7 + 3, 313600 * 3.0 + 14 + 3});
}

TEST_CASE("Operations without a price are refused, all at once") {
  Ledger ledger = sample_ledger();
  ledger["idle"].declare({{Op::exp, Format::fp32, 1}, {Op::popcount, Format::bit, 16}}, {});
  CHECK_THROWS_WITH(price(ledger, table_with(add_and_mul("1", "1"))),
                    "mine: /operations: expected a price for every operation that is executed, "
                    "found none for fp32.exp, bit.popcount");
}
