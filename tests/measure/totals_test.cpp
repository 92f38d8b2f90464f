#include "reports/totals.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "measure/measure.hpp"

namespace wattention {

TEST_CASE("Every operation that a ledger can hold is in a group of the totals") {
  for (std::size_t i = 0; i < op_count; ++i) {
    const auto op = static_cast<Op>(i);
    INFO(name_of(op));
    OpCounts counts;
    counts.add(op, Format::fp32, 3);
    CHECK(totals_of(counts) != Totals{});
  }
}

TEST_CASE("Groups of the totals stand at their own place and under keys of their own") {
  std::set<std::string_view> keys;
  for (std::size_t i = 0; i < total_groups.size(); ++i) {
    INFO(total_groups[i].key);
    CHECK(static_cast<std::size_t>(total_groups[i].total) == i);
    CHECK(keys.insert(total_groups[i].key).second);
  }
}

TEST_CASE("A mac is a multiplication, an addition and a mac, over all formats") {
  OpCounts counts;
  counts.add(Op::mac, Format::fp16, 5);
  counts.add(Op::mul, Format::fp32, 2);
  counts.add(Op::logic, Format::bit, 7);
  counts.add(Op::popcount, Format::bit, 1);
  const Totals totals = totals_of(counts);
  CHECK(totals[Total::multiplications] == 7);
  CHECK(totals[Total::additions] == 5);
  CHECK(totals[Total::macs] == 5);
  CHECK(totals[Total::bit_operations] == 8);
  CHECK(totals[Total::shifts] == 0);
}

TEST_CASE("Totals beyond 64 bits are an error") {
  OpCounts counts;
  counts.add(Op::mac, Format::fp32, ~std::uint64_t{0});
  counts.add(Op::mul, Format::fp32, 1);
  CHECK_THROWS_AS(totals_of(counts), Error);
}

}  // namespace wattention
