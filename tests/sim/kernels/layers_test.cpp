#include "sim/kernels/layers.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "sim/random.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

Tensor<float> drawn(std::size_t rows, std::size_t cols, std::uint64_t seed = 1) {
  Tensor<float> x(1, rows, cols);
  Random random(seed);
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = random.normal();
  return x;
}

Tensor<float> row_of(std::initializer_list<float> numbers) {
  Tensor<float> x(1, 1, numbers.size());
  std::copy(numbers.begin(), numbers.end(), x.data());
  return x;
}

template <class Kernel>
OpCounts declared_by(const Kernel& kernel) {
  Ledger ledger{"kernel"};
  kernel(ledger.only_phase());
  return ledger.declared();
}

}  // namespace

TEST_CASE("A linear layer is the sum of products and a bias, at sizes around its blocks of rows") {
  const auto rows = GENERATE(1U, 15U, 16U, 17U, 33U);
  const auto x = drawn(rows, 5);
  const auto w = drawn(5, 7, 2);
  const auto b = drawn(1, 7, 3);
  Tensor<float> out(1, rows, 7);
  Ledger ledger{"linear"};
  linear<float>(ledger.only_phase(), x, w, b, out);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t o = 0; o < 7; ++o) {
      double expected = b(0, 0, o);
      for (std::size_t c = 0; c < 5; ++c) expected += double{x(0, i, c)} * double{w(0, c, o)};
      CHECK(out(0, i, o) == Approx(expected).margin(1e-5));
    }
  }
  CHECK(ledger.declared() ==
        counts({{Op::mac, Format::fp32, rows * 5 * 7}, {Op::add, Format::fp32, rows * 7}}));
  CHECK(ledger.only_phase().traffic() == Traffic{4 * (rows * 5 + 5 * 7 + 7), 4 * rows * 7});
}

TEST_CASE("A linear layer without a bias adds nothing, and refuses shapes that do not fit") {
  const auto x = drawn(3, 5);
  const auto w = drawn(5, 7, 2);
  Tensor<float> out(1, 3, 7);
  CHECK(declared_by([&](Phase& phase) { linear<float>(phase, x, w, Tensor<float>(), out); }) ==
        counts({{Op::mac, Format::fp32, 3 * 5 * 7}}));
  Ledger ledger{"linear"};
  CHECK_THROWS_AS(linear<float>(ledger.only_phase(), w, x, Tensor<float>(), out), Error);
  CHECK_THROWS_AS(linear<float>(ledger.only_phase(), x, w, drawn(1, 6), out), Error);
}

TEST_CASE("Layer normalisation follows its formula with the biased variance") {
  const auto x = drawn(4, 33);
  const auto w = drawn(1, 33, 2);
  const auto b = drawn(1, 33, 3);
  const auto epsilon = GENERATE(0.0F, 1e-6F, 0.5F);
  Tensor<float> out(1, 4, 33);
  Ledger ledger{"norm"};
  layer_norm<float>(ledger.only_phase(), x, w, b, epsilon, out);
  for (std::size_t i = 0; i < 4; ++i) {
    const double mean = std::accumulate(x.view().row(0, i), x.view().row(0, i) + 33, 0.0) / 33;
    double variance = 0.0;
    for (std::size_t c = 0; c < 33; ++c) variance += std::pow(x(0, i, c) - mean, 2) / 33;
    for (std::size_t c = 0; c < 33; ++c) {
      const double unit = (x(0, i, c) - mean) / std::sqrt(variance + epsilon);
      CHECK(out(0, i, c) == Approx(unit * w(0, 0, c) + b(0, 0, c)).margin(1e-5));
    }
  }
  CHECK(ledger.declared() == counts({{Op::add, Format::fp32, 2 * 4 * 33},
                                     {Op::mac, Format::fp32, 2 * 4 * 33},
                                     {Op::mul, Format::fp32, 4 * 33},
                                     {Op::div, Format::fp32, 3 * 4},
                                     {Op::sqrt, Format::fp32, 4}}));
}

