#include "sim/scalar/rounded.hpp"

#include <catch2/catch.hpp>
#include <cstring>
#include <map>

#include "sim/random.hpp"
#include "sim/scalar/counted.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

constexpr Arithmetic half{Format::fp16, Accumulate::same};
constexpr Arithmetic half_in_float{Format::fp16, Accumulate::fp32};
constexpr Arithmetic brain{Format::bf16, Accumulate::same};
constexpr Arithmetic e4m3{Format::e4m3, Accumulate::same};

bool same_bits(float a, float b) { return std::memcmp(&a, &b, sizeof a) == 0; }

/// A pattern of an 8-bit format as its specification decodes it (OFP8, table 1): NaN and infinity
/// as numbers of float.
double decoded(unsigned pattern, int exponent_bits, int mantissa_bits, bool has_infinity) {
  const double sign = pattern >= 128 ? -1.0 : 1.0;
  const int mantissa = static_cast<int>(pattern) & ((1 << mantissa_bits) - 1);
  const int exponent = static_cast<int>(pattern & 127U) >> mantissa_bits;
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const bool last_exponent = exponent == (1 << exponent_bits) - 1;
  if (last_exponent && has_infinity) return mantissa == 0 ? sign * INFINITY : NAN;
  if (last_exponent && mantissa == (1 << mantissa_bits) - 1) return NAN;
  const double fraction = std::ldexp(mantissa, -mantissa_bits);
  return sign * (exponent == 0 ? std::ldexp(fraction, 1 - bias)
                               : std::ldexp(1.0 + fraction, exponent - bias));
}

/// The nearest finite number of an 8-bit format by trying all patterns; of two equally near ones
/// that with an even pattern.
float nearest_of_all(float x, int exponent_bits, int mantissa_bits, bool has_infinity) {
  double best = 0.0;
  double distance = INFINITY;
  for (unsigned pattern = 0; pattern < 128; ++pattern) {
    const double number = decoded(pattern, exponent_bits, mantissa_bits, has_infinity);
    if (!std::isfinite(number)) continue;
    const double away = std::abs(number - std::min(std::abs(static_cast<double>(x)), 1e6));
    if (away < distance || (away == distance && pattern % 2 == 0)) {
      best = number;
      distance = away;
    }
  }
  return std::copysign(static_cast<float>(best), x);
}

}  // namespace

TEST_CASE("Rounding agrees with NumPy's float16 and with bfloat16, subnormals and ties included") {
  const Array values = load_npy_array(test_data("rounded/values.npy"));  // [x, fp16(x), bf16(x)]
  const std::size_t n = values.shape[1];
  for (std::size_t i = 0; i < n; ++i) {
    const float x = values.data[i];
    INFO(x);
    CHECK(same_bits(rounded_to(Format::fp16, x), values.data[n + i]));
    CHECK(same_bits(rounded_to(Format::bf16, x), values.data[2 * n + i]));
    CHECK(same_bits(rounded_to(Format::fp32, x), x));
  }
}

TEST_CASE("Rounding to 8 bits finds the nearest of all patterns of the specification") {
  Random random(1);
  std::vector<float> numbers{0.0F, -0.0F, 448.0F, 464.0F, 480.0F, -1e30F, INFINITY, -INFINITY};
  for (unsigned pattern = 0; pattern < 256; ++pattern) {
    for (const auto& [exponent, mantissa] : {std::pair(4, 3), std::pair(5, 2)}) {
      const double x = decoded(pattern, exponent, mantissa, exponent == 5);
      const double next = decoded((pattern + 1) % 256, exponent, mantissa, exponent == 5);
      if (!std::isfinite(x) || !std::isfinite(next)) continue;
      const auto tie = static_cast<float>((x + next) / 2);
      numbers.insert(numbers.end(), {static_cast<float>(x), tie, std::nextafter(tie, INFINITY),
                                     std::nextafter(tie, -INFINITY)});
    }
  }
  for (int i = 0; i < 20000; ++i) {
    numbers.push_back(random.normal() * std::exp(6.0F * random.normal()));
  }
  for (const float x : numbers) {
    INFO(x);
    REQUIRE(same_bits(rounded_to(Format::e4m3, x), nearest_of_all(x, 4, 3, false)));
    REQUIRE(same_bits(rounded_to(Format::e5m2, x), nearest_of_all(x, 5, 2, true)));
  }
}

