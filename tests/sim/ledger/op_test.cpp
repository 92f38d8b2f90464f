#include "sim/ledger/op.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace wattention;

TEST_CASE("Every operation and format is found by its own name") {
  for (std::size_t i = 0; i < op_count; ++i) {
    const auto op = static_cast<Op>(i);
    CHECK(find_named<Op>(name_of(op)) == op);
  }
  for (std::size_t i = 0; i < format_count; ++i) {
    const auto format = static_cast<Format>(i);
    CHECK(find_named<Format>(name_of(format)) == format);
  }
  CHECK(name_of(Op::lookup) == "lookup");
  CHECK(name_of(Format::bit) == "bit");
  CHECK_FALSE(find_named<Op>("multiply").has_value());
  CHECK_FALSE(find_named<Format>("fp8").has_value());
}

TEST_CASE("Adding counts adds every cell") {
  OpCounts a;
  OpCounts b;
  std::uint64_t n = 1;
  for (std::size_t op = 0; op < op_count; ++op) {
    for (std::size_t format = 0; format < format_count; ++format) {
      a.add(static_cast<Op>(op), static_cast<Format>(format), n);
      b.add(static_cast<Op>(op), static_cast<Format>(format), 1000 * n++);
    }
  }
  a += b;
  std::uint64_t cells = 0;
  a.for_each([&](Op op, Format format, std::uint64_t count) {
    ++cells;
    CHECK(count == 1001 * cells);
    CHECK(count == a(op, format));
  });
  CHECK(cells == op_count * format_count);
}

TEST_CASE("Counts that differ in one cell are not equal") {
  for (std::size_t op = 0; op < op_count; ++op) {
    for (std::size_t format = 0; format < format_count; ++format) {
      OpCounts a;
      OpCounts b;
      b.increment(static_cast<Op>(op), static_cast<Format>(format));
      CHECK(a != b);
      a.increment(static_cast<Op>(op), static_cast<Format>(format));
      CHECK(a == b);
    }
  }
}

TEST_CASE("A count over 64 bits is an error, not a small number") {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  CHECK(product(most, std::uint64_t{1}) == most);
  CHECK_THROWS_AS(product(most, std::uint64_t{2}), Error);
  CHECK_THROWS_AS(product(std::uint64_t{1} << 32U, std::uint64_t{1} << 31U, std::uint64_t{2}),
                  Error);
  CHECK(sum(most, std::uint64_t{0}) == most);
  CHECK_THROWS_AS(sum(most, std::uint64_t{1}), Error);

  OpCounts counts;
  counts.add(Op::mac, Format::fp32, most);
  CHECK_THROWS_AS(counts.add(Op::mac, Format::fp32, 1), Error);
  counts.add(Op::mac, Format::fp16, 1);
  CHECK_THROWS_AS(counts.total(Op::mac), Error);
  OpCounts more = counts;
  CHECK_THROWS_AS(more += counts, Error);
}

TEST_CASE("A total is over all formats of one operation") {
  OpCounts counts;
  counts.add(Op::add, Format::fp32, 3);
  counts.add(Op::add, Format::int32, 4);
  counts.add(Op::mul, Format::fp32, 50);
  CHECK(counts.total(Op::add) == 7);
}
