#include "sim/kernels/products.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <numeric>
#include <vector>

#include "sim/kernels/codes.hpp"
#include "sim/kernels/rows.hpp"
#include "sim/random.hpp"
#include "tests/drawn_codes.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

using C = Counted<float>;

template <class Real>
Tensor<Real> drawn(std::size_t heads, std::size_t rows, std::size_t cols, std::uint64_t seed = 1) {
  Tensor<Real> x(heads, rows, cols);
  Random random(seed);
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = Real(random.normal());
  return x;
}

struct Sizes {
  std::size_t heads, rows, inner, cols;
};

/// Calls every kernel once under Real.
template <class Real>
void call_all(Phase& phase, const Sizes& s) {
  const auto a = drawn<Real>(s.heads, s.rows, s.inner);
  const auto b = drawn<Real>(s.heads, s.inner, s.cols);
  const auto values = drawn<Real>(s.heads, s.rows, s.cols);
  Tensor<Real> out(s.heads, s.rows, s.cols);
  Tensor<Real> one_row(s.heads, 1, s.cols);
  Tensor<Real> one_number(s.heads, 1, 1);
  matmul<Real>(phase, a, b, out);
  scaled_matmul<Real>(phase, a, b, 0.5F, out);
  squared_distances<Real>(phase, a, b, out);
  softmax_rows<Real>(phase, out);
  normalise_rows<Real>(phase, values, out);
  mean_of_head<Real>(phase, values, one_number);
  gaussian_factor<Real>(phase, one_number, one_number);
  sum_of_rows<Real>(phase, values, one_row);
  centred_gaussian<Real>(phase, values, one_number, one_row, out);
  scaled<Real>(phase, one_row, 2.0F, one_row);
  add_to_rows<Real>(phase, one_row, out);
  add_scaled<Real>(phase, values, 3.0F, out);

  const std::size_t bits = s.inner;
  const auto projection = drawn<Real>(s.heads, s.rows, bits);
  BitMatrix<PackedBits<Real>> packed(s.heads, s.rows, bits);
  pack_signs<Real>(phase, projection.view(), packed.view());
  const auto codes = drawn_codes<Real>(s.heads, s.rows, bits);
  Tensor<Real> context(s.heads, bits, s.cols);
  Tensor<Integer<Real>> sums(s.heads, 1, bits);
  Tensor<Integer<Real>> totals(s.heads, s.rows, 1);
  Tensor<Integer<Real>> similarities(s.heads, s.rows, s.rows);
  signed_outer_sum<Real>(phase, codes.view(), values, context);
  signed_matmul<Real>(phase, codes.view(), context, out);
  sum_of_codes<Real>(phase, codes.view(), sums);
  signed_sum_of_integers<Real>(phase, codes.view(), sums, 17, totals);
  code_similarities<Real>(phase, codes.view(), codes.view(), similarities);
  sums_of_integers<Real>(phase, similarities, 17, totals);
  divide_rows<Real>(phase, values, totals.input(), out.view());
}

}  // namespace

TEST_CASE("Every kernel executes what it declares, at sizes on both sides of its tiles") {
  for (const Sizes& s : {Sizes{1, 1, 1, 1}, Sizes{2, 3, 5, 7}, Sizes{3, 9, 64, 8},
                         Sizes{1, 5, 65, 33}, Sizes{2, 4, 130, 41}}) {
    Ledger ledger{"all"};
    const Observation strays(ledger.strays());
    call_all<C>(ledger["all"], s);
    CHECK(ledger.imbalances() == std::vector<std::string>{});
    Ledger plainly{"all"};
    call_all<float>(plainly["all"], s);
    CHECK(plainly.declared() == ledger.declared());
    CHECK(plainly["all"].traffic() == ledger["all"].traffic());
  }
}

TEST_CASE("A product of 2x3 by 3x2 is what one computes by hand") {
  Tensor<float> a(1, 2, 3);
  Tensor<float> b(1, 3, 2);
  std::iota(a.data(), a.data() + 6, 1.0F);
  std::iota(b.data(), b.data() + 6, 7.0F);
  Tensor<float> out(1, 2, 2);
  Ledger ledger{"product"};
  matmul<float>(ledger["product"], a, b, out);
  CHECK(out(0, 0, 0) == 58.0F);
  CHECK(out(0, 0, 1) == 64.0F);
  CHECK(out(0, 1, 0) == 139.0F);
  CHECK(out(0, 1, 1) == 154.0F);
  CHECK(ledger.declared() == counts({{Op::mac, Format::fp32, 12}}));
  CHECK(ledger["product"].traffic() == Traffic{12 * 4, 4 * 4});
}