TEST_CASE("Numbers of every format stay what they are, and so does NaN") {
  for (const FloatingFormat& row : floating_formats) {
    INFO(name_of(row.format));
    for (const float x : {row.largest, row.smallest_normal, -row.largest, 1.0F, 1.5F, 0.0F}) {
      CHECK(rounded_to(row.format, x) == x);
    }
    CHECK(std::isnan(rounded_to(row.format, NAN)));
    const float beyond = row.saturates ? row.largest : INFINITY;
    CHECK(rounded_to(row.format, INFINITY) == beyond);
    CHECK(std::isfinite(1.0F / Arithmetic{row.format, {}}.least_divisor()));
  }
}

TEST_CASE("Every operation rounds") {
  const auto add = [](float a, float b, const Arithmetic& in) {
    return plain(Rounded(a, in) + Rounded(b, in));
  };
  CHECK(add(2048.0F, 1.0F, half) == 2048.0F);
  CHECK(add(2048.0F, 3.0F, half) == 2052.0F);
  CHECK(add(256.0F, 1.0F, brain) == 256.0F);
  CHECK(add(16.0F, 1.0F, e4m3) == 16.0F);
  CHECK(add(448.0F, 448.0F, e4m3) == 448.0F);
  CHECK(plain(Rounded(300.0F, half) * Rounded(300.0F, half)) == INFINITY);
  CHECK(plain(Rounded(1.0F, half) / Rounded(3.0F, half)) == 0.333251953125F);
  CHECK(plain(Rounded(1.0F, brain) / Rounded(3.0F, brain)) == 0.333984375F);
  CHECK(plain(Rounded(1.0F, e4m3) / Rounded(3.0F, e4m3)) == 0.34375F);
}

TEST_CASE("In fp32 the numbers are those of float bit for bit") {
  Random random(2);
  const Arithmetic fp32;
  for (int i = 0; i < 1000; ++i) {
    const float a = random.normal() * 8.0F;
    const float b = random.normal();
    const Rounded x(a, fp32);
    const Rounded y(b, fp32);
    REQUIRE(same_bits(plain(x * y), a * b));
    REQUIRE(same_bits(plain(x / y), a / b));
    REQUIRE(same_bits(plain(exp(x)), exp(a)));
    REQUIRE(same_bits(plain(erf(x)), erf(a)));
    REQUIRE(same_bits(plain(tanh(x)), tanh(a)));
    REQUIRE(same_bits(plain(mac(RoundedSum(b, fp32), x, y)), mac(b, a, b)));
  }
}

TEST_CASE("A constant takes the format of the number that it meets, before the operation") {
  const Rounded tenth(0.1F);
  CHECK(tenth.format() == Format::of_run);
  CHECK(plain(tenth) == 0.1F);
  const Rounded sum = Rounded(0.0F, half) + tenth;
  CHECK(sum.format() == Format::fp16);
  CHECK(plain(sum) == rounded_to(Format::fp16, 0.1F));
  CHECK(plain(max(tenth, Rounded(0.0F, brain))) == rounded_to(Format::bf16, 0.1F));
}

TEST_CASE("Numbers of two arithmetics do not meet") {
  CHECK_THROWS_AS(Rounded(1.0F, half) + Rounded(1.0F, brain), Error);
  CHECK_THROWS_AS(
      mac(RoundedSum(1.0F, half), Rounded(1.0F, half_in_float), Rounded(1.0F, half_in_float)),
      Error);
}

TEST_CASE("Sums kept in fp32 grow where sums in the format stand still") {
  RoundedSum wide(0);
  RoundedSum narrow(0);
  for (int i = 0; i < 5000; ++i) {
    wide = mac(wide, Rounded(1.0F, half_in_float), Rounded(1.0F, half_in_float));
    narrow = mac(narrow, Rounded(1.0F, half), Rounded(1.0F, half));
  }
  CHECK(plain(wide) == 5000.0F);
  CHECK(plain(narrow) == 2048.0F);
}

TEST_CASE("A mac into a wider sum counts as a multiplication and an addition") {
  const auto counted = [](const Arithmetic& arithmetic) {
    OpCounts counts;
    const Observation observation(counts);
    mac(Counted<RoundedSum>(0.0F), Counted<Rounded>(Rounded(2.0F, arithmetic)),
        Counted<Rounded>(Rounded(3.0F, arithmetic)));
    return counts;
  };
  const OpCounts wide = counted(half_in_float);
  CHECK(wide(Op::mul, Format::fp16) == 1);
  CHECK(wide(Op::add, Format::fp32) == 1);
  CHECK(wide(Op::mac, Format::fp16) == 0);
  CHECK(counted(half)(Op::mac, Format::fp16) == 1);
  CHECK(counted({})(Op::mac, Format::fp32) == 1);
  CHECK(counted(e4m3)(Op::mac, Format::e4m3) == 1);
}