TEST_CASE("Epsilon keeps a row of equal numbers finite") {
  const auto x = row_of({3.0F, 3.0F, 3.0F});
  Tensor<float> out(1, 1, 3);
  Ledger ledger{"norm"};
  layer_norm<float>(ledger.only_phase(), x, row_of({2.0F, 2.0F, 2.0F}), row_of({1.0F, 0.0F, -1.0F}),
                    1e-6F, out);
  CHECK(out(0, 0, 0) == 1.0F);
  CHECK(out(0, 0, 1) == 0.0F);
  CHECK(out(0, 0, 2) == -1.0F);
}

TEST_CASE("GELU, by erf and by tanh, has its tabulated values") {
  const auto x = row_of({0.0F, 0.5F, 1.0F, -1.0F, 2.0F, -3.0F});
  Tensor<float> out(1, 1, 6);
  Ledger ledger{"gelu"};
  gelu<float>(ledger.only_phase(), x, out);
  const std::vector<double> by_erf{0.0,           0.3457312306, 0.8413447461,
                                   -0.1586552539, 1.9544997361, -0.0040496941};
  for (std::size_t i = 0; i < 6; ++i) CHECK(out(0, 0, i) == Approx(by_erf[i]).margin(2e-7));
  CHECK(ledger.declared() ==
        counts(
            {{Op::mul, Format::fp32, 18}, {Op::add, Format::fp32, 6}, {Op::erf, Format::fp32, 6}}));

  Ledger by_tanh{"gelu"};
  gelu_by_tanh<float>(by_tanh.only_phase(), x, out);
  const std::vector<double> values{0.0,           0.3457140098, 0.8411919906,
                                   -0.1588080094, 1.9545976941, -0.0036373921};
  for (std::size_t i = 0; i < 6; ++i) CHECK(out(0, 0, i) == Approx(values[i]).margin(3e-7));
  CHECK(by_tanh.declared() == counts({{Op::mul, Format::fp32, 36},
                                      {Op::add, Format::fp32, 12},
                                      {Op::tanh, Format::fp32, 6}}));
}

TEST_CASE("ReLU, tanh and sums are what they say, an operation a number") {
  const auto x = row_of({-1.0F, 0.0F, 0.5F, 2.0F});
  Tensor<float> out(1, 1, 4);
  CHECK(declared_by([&](Phase& phase) { relu<float>(phase, x, out); }) ==
        counts({{Op::compare, Format::fp32, 4}}));
  CHECK(out(0, 0, 0) == 0.0F);
  CHECK(out(0, 0, 3) == 2.0F);
  CHECK(declared_by([&](Phase& phase) { hyperbolic_tangent<float>(phase, x, out); }) ==
        counts({{Op::tanh, Format::fp32, 4}}));
  CHECK(out(0, 0, 2) == Approx(0.4621171573));
  CHECK(declared_by([&](Phase& phase) { sum_of<float>(phase, x, x, out); }) ==
        counts({{Op::add, Format::fp32, 4}}));
  CHECK(out(0, 0, 3) == 4.0F);
  Ledger ledger{"sum"};
  CHECK_THROWS_AS(sum_of<float>(ledger.only_phase(), x, row_of({1.0F}), out), Error);
}

TEST_CASE(
    "The mean of rows takes one addition less than rows, and a multiplication, for each column") {
  const auto rows = GENERATE(1U, 2U, 49U);
  const auto x = drawn(rows, 3);
  Tensor<float> out(1, 1, 3);
  Ledger ledger{"mean"};
  mean_of_rows<float>(ledger.only_phase(), x, out);
  for (std::size_t c = 0; c < 3; ++c) {
    double total = 0.0;
    for (std::size_t i = 0; i < rows; ++i) total += x(0, i, c);
    CHECK(out(0, 0, c) == Approx(total / rows).margin(1e-6));
  }
  CHECK(ledger.declared() ==
        counts({{Op::add, Format::fp32, (rows - 1) * 3}, {Op::mul, Format::fp32, 3}}));
}
