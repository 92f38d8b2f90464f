// Attentions whose scores are integers, against closed forms of their papers.

#include <catch2/catch.hpp>
#include <set>

#include "sim/kernels/integers.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

struct Sizes {
  std::uint64_t h, n, m, d, e;
};

const std::vector<Sizes> two_sizes{{1, 1, 1, 1, 1}, {2, 50, 20, 70, 9}, {5, 196, 196, 32, 32}};

Ledger estimated(const std::string& name, const Sizes& s, const Arithmetic& arithmetic = {}) {
  const auto workload = Workload::without_data({s.h, s.n, s.m, s.d, s.e});
  const auto attention = attention_named(name);
  attention->prepare(workload.qkv(), {});
  Ledger ledger(attention->phases());
  attention->run(Mode::estimate, arithmetic, workload.qkv(), ledger);
  return ledger;
}

Tensor<float> executed(const std::string& name, const Qkv<float>& x,
                       const Arithmetic& arithmetic = {}) {
  const auto attention = attention_named(name);
  attention->prepare(x, {});
  Ledger ledger(attention->phases());
  return attention->run(Mode::execute, arithmetic, x, ledger);
}

using Kind = std::pair<Op, Format>;

std::set<Kind> kinds(const OpCounts& counts) {
  std::set<Kind> found;
  counts.for_each([&](Op op, Format format, std::uint64_t) { found.emplace(op, format); });
  return found;
}

Tensor<float> filled(std::size_t heads, std::size_t rows, std::size_t cols, float value) {
  Tensor<float> x(heads, rows, cols);
  std::fill_n(x.data(), x.size(), value);
  return x;
}

}  // namespace

TEST_CASE("Scores of binary queries and keys are d xor and d popcount bits for every pair") {
  for (const auto& [h, n, m, d, e] : two_sizes) {
    Ledger ledger = estimated("binary-qk", {h, n, m, d, e});
    const OpCounts& scores = ledger["scores"].declared();
    CHECK(scores(Op::logic, Format::bit) == h * n * m * d);
    CHECK(scores(Op::popcount, Format::bit) == h * n * m * d);
    CHECK(scores(Op::shift, Format::int32) == h * n * m);
    CHECK(scores(Op::add, Format::int32) == h * n * m * ((d + 63) / 64));
    CHECK(kinds(scores) == std::set<Kind>{{Op::logic, Format::bit},
                                          {Op::popcount, Format::bit},
                                          {Op::shift, Format::int32},
                                          {Op::add, Format::int32}});
  }
}

TEST_CASE("Attention of binary queries and keys multiplies by weights and scales alone") {
  for (const auto& [h, n, m, d, e] : two_sizes) {
    Ledger ledger = estimated("binary-qk", {h, n, m, d, e});
    const OpCounts all = ledger.declared();
    CHECK(all(Op::mac, Format::fp32) == h * n * m * e);
    CHECK(all(Op::mul, Format::fp32) == 2 * h * n * m + 2 * h);
    CHECK(all(Op::exp, Format::fp32) == h * n * m);
    CHECK(all(Op::div, Format::fp32) == h * n + 2 * h);
    CHECK(all(Op::compare, Format::fp32) == h * (n + m) * d + h * n * (m - 1));
    CHECK(all(Op::add, Format::fp32) == h * ((n + m) * d - 2) + h * n * (2 * m - 1));
    CHECK(ledger["binarise"].declared()(Op::logic, Format::bit) == h * (n + m) * d);
    CHECK(ledger["softmax"].declared()(Op::mul, Format::fp32) == 2 * h * n * m);
    CHECK(ledger["output"].declared()(Op::mac, Format::fp32) == h * n * m * e);
  }
}

TEST_CASE("Products of int8 attention are 8-bit multiplications in 32-bit sums") {
  for (const auto& [h, n, m, d, e] : two_sizes) {
    Ledger ledger = estimated("int8", {h, n, m, d, e});
    const OpCounts& scores = ledger["scores"].declared();
    const OpCounts& output = ledger["output"].declared();
    CHECK(scores(Op::mul, Format::int8) == h * n * m * d);
    CHECK(scores(Op::add, Format::int32) == h * n * m * d);
    CHECK(kinds(scores) == std::set<Kind>{{Op::mul, Format::int8}, {Op::add, Format::int32}});
    CHECK(output(Op::mul, Format::int8) == h * n * m * e);
    CHECK(output(Op::add, Format::int32) == h * n * m * e);
    CHECK(output(Op::mul, Format::fp32) == h * n * e);
    CHECK(output(Op::div, Format::fp32) == h * n);
    CHECK(kinds(output) == std::set<Kind>{{Op::mul, Format::int8},
                                          {Op::add, Format::int32},
                                          {Op::mul, Format::fp32},
                                          {Op::div, Format::fp32}});
  }
}

