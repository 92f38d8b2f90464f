#include <catch2/catch.hpp>

#include "tests/test_data.hpp"

using namespace wattention;

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

std::unique_ptr<Attention> ecoformer(const Settings& settings) {
  auto attention = attention_named("ecoformer");
  for (const auto& [name, value] : settings) attention->options().set("ecoformer", name, value);
  return attention;
}

Ledger estimated(const Workload& workload, const Settings& settings) {
  const auto attention = ecoformer(settings);
  attention->prepare(workload.qkv(), {});
  Ledger ledger(attention->phases());
  attention->run(Mode::estimate, workload.qkv(), ledger);
  return ledger;
}

Tensor<float> executed(const Qkv<float>& x, const Settings& settings) {
  const auto attention = ecoformer(settings);
  attention->prepare(x, {});
  Ledger ledger(attention->phases());
  return attention->run(Mode::execute, x, ledger);
}

constexpr Format fp32 = Format::fp32;
constexpr Format int32 = Format::int32;
constexpr Format bit = Format::bit;

}  // namespace

TEST_CASE("The linear form's phases count what the equations say, for shared queries and keys") {
  const std::uint64_t h = 5, n = 196, d = 32, m = 25, b = 16;
  Ledger ledger = estimated(Workload::without_data({h, n, {}, d, {}}), {});
  CHECK(ledger["normalise"].declared() == counts({{Op::mac, fp32, h * n * d},
                                                  {Op::sqrt, fp32, h * n},
                                                  {Op::compare, fp32, h * n},
                                                  {Op::mul, fp32, h * n * d},
                                                  {Op::div, fp32, h * n}}));
  CHECK(ledger["kernel"].declared() ==
        counts({{Op::add, fp32, h * n * m * d + h * (n * m - 1) + h * n * m},
                {Op::mac, fp32, h * n * m * d},
                {Op::mul, fp32, h + h * n * m},
                {Op::div, fp32, 2 * h},
                {Op::compare, fp32, h},
                {Op::exp, fp32, h * n * m}}));
  CHECK(ledger["hash"].declared() ==
        counts({{Op::mac, fp32, h * n * m * b}, {Op::compare, fp32, h * n * b}}));
  CHECK(ledger["context"].declared() ==
        counts({{Op::add, fp32, h * n * b * d}, {Op::logic, bit, h * n * b * d}}));
  CHECK(ledger["normaliser"].declared() ==
        counts({{Op::add, int32, h * n * b + h * n * (b + 1)}, {Op::logic, bit, h * n * b}}));
  CHECK(ledger["output"].declared() == counts({{Op::add, fp32, h * n * b * d},
                                               {Op::logic, bit, h * n * b * d},
                                               {Op::mac, fp32, h * n * d},
                                               {Op::mul, fp32, h * n * d},
                                               {Op::div, fp32, h * n}}));
  CHECK(ledger["similarity"].declared() == OpCounts{});
}

TEST_CASE("The squares of the distances alone are the 9,094,400 that the paper leaves out of B0") {
  std::uint64_t squares = 0;
  for (const auto& [heads, tokens] :
       std::vector<std::pair<std::size_t, std::size_t>>{{1, 3136}, {2, 784}, {5, 196}}) {
    Ledger ledger = estimated(Workload::without_data({heads, tokens, {}, 32, {}}), {});
    squares += 2 * ledger["kernel"].declared()(Op::mac, fp32);
  }
  CHECK(squares == 9094400);
}

TEST_CASE("Queries that differ from the keys are hashed too") {
  Ledger shared_ledger = estimated(Workload::without_data({2, 48, {}, 32, {}}), {});
  Ledger separate_ledger = estimated(Workload::without_data({2, 48, 48, 32, {}}), {});
  for (const char* phase : {"normalise", "kernel", "hash"}) {
    OpCounts twice = shared_ledger[phase].declared();
    twice += shared_ledger[phase].declared();
    CHECK(separate_ledger[phase].declared() == twice);
  }
  for (const char* phase : {"context", "normaliser", "output"}) {
    CHECK(separate_ledger[phase].declared() == shared_ledger[phase].declared());
  }
}

TEST_CASE("The Hamming form counts xor and popcount in bits and is quadratic") {
  const std::uint64_t h = 2, n = 48, d = 32, b = 16;
  Ledger ledger = estimated(Workload::without_data({h, n, {}, d, {}}), {{"form", "hamming"}});
  CHECK(ledger["similarity"].declared() == counts({{Op::logic, bit, h * n * n * b},
                                                   {Op::popcount, bit, h * n * n * b},
                                                   {Op::shift, int32, h * n * n},
                                                   {Op::add, int32, h * n * n}}));
  CHECK(ledger["normaliser"].declared() == counts({{Op::add, int32, h * n * n}}));
  CHECK(ledger["output"].declared()(Op::mac, fp32) == h * n * n * d + h * n * d);
  CHECK(ledger["context"].declared() == OpCounts{});
}