TEST_CASE("A triangular product computes and counts the triangle only") {
  const auto a = drawn<C>(1, 6, 4);
  const auto b = drawn<C>(1, 4, 6);
  Tensor<C> out(1, 6, 6);
  std::fill_n(out.data(), out.size(), C(-1.0F));
  Ledger ledger{"scores", "output"};
  matmul<C>(ledger["scores"], a, b, out.view().triangle(1));
  CHECK(ledger.declared() == counts({{Op::mac, Format::fp32, 21 * 4}}));
  CHECK(plain(out(0, 2, 3)) == -1.0F);
  Tensor<C> mixed(1, 6, 4);
  const auto v = drawn<C>(1, 6, 4);
  matmul<C>(ledger["output"], out.view().triangle(1), v, mixed.view());
  CHECK(ledger["output"].declared() == counts({{Op::mac, Format::fp32, 21 * 4}}));
  CHECK(ledger.imbalances().empty());
}

TEST_CASE("Rows of a softmax sum to one and survive numbers that overflow exp") {
  Tensor<float> x(1, 2, 3);
  const std::vector<float> numbers{1000.0F, 1000.0F, 1000.0F, -1e30F, 0.0F, 1.0F};
  std::copy(numbers.begin(), numbers.end(), x.data());
  Ledger ledger{"softmax"};
  softmax_rows<float>(ledger["softmax"], x.view());
  CHECK(x(0, 0, 1) == Approx(1.0F / 3.0F));
  CHECK(x(0, 1, 0) == 0.0F);
  CHECK(x(0, 1, 2) == Approx(std::exp(1.0F) / (1.0F + std::exp(1.0F))));
  CHECK(ledger.declared() == counts({{Op::compare, Format::fp32, 4},
                                     {Op::add, Format::fp32, 6 + 4},
                                     {Op::exp, Format::fp32, 6},
                                     {Op::mul, Format::fp32, 6},
                                     {Op::div, Format::fp32, 2}}));
}

TEST_CASE("Heads share a right-hand side in consecutive groups") {
  const auto a = drawn<float>(4, 3, 5);
  const auto b = drawn<float>(2, 5, 6);
  Tensor<float> out(4, 3, 6);
  Ledger ledger{"product"};
  matmul<float>(ledger["product"], a, b, out);
  for (std::size_t h = 0; h < 4; ++h) {
    float expected = 0.0F;
    for (std::size_t k = 0; k < 5; ++k) expected += a(h, 2, k) * b(h / 2, k, 5);
    CHECK(out(h, 2, 5) == Approx(expected).margin(1e-6));
  }
}

TEST_CASE("Shapes that do not fit are refused by name") {
  Ledger ledger{"p"};
  Tensor<float> a(1, 2, 3);
  Tensor<float> b(1, 4, 2);
  Tensor<float> out(1, 2, 2);
  CHECK_THROWS_WITH(matmul<float>(ledger["p"], a, b, out),
                    Catch::Contains("matmul: expected shapes"));
  CHECK_THROWS_WITH(squared_distances<float>(ledger["p"], a, b, out),
                    Catch::Contains("squared_distances: expected shapes"));
}

TEST_CASE("A row of zeros is normalised to zeros") {
  Tensor<float> x(1, 1, 4);
  std::fill_n(x.data(), 4, 0.0F);
  Ledger ledger{"norm"};
  normalise_rows<float>(ledger["norm"], x, x);
  CHECK(x(0, 0, 3) == 0.0F);
}

TEST_CASE("A mean of many equal numbers does not drift") {
  const std::size_t n = 3'000'001;
  Tensor<float> x(1, n, 1);
  std::fill_n(x.data(), n, 0.1F);
  Tensor<float> mean(1, 1, 1);
  Ledger ledger{"mean"};
  mean_of_head<float>(ledger["mean"], x, mean);
  CHECK(mean(0, 0, 0) == Approx(0.1F).epsilon(1e-6));
  CHECK(ledger.declared() == counts({{Op::add, Format::fp32, n - 1}, {Op::div, Format::fp32, 1}}));
}

TEST_CASE("Similarities by xor and popcount equal the sum of products of signs") {
  for (const std::size_t bits : {1U, 16U, 64U, 65U, 200U}) {
    const auto codes = drawn_codes<float>(2, 5, bits);
    const auto v = std::as_const(codes).view();
    Tensor<std::int32_t> out(2, 5, 5);
    Ledger ledger{"similarity"};
    code_similarities<float>(ledger["similarity"], v, v, out);
    for (std::size_t i = 0; i < 5; ++i) {
      for (std::size_t j = 0; j < 5; ++j) {
        std::int32_t expected = 0;
        for (std::size_t b = 0; b < bits; ++b) {
          expected += v.positive(1, i, b) == v.positive(1, j, b) ? 1 : -1;
        }
        CHECK(out(1, i, j) == expected);
      }
    }
  }
}