TEST_CASE("int8 attention quantises every number once, and scales and rounds every score") {
  for (const auto& [h, n, m, d, e] : two_sizes) {
    Ledger ledger = estimated("int8", {h, n, m, d, e});
    const std::uint64_t numbers = h * (n * d + m * d + m * e);
    const OpCounts& quantise = ledger["quantise"].declared();
    CHECK(quantise(Op::mul, Format::fp32) == numbers + 3 * h);
    CHECK(quantise(Op::div, Format::fp32) == 3 * h);
    CHECK(quantise(Op::compare, Format::fp32) == numbers);
    CHECK(quantise(Op::logic, Format::bit) == numbers);
    CHECK(ledger["softmax"].declared()(Op::mul, Format::fp32) == 2 * h * n * m);
    CHECK(ledger["softmax"].declared()(Op::exp, Format::fp32) == h * n * m);
    CHECK(ledger["softmax"].declared()(Op::add, Format::fp32) == h * n * m);
    CHECK(ledger["softmax"].declared()(Op::add, Format::int32) == h * n * (m - 1));
    CHECK(ledger["softmax"].declared()(Op::div, Format::fp32) == 0);
    CHECK(ledger.declared()(Op::mac, Format::fp32) == 0);
  }
}

TEST_CASE(
    "Integer scores are traffic of four bytes, codes of queries and keys of a bit or a byte") {
  const std::uint64_t pairs = 2 * 300 * 500;
  Ledger binary = estimated("binary-qk", {2, 300, 500, 8, 16});
  CHECK(binary["scores"].traffic() == Traffic{2 * (300 + 500) * 8 / 8, pairs * 4});
  CHECK(binary["softmax"].traffic() == Traffic{pairs * 4 + 2 * 4, pairs * 4});
  CHECK(binary["output"].traffic() == Traffic{pairs * 4 + 2 * 500 * 16 * 4, 2 * 300 * 16 * 4});
  Ledger int8 = estimated("int8", {2, 300, 500, 8, 16});
  CHECK(int8["scores"].traffic() == Traffic{2 * (300 + 500) * 8, pairs * 4});
  CHECK(int8["softmax"].traffic() == Traffic{pairs * 4 + 2 * 4, pairs});
  CHECK(int8["output"].traffic() == Traffic{pairs + 2 * 500 * 16 + 2 * 4, 2 * 300 * 16 * 4});
}

TEST_CASE("Zero and minus zero are binarised to +1") {
  constexpr std::size_t width = 5;
  Tensor<Counted<float>> x(1, 1, width);
  const std::array<float, width> values{0.0F, -0.0F, 1e-40F, -1e-40F, -2.0F};
  for (std::size_t c = 0; c < width; ++c) x(0, 0, c) = Counted<float>(values[c]);
  Ledger ledger{"binarise"};
  BitMatrix<Counted<Word>> codes(1, 1, width);
  Tensor<Counted<float>> magnitudes(1, 1, width);
  binarise<Counted<float>>(ledger["binarise"], x, codes.view(), magnitudes);
  CHECK(plain(codes.view().row(0, 0)[0]) == 0b00111);
  CHECK(plain(magnitudes(0, 0, 4)) == 2.0F);
  CHECK(ledger["binarise"].observed()(Op::compare, Format::fp32) == width);
  CHECK(ledger.imbalances() == std::vector<std::string>{});
}

TEST_CASE("Numbers become the nearest code, ties the even one, and others the last") {
  CHECK(nearest_code<std::int8_t>(0.5F) == 0);
  CHECK(nearest_code<std::int8_t>(1.5F) == 2);
  CHECK(nearest_code<std::int8_t>(-2.5F) == -2);
  CHECK(nearest_code<std::int8_t>(-126.51F) == -127);
  CHECK(nearest_code<std::int8_t>(200.0F) == 127);
  CHECK(nearest_code<std::int8_t>(-INFINITY) == -127);
  CHECK(nearest_code<std::uint8_t>(254.5F) == 254);
  CHECK(nearest_code<std::uint8_t>(255.5F) == 255);
  CHECK(nearest_code<std::uint8_t>(-1.0F) == 0);
  for (std::int32_t code = -127; code <= 127; ++code) {
    CHECK(nearest_code<std::int8_t>(static_cast<float>(code) + 0.49F) == code);
  }
}

TEST_CASE("Heads of zeros attend to all keys alike, and to values of zeros as zero") {
  const auto zeros = filled(2, 70, 8, 0.0F);
  const auto ones = filled(2, 70, 8, 1.0F);
  for (const std::string name : {"binary-qk", "int8"}) {
    INFO(name);
    const auto mean = executed(name, {zeros.input(), zeros.input(), ones.input(), false});
    for (std::size_t i = 0; i < mean.size(); ++i) REQUIRE(mean.data()[i] == Approx(1.0));
    const auto nothing = executed(name, {ones.input(), ones.input(), zeros.input(), false});
    for (std::size_t i = 0; i < nothing.size(); ++i) REQUIRE(nothing.data()[i] == 0.0F);
  }
}

