#include "sim/scalar/rounded.hpp"

#include <catch2/catch.hpp>
#include <cstring>

#include "sim/scalar/counted.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

using Half = Rounded<Format::fp16, Accumulate::same>;
using HalfInFloat = Rounded<Format::fp16, Accumulate::fp32>;
using Brain = Rounded<Format::bf16, Accumulate::same>;

bool same_bits(float a, float b) { return std::memcmp(&a, &b, sizeof a) == 0; }

}  // namespace

TEST_CASE("Rounding agrees with NumPy's float16 and with bfloat16, subnormals and ties included") {
  const Array values = load_npy_array(test_data("rounded/values.npy"));  // [x, fp16(x), bf16(x)]
  const std::size_t n = values.shape[1];
  for (std::size_t i = 0; i < n; ++i) {
    const float x = values.data[i];
    INFO(x);
    CHECK(same_bits(rounded_to<Format::fp16>(x), values.data[n + i]));
    CHECK(same_bits(rounded_to<Format::bf16>(x), values.data[2 * n + i]));
  }
}

TEST_CASE("Every operation rounds, and NaN stays NaN") {
  CHECK(plain(Half(2048.0F) + Half(1.0F)) == 2048.0F);
  CHECK(plain(Half(2048.0F) + Half(3.0F)) == 2052.0F);
  CHECK(plain(Brain(256.0F) + Brain(1.0F)) == 256.0F);
  CHECK(plain(Half(300.0F) * Half(300.0F)) == INFINITY);
  CHECK(plain(Half(1.0F) / Half(3.0F)) == 0.333251953125F);
  CHECK(plain(Brain(1.0F) / Brain(3.0F)) == 0.333984375F);
  CHECK(std::isnan(plain(Half(NAN))));
  CHECK(std::isnan(plain(Brain(NAN))));
}

TEST_CASE("Sums kept in fp32 grow where sums in the format stand still") {
  float wide = 0.0F;
  Half narrow(0.0F);
  for (int i = 0; i < 5000; ++i) {
    wide = mac(wide, HalfInFloat(1.0F), HalfInFloat(1.0F));
    narrow = mac(narrow, Half(1.0F), Half(1.0F));
  }
  CHECK(wide == 5000.0F);
  CHECK(plain(narrow) == 2048.0F);
}

TEST_CASE("A mac into a wider sum counts as a multiplication and an addition") {
  OpCounts wide;
  OpCounts narrow;
  {
    const Observation observation(wide);
    mac(Counted<float>(0.0F), Counted<HalfInFloat>(2.0F), Counted<HalfInFloat>(3.0F));
  }
  {
    const Observation observation(narrow);
    mac(Counted<Half>(0.0F), Counted<Half>(2.0F), Counted<Half>(3.0F));
  }
  CHECK(wide(Op::mul, Format::fp16) == 1);
  CHECK(wide(Op::add, Format::fp32) == 1);
  CHECK(wide(Op::mac, Format::fp16) == 0);
  CHECK(narrow(Op::mac, Format::fp16) == 1);
}
