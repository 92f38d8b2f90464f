#include <catch2/catch.hpp>

#include "tests/test_data.hpp"

using namespace wattention;

namespace {

OpCounts estimated(const Workload& workload, bool causal) {
  const auto attention = attention_named("softmax");
  if (causal) attention->options().set("softmax", "causal", "true");
  attention->prepare(workload.qkv(), {});
  Ledger ledger(attention->phases());
  attention->run(Mode::estimate, workload.qkv(), ledger);
  return ledger.declared();
}

Tensor<float> executed(const Qkv<float>& x, bool causal) {
  const auto attention = attention_named("softmax");
  if (causal) attention->options().set("softmax", "causal", "true");
  attention->prepare(x, {});
  Ledger ledger(attention->phases());
  return attention->run(Mode::execute, x, ledger);
}

}  // namespace

TEST_CASE("Softmax attention executes 2 H N M d macs and H N M exponentials") {
  for (const auto& [h, n, m, d] :
       std::vector<std::array<std::size_t, 4>>{{1, 1, 1, 1}, {2, 50, 20, 32}, {5, 196, 196, 32}}) {
    const OpCounts counts = estimated(Workload::without_data({h, n, m, d, d}), false);
    CHECK(counts(Op::mac, Format::fp32) == 2 * h * n * m * d);
    CHECK(counts(Op::mul, Format::fp32) == 2 * h * n * m);
    CHECK(counts(Op::exp, Format::fp32) == h * n * m);
    CHECK(counts(Op::div, Format::fp32) == h * n);
    CHECK(counts(Op::compare, Format::fp32) == h * n * (m - 1));
    CHECK(counts(Op::add, Format::fp32) == h * n * (2 * m - 1));
  }
}

TEST_CASE("Keys of one width and values of another count apart") {
  const OpCounts counts = estimated(Workload::without_data({3, 10, 20, 8, 5}), false);
  CHECK(counts(Op::mac, Format::fp32) == 3 * 10 * 20 * (8 + 5));
}

TEST_CASE("Causal attention counts the pairs that are seen, and only those") {
  const std::uint64_t n = 40;
  const std::uint64_t pairs = n * (n + 1) / 2;
  const OpCounts counts = estimated(Workload::without_data({3, n, n, 24, {}}), true);
  CHECK(counts(Op::mac, Format::fp32) == 3 * pairs * 2 * 24);
  CHECK(counts(Op::exp, Format::fp32) == 3 * pairs);
  const OpCounts last = estimated(Workload::without_data({3, 1, n, 24, {}}), true);
  CHECK(last == estimated(Workload::without_data({3, 1, n, 24, {}}), false));
}

TEST_CASE("Causal attention refuses more queries than keys") {
  const auto attention = attention_named("softmax");
  attention->options().set("softmax", "causal", "true");
  CHECK_THROWS_WITH(
      attention->prepare(Workload::without_data({1, 5, 4, 8, {}}).qkv(), {}),
      "softmax: causal=true: expected at least as many keys as queries (5), found 4 keys");
}

TEST_CASE("One token attends to itself") {
  const auto workload = separate(2, 1, 1, 4, 6);
  const auto out = executed(workload.qkv(), false);
  for (std::size_t c = 0; c < 6; ++c) CHECK(out(1, 0, c) == workload.qkv().v(1, 0, c));
}

TEST_CASE("Permuting the keys with their values changes nothing beyond rounding") {
  const auto workload = separate(2, 9, 70, 8, 8);
  Qkv<float> x = workload.qkv();
  Tensor<float> k(2, 70, 8);
  Tensor<float> v(2, 70, 8);
  for (std::size_t h = 0; h < 2; ++h) {
    for (std::size_t j = 0; j < 70; ++j) {
      for (std::size_t c = 0; c < 8; ++c) {
        k(h, j, c) = x.k(h, (j * 3 + 1) % 70, c);
        v(h, j, c) = x.v(h, (j * 3 + 1) % 70, c);
      }
    }
  }
  const auto before = executed(x, false);
  const auto after = executed({x.q, k.view(), v.view(), false}, false);
  for (std::size_t i = 0; i < before.size(); ++i) {
    CHECK(after.data()[i] == Approx(before.data()[i]).margin(1e-6));
  }
}

TEST_CASE("A causal query sees what it would see alone") {
  const auto workload = separate(1, 70, 70, 8, 8);
  const Qkv<float>& x = workload.qkv();
  const auto whole = executed(x, true);
  for (const std::size_t i : {0U, 63U, 64U, 69U}) {
    const auto alone =
        executed({x.q.slice(i, 1), x.k.slice(0, i + 1), x.v.slice(0, i + 1), false}, false);
    for (std::size_t c = 0; c < 8; ++c)
      CHECK(alone(0, 0, c) == Approx(whole(0, i, c)).margin(1e-6));
  }
}

TEST_CASE("Scores and weights are traffic, although execution never holds them") {
  const auto attention = attention_named("softmax");
  const auto workload = Workload::without_data({2, 300, 500, 8, 16});
  attention->prepare(workload.qkv(), {});
  Ledger ledger(attention->phases());
  attention->run(Mode::estimate, workload.qkv(), ledger);
  const std::uint64_t scores = 2 * 300 * 500 * 4;
  CHECK(ledger["scores"].traffic() == Traffic{2 * (300 + 500) * 8 * 4, scores});
  CHECK(ledger["softmax"].traffic() == Traffic{scores, scores});
  CHECK(ledger["output"].traffic() == Traffic{scores + 2 * 500 * 16 * 4, 2 * 300 * 16 * 4});
}