TEST_CASE("Heads that share keys and values give what copies of them give") {
  const auto workload = separate(4, 9, 70, 8, 5);
  const auto few = separate(2, 9, 70, 8, 5);
  Tensor<float> k(4, 70, 8);
  Tensor<float> v(4, 70, 5);
  for (std::size_t h = 0; h < 4; ++h) {
    std::copy_n(few.qkv().k.row(h / 2, 0), 70 * 8, k.view().row(h, 0));
    std::copy_n(few.qkv().v.row(h / 2, 0), 70 * 5, v.view().row(h, 0));
  }
  for (const std::string name : {"binary-qk", "int8"}) {
    INFO(name);
    const View<const float> q = workload.qkv().q;
    const auto sharing = executed(name, {q, few.qkv().k, few.qkv().v, false});
    const auto copied = executed(name, {q, k.input(), v.input(), false});
    for (std::size_t i = 0; i < copied.size(); ++i) {
      REQUIRE(sharing.data()[i] == copied.data()[i]);
    }
  }
}

TEST_CASE("int8 attention in 16 bits stays near fp32 where sums of codes outgrow fp16") {
  const auto workload = shared(1, 100, 64);
  const auto exact = executed("int8", workload.qkv());
  for (const Format format : {Format::fp16, Format::bf16}) {
    const auto narrow = executed("int8", workload.qkv(), {format, Accumulate::fp32});
    for (std::size_t i = 0; i < exact.size(); ++i) {
      REQUIRE(narrow.data()[i] == Approx(exact.data()[i]).margin(0.06));
    }
  }
  const OpCounts counts = estimated("int8", {1, 100, 100, 64, 64}, {Format::fp16, {}}).declared();
  CHECK(counts(Op::exp, Format::fp16) == 100 * 100);
  CHECK(counts(Op::mul, Format::int8) == 100 * 100 * 128);
}

TEST_CASE("int8 attention refuses what 32 bits cannot sum") {
  const auto attention = attention_named("int8");
  CHECK_NOTHROW(attention->prepare(Workload::without_data({1, 5, 66311, 8, {}}).qkv(), {}));
  CHECK_THROWS_WITH(attention->prepare(Workload::without_data({1, 5, 66312, 8, {}}).qkv(), {}),
                    "int8: keys: expected at most 66311 for int32 sums of int8 products, found "
                    "66312");
  CHECK_THROWS_WITH(attention->prepare(Workload::without_data({1, 5, 5, 133145, {}}).qkv(), {}),
                    "int8: head_dim: expected at most 133144 for int32 sums of int8 products, "
                    "found 133145");
}

TEST_CASE("int8 attention stays near exact attention however many keys there are") {
  for (const std::size_t n : {256U, 1024U, 4096U}) {
    const auto workload = separate(1, n, n, 64, 64);
    const Qkv<float>& x = workload.qkv();
    const auto output = executed("int8", x);
    // Exact attention in double, written for this test.
    double squares = 0.0;
    double exact_squares = 0.0;
    for (std::size_t i = 0; i < n; i += n / 64) {
      std::vector<double> scores(n);
      double total = 0.0;
      for (std::size_t j = 0; j < n; ++j) {
        double score = 0.0;
        for (std::size_t c = 0; c < 64; ++c) {
          score += static_cast<double>(x.q(0, i, c)) * static_cast<double>(x.k(0, j, c));
        }
        scores[j] = std::exp(score / 8.0);
        total += scores[j];
      }
      for (std::size_t c = 0; c < 64; ++c) {
        double exact = 0.0;
        for (std::size_t j = 0; j < n; ++j) {
          exact += scores[j] / total * static_cast<double>(x.v(0, j, c));
        }
        squares += std::pow(static_cast<double>(output(0, i, c)) - exact, 2);
        exact_squares += exact * exact;
      }
    }
    INFO(n << " tokens: " << std::sqrt(squares / exact_squares));
    CHECK(std::sqrt(squares / exact_squares) <= 0.05);
  }
}

TEST_CASE("Fused forms give the numbers of their unfused ones up to rounding") {
  const auto workload = separate(4, 130, 300, 16, 9);
  for (const std::string& name : Registry<Attention>::global().names()) {
    if (!attention_named(name)->options().knows("fused")) continue;
    const auto run = [&](const std::string& fused) {
      const auto attention = attention_named(name);
      attention->options().set(name, "fused", fused);
      attention->prepare(workload.qkv(), {});
      Ledger ledger(attention->phases());
      return attention->run(Mode::execute, workload.qkv(), ledger);
    };
    const Tensor<float> unfused = run("false");
    const Tensor<float> fused = run("true");
    double squares = 0.0;
    double differences = 0.0;
    for (std::size_t i = 0; i < fused.size(); ++i) {
      squares += std::pow(static_cast<double>(unfused.data()[i]), 2);
      differences += std::pow(static_cast<double>(fused.data()[i] - unfused.data()[i]), 2);
    }
    INFO(name);
    // 8-bit weights are rounded relative to the maximum so far.
    CHECK(std::sqrt(differences / squares) <= (name == "int8" ? 0.02 : 1e-5));
  }
}