TEST_CASE("Codes, a context and sums are what the linear form writes") {
  const std::uint64_t h = 1, n = 784, d = 32, m = 25, b = 16;
  Ledger ledger = estimated(Workload::without_data({h, n, {}, d, {}}), {});
  CHECK(ledger["normalise"].traffic() == Traffic{n * d * 4, 0});
  CHECK(ledger["kernel"].traffic().write_bytes == n * m * 4 + 4);  // kept distances, one factor
  CHECK(ledger["hash"].traffic() == Traffic{m * b * 4, n * b / 8});
  CHECK(ledger["context"].traffic() == Traffic{n * b / 8 + n * d * 4, b * d * 4});
  CHECK(ledger["output"].traffic() == Traffic{n * b / 8 + b * d * 4 + n * d * 4, n * d * 4});
}

TEST_CASE("Hash functions without sigma take it from the input") {
  const std::string folder = test_data("golden/ecoformer_small_token/");
  const auto workload =
      Workload::from_files({folder + "q.npy", folder + "k.npy", folder + "v.npy"});
  const auto attention = ecoformer({});
  attention->prepare(workload.qkv(), {folder + "hash.safetensors", 1});
  Ledger ledger(attention->phases());
  attention->run(Mode::audit, workload.qkv(), ledger);
  CHECK(ledger.imbalances().empty());
  CHECK(ledger["kernel"].declared()(Op::div, fp32) == 2 * 2);
}

TEST_CASE("Both forms and both bias terms work for one token, for zeros and for wide codes") {
  Tensor<float> zeros(2, 3, 8);
  std::fill_n(zeros.data(), zeros.size(), 0.0F);
  const Qkv<float> of_zeros{zeros.view(), zeros.view(), zeros.view(), true};
  const auto one_token = separate(2, 1, 1, 8, 8);
  for (const char* bias_term : {"token", "sequence"}) {
    for (const char* bits : {"1", "64", "65", "300"}) {
      const Settings settings{{"bias_term", bias_term}, {"bits", bits}};
      Settings hamming = settings;
      hamming.emplace_back("form", "hamming");
      for (const Qkv<float>& x : {of_zeros, one_token.qkv()}) {
        const auto linear = executed(x, settings);
        const auto quadratic = executed(x, hamming);
        for (std::size_t i = 0; i < linear.size(); ++i) {
          CHECK(std::isfinite(linear.data()[i]));
          CHECK(quadratic.data()[i] == Approx(linear.data()[i]).margin(1e-5));
        }
      }
    }
  }
}

TEST_CASE("With the bias of the sequence a constant value comes back as itself") {
  const auto workload = shared(2, 65, 8);
  Tensor<float> v(2, 65, 4);
  std::fill_n(v.data(), v.size(), 3.0F);
  for (const char* form : {"linear", "hamming"}) {
    const auto out = executed({workload.qkv().q, workload.qkv().k, v.view(), true},
                              {{"bias_term", "sequence"}, {"form", form}});
    for (std::size_t i = 0; i < out.size(); ++i) CHECK(out.data()[i] == Approx(3.0F));
  }
}

TEST_CASE("Query heads may share keys, values and hash functions") {
  const auto q = separate(4, 20, 20, 8, 6);
  const auto kv = separate(2, 20, 20, 8, 6);
  const Qkv<float> grouped{q.qkv().q, kv.qkv().k, kv.qkv().v, false};
  const auto linear = executed(grouped, {});
  const auto hamming = executed(grouped, {{"form", "hamming"}});
  REQUIRE(linear.heads() == 4);
  for (std::size_t i = 0; i < linear.size(); ++i) {
    CHECK(hamming.data()[i] == Approx(linear.data()[i]).margin(1e-5));
  }
}

TEST_CASE("A bias of the token needs as many keys as queries") {
  CHECK_THROWS_WITH(estimated(Workload::without_data({1, 5, 4, 8, {}}), {}),
                    "ecoformer: bias_term=token: expected as many keys as queries (5), or "
                    "bias_term=sequence, found 4 keys");
  CHECK_NOTHROW(estimated(Workload::without_data({1, 5, 4, 8, {}}), {{"bias_term", "sequence"}}));
}

TEST_CASE("Sums of codes that an int32 cannot hold are refused") {
  CHECK_THROWS_WITH(estimated(Workload::without_data({1, 100000000, {}, 8, {}}), {}),
                    "ecoformer: keys: expected at most 65075262 keys for int32 sums of 16-bit "
                    "codes, found 100000000");
}

TEST_CASE("The seed decides the drawn hash functions") {
  const auto workload = shared(1, 40, 8);
  const auto with_seed = [&](std::uint64_t seed) {
    const auto attention = ecoformer({});
    attention->prepare(workload.qkv(), {{}, seed});
    Ledger ledger(attention->phases());
    return attention->run(Mode::execute, workload.qkv(), ledger);
  };
  const auto a = with_seed(1);
  const auto b = with_seed(1);
  const auto c = with_seed(2);
  CHECK(std::equal(a.data(), a.data() + a.size(), b.data()));
  CHECK_FALSE(std::equal(a.data(), a.data() + a.size(), c.data()));
}
