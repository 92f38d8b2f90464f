#include "sim/random.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace wattention;

TEST_CASE("The generator gives SplitMix64's published sequence") {
  Random random(1234567);
  CHECK(random.next() == 6457827717110365317U);
  CHECK(random.next() == 3203168211198807973U);
  CHECK(random.next() == 9817491932198370423U);
}

TEST_CASE("Normal numbers have the moments of a normal distribution") {
  Random random(5);
  double sum = 0.0;
  double squares = 0.0;
  double fourth = 0.0;
  constexpr int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double x = static_cast<double>(random.normal());
    REQUIRE(std::abs(x) <= 6.0);
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  CHECK(std::abs(sum / n) < 0.01);
  CHECK(std::abs(squares / n - 1.0) < 0.02);
  CHECK(std::abs(fourth / n - 2.9) < 0.1);  // 3 - 6 / (5 * 12): a sum of twelve uniforms
}

TEST_CASE("A seed repeats its numbers, another seed does not") {
  Random a(1);
  Random b(1);
  Random c(2);
  bool differs = false;
  for (int i = 0; i < 10; ++i) {
    const float x = a.normal();
    CHECK(x == b.normal());
    differs = differs || x != c.normal();
  }
  CHECK(differs);
}
