#include "sim/scalar/scalar.hpp"

#include <catch2/catch.hpp>

#include "sim/scalar/counted.hpp"
#include "sim/scalar/shape.hpp"

using namespace wattention;

namespace {

/// Observes one call and returns what it counted.
template <class Body>
OpCounts observed(const Body& body) {
  OpCounts counts;
  const Observation observation(counts);
  body();
  return counts;
}

OpCounts one(Op op, Format format, std::uint64_t count = 1) {
  OpCounts counts;
  counts.add(op, format, count);
  return counts;
}

}  // namespace

TEST_CASE("Each operation on a counted number counts once, under its own name and format") {
  const Counted<float> a(2.0F);
  const Counted<float> b(3.0F);
  const Counted<std::int32_t> i(5);
  const Format fp32 = Format::fp32;
  CHECK(observed([&] { CHECK(plain(a + b) == 5.0F); }) == one(Op::add, fp32));
  CHECK(observed([&] { CHECK(plain(a - b) == -1.0F); }) == one(Op::add, fp32));
  CHECK(observed([&] { CHECK(plain(a * b) == 6.0F); }) == one(Op::mul, fp32));
  CHECK(observed([&] { CHECK(plain(a / b) == 2.0F / 3.0F); }) == one(Op::div, fp32));
  CHECK(observed([&] { CHECK(plain(mac(a, a, b)) == 8.0F); }) == one(Op::mac, fp32));
  CHECK(observed([&] { CHECK(plain(exp(a)) == std::exp(2.0F)); }) == one(Op::exp, fp32));
  CHECK(observed([&] { CHECK(plain(sqrt(a)) == std::sqrt(2.0F)); }) == one(Op::sqrt, fp32));
  CHECK(observed([&] { CHECK(plain(max(a, b)) == 3.0F); }) == one(Op::compare, fp32));
  CHECK(observed([&] { CHECK(is_positive(a)); }) == one(Op::compare, fp32));
  CHECK(observed([&] { CHECK(plain(doubled(i)) == 10); }) == one(Op::shift, Format::int32));
  CHECK(observed([&] { CHECK(plain(i + i) == 10); }) == one(Op::add, Format::int32));
  CHECK(observed([&] { CHECK(plain(real_of<Counted<float>>(i)) == 5.0F); }) == OpCounts{});
}

TEST_CASE("A code times a number is one addition and one bit operation") {
  OpCounts expected = one(Op::add, Format::fp32);
  expected.add(Op::logic, Format::bit, 1);
  const Counted<float> x(2.0F);
  CHECK(observed([&] { CHECK(plain(add_signed(x, true, x)) == 4.0F); }) == expected);
  CHECK(observed([&] { CHECK(plain(add_signed(x, false, x)) == 0.0F); }) == expected);
}

TEST_CASE("Comparing packed codes counts bits, not words") {
  const Counted<Word> a(0b1011U);
  const Counted<Word> b(0b0010U);
  OpCounts expected = one(Op::logic, Format::bit, 16);
  expected.add(Op::popcount, Format::bit, 16);
  CHECK(observed([&] { CHECK(plain(differing_bits(a, b, 16)) == 2); }) == expected);
}

TEST_CASE("Observations return to the place that they came from") {
  OpCounts outer;
  OpCounts inner;
  const Counted<float> x(1.0F);
  const Observation first(outer);
  {
    const Observation second(inner);
    static_cast<void>(x + x);
  }
  static_cast<void>(x * x);
  CHECK(inner == one(Op::add, Format::fp32));
  CHECK(outer == one(Op::mul, Format::fp32));
}

TEST_CASE("Formats, packed codes and integers follow from the scalar type") {
  STATIC_REQUIRE(format_of<float> == Format::fp32);
  STATIC_REQUIRE(format_of<Counted<std::int32_t>> == Format::int32);
  STATIC_REQUIRE(format_of<Shape<float>> == Format::fp32);
  STATIC_REQUIRE(std::is_same_v<Integer<Counted<float>>, Counted<std::int32_t>>);
  STATIC_REQUIRE(std::is_same_v<PackedBits<Shape<float>>, Shape<Word>>);
  STATIC_REQUIRE(computes<Counted<float>>);
  STATIC_REQUIRE_FALSE(computes<Shape<float>>);
  STATIC_REQUIRE(observes<Counted<Word>>);
  STATIC_REQUIRE_FALSE(observes<float>);
}
