// Closed forms of the attentions that are linear in tokens, from their papers, and what their
// equations imply.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/kernels/landmarks.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

constexpr Format fp32 = Format::fp32;
using Settings = std::vector<std::pair<std::string, std::string>>;
using Tensors = std::vector<std::pair<std::string, NamedTensor>>;

std::unique_ptr<Attention> made(const std::string& name, const Settings& settings,
                                const Tensors& tensors) {
  auto attention = attention_named(name);
  for (const auto& [option, value] : settings) attention->options().set(name, option, value);
  for (const auto& [option, value] : tensors) attention->options().set_tensor(name, option, value);
  return attention;
}

OpCounts estimated(const std::string& name, const Workload& workload,
                   const Settings& settings = {}) {
  const auto attention = made(name, settings, {});
  attention->prepare(workload.qkv(), {});
  Ledger ledger(attention->phases());
  attention->run(Mode::estimate, workload.qkv(), ledger);
  return ledger.declared();
}

Tensor<float> executed(const std::string& name, const Qkv<float>& x, const Settings& settings = {},
                       const Tensors& tensors = {}) {
  const auto attention = made(name, settings, tensors);
  attention->prepare(x, {});
  Ledger ledger(attention->phases());
  return attention->run(Mode::execute, x, ledger);
}

struct Sizes {
  std::uint64_t h, n, m, d, e;  // heads, queries, keys, head dim, value dim

  Workload workload() const { return Workload::without_data({h, n, m, d, e}); }
};
const std::vector<Sizes> two_sizes{{2, 50, 20, 32, 24}, {5, 196, 784, 16, 16}};

Tensor<float> numbers_of(const View<const float>& view) { return converted<float>(view); }

double largest_difference(const Tensor<float>& a, const Tensor<float>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(
        largest, std::abs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i])));
  }
  return largest;
}

}  // namespace

TEST_CASE("linear-elu executes (N + M) d e + N d macs and an exponential a number") {
  for (const auto& s : two_sizes) {
    const auto [h, n, m, d, e] = s;
    CHECK(estimated("linear-elu", s.workload()) ==
          counts({{Op::mac, fp32, h * ((n + m) * d * e + n * d)},
                  {Op::compare, fp32, h * 2 * (n + m) * d},
                  {Op::exp, fp32, h * (n + m) * d},
                  {Op::add, fp32, h * ((n + m) * d + m * d)},
                  {Op::mul, fp32, h * n * e},
                  {Op::div, fp32, h * n}}));
  }
}

TEST_CASE("cosformer executes linear attention on 2 d features without an exponential") {
  for (const auto& s : two_sizes) {
    const auto [h, n, m, d, e] = s;
    CHECK(estimated("cosformer", s.workload()) ==
          counts({{Op::mac, fp32, h * ((n + m) * 2 * d * e + n * 2 * d)},
                  {Op::compare, fp32, h * ((n + m) * d + n)},
                  {Op::mul, fp32, h * ((n + m) * 2 * d + n * e)},
                  {Op::add, fp32, h * m * 2 * d},
                  {Op::div, fp32, h * n}}));
  }
}

TEST_CASE("performer executes (N + M) r (d + e) macs, d for each norm and r for each normaliser") {
  const std::uint64_t r = 48;
  for (const auto& s : two_sizes) {
    const auto [h, n, m, d, e] = s;
    CHECK(estimated("performer", s.workload(), {{"features", "48"}}) ==
          counts({{Op::mac, fp32, h * ((n + m) * (r * (d + e) + d) + n * r)},
                  {Op::mul, fp32, h * ((n + m) * (d + 1 + r) + n * e)},
                  {Op::compare, fp32, h * (n * (r - 1) + m * r)},
                  {Op::exp, fp32, h * (n + m) * r},
                  {Op::add, fp32, h * ((n + m) * (1 + 2 * r) + m * r)},
                  {Op::div, fp32, h * n}}));
  }
}

TEST_CASE("linformer executes r (N + M) (d + e) macs") {
  const std::uint64_t r = 16;
  for (const auto& s : two_sizes) {
    const auto [h, n, m, d, e] = s;
    CHECK(estimated("linformer", s.workload(), {{"rank", "16"}}) ==
          counts({{Op::mac, fp32, h * r * (n + m) * (d + e)},
                  {Op::mul, fp32, h * 2 * n * r},
                  {Op::compare, fp32, h * n * (r - 1)},
                  {Op::exp, fp32, h * n * r},
                  {Op::add, fp32, h * n * (2 * r - 1)},
                  {Op::div, fp32, h * n}}));
  }
}

TEST_CASE("efficient executes (N + M) d e macs and two softmax that add nothing to them") {
  for (const auto& s : two_sizes) {
    const auto [h, n, m, d, e] = s;
    CHECK(estimated("efficient", s.workload()) ==
          counts({{Op::mac, fp32, h * (n + m) * d * e},
                  {Op::compare, fp32, h * (n * (d - 1) + d * (m - 1))},
                  {Op::exp, fp32, h * (n + m) * d},
                  {Op::add, fp32, h * (n * (2 * d - 1) + d * (2 * m - 1))},
                  {Op::mul, fp32, h * (n + m) * d},
                  {Op::div, fp32, h * (n + d)}}));
  }
}

TEST_CASE("nystromformer executes the macs of three softmax, three products and the iterations") {
  const std::uint64_t l = 8;
  for (const auto& s : two_sizes) {
    const auto [h, n, m, d, e] = s;
    for (const std::uint64_t iterations : {1U, 6U}) {
      const std::uint64_t scores = n * l + l * l + l * m;
      CHECK(estimated("nystromformer", s.workload(),
                      {{"landmarks", "8"}, {"iterations", std::to_string(iterations)}}) ==
            counts({{Op::mac, fp32,
                     h * (scores * d + n * l * l + n * l * e + m * l * e +
                          iterations * 4 * l * l * l)},
                    {Op::mul, fp32, h * (2 * l * d + 2 * scores + 1 + l * l + iterations * l * l)},
                    {Op::compare, fp32, h * (scores - (n + 2 * l) + 2 * (l - 1))},
                    {Op::exp, fp32, h * scores},
                    {Op::add, fp32,
                     h * ((n - l) * d + (m - l) * d + 2 * scores - (n + 2 * l) + 2 * l * (l - 1) +
                          iterations * 3 * l)},
                    {Op::div, fp32, h * (n + 2 * l + 1)}}));
    }
  }
}

TEST_CASE("Linear attentions write contexts and sums, and no scores") {
  const auto attention = attention_named("linear-elu");
  const auto workload = Workload::without_data({2, 300, 500, 8, 16});
  attention->prepare(workload.qkv(), {});
  Ledger ledger(attention->phases());
  attention->run(Mode::estimate, workload.qkv(), ledger);
  const std::uint64_t context = 2 * 8 * 16 * 4;
  const std::uint64_t total = 2 * 8 * 4;
  CHECK(ledger["features"].traffic() == Traffic{2 * (300 + 500) * 8 * 4, 0});
  // Running sums start at zero, are read and written, and become the context: 3 writes, 2 reads.
  CHECK(ledger["context"].traffic() == Traffic{2 * 500 * 16 * 4 + 2 * context, 3 * context});
  // The same of the sum of features, which queries read once more.
  CHECK(ledger["normaliser"].traffic() == Traffic{3 * total, 3 * total});
  CHECK(ledger["output"].traffic() == Traffic{context, 2 * 300 * 16 * 4});
}

TEST_CASE("performer writes and reads the projections of the keys once") {
  const auto attention = attention_named("performer");
  const auto workload = Workload::without_data({2, 300, 500, 8, 16});
  attention->prepare(workload.qkv(), {});
  Ledger ledger(attention->phases());
  attention->run(Mode::estimate, workload.qkv(), ledger);
  const std::uint64_t of_keys = 2 * 500 * 17 * 4;  // 8 ln 8 = 16.6 features
  const std::uint64_t norms = 2 * 500 * 4;
  CHECK(ledger["projection"].traffic() ==
        Traffic{2 * (300 + 500) * 8 * 4 + 2 * 8 * 17 * 4, of_keys});
  // The maximum over all projections of the keys is one number: read and written, then read.
  CHECK(ledger["features"].traffic() == Traffic{of_keys + norms + 2 * 4, norms + 4});
}

TEST_CASE("linformer reads a projection once for all heads") {
  const auto attention = made("linformer", {{"rank", "16"}}, {});
  const auto workload = Workload::without_data({4, 30, 50, 8, 12});
  attention->prepare(workload.qkv(), {});
  Ledger ledger(attention->phases());
  attention->run(Mode::estimate, workload.qkv(), ledger);
  CHECK(ledger["compression"].traffic() ==
        Traffic{(2 * 16 * 50 + 4 * 50 * (8 + 12)) * 4, 4 * 16 * (8 + 12) * 4});
}

TEST_CASE("Weights sum to one: values that are all one stay one") {
  const auto name = GENERATE("linear-elu", "performer", "cosformer", "efficient", "nystromformer");
  const auto workload = separate(2, 70, 131, 8, 3);
  const auto ones = [] {
    Tensor<float> v(2, 131, 3);
    std::fill_n(v.data(), v.size(), 1.0F);
    return v;
  }();
  const Qkv<float> x{workload.qkv().q, workload.qkv().k, ones.view(), false};
  const auto out = executed(name, x);
  const double margin = std::string(name) == "nystromformer" ? 0.05 : 1e-5;
  for (std::size_t i = 0; i < out.size(); ++i) {
    CHECK(out.data()[i] == Approx(1.0).margin(margin));
  }
}

TEST_CASE("Query heads that share keys give what repeated keys give, bit for bit") {
  const auto name =
      GENERATE("linear-elu", "performer", "cosformer", "efficient", "linformer", "nystromformer");
  const auto grouped = separate(2, 70, 70, 8, 6);
  const auto queries = separate(4, 70, 70, 8, 6);
  const auto repeated = [](const View<const float>& view) {
    Tensor<float> twice(4, view.rows, view.cols);
    for (std::size_t h = 0; h < 4; ++h) {
      std::copy_n(view.row(h / 2, 0), view.rows * view.cols, twice.view().row(h, 0));
    }
    return twice;
  };
  const auto k = repeated(grouped.qkv().k);
  const auto v = repeated(grouped.qkv().v);
  const auto& q = queries.qkv().q;
  const auto shared_out = executed(name, {q, grouped.qkv().k, grouped.qkv().v, false});
  const auto repeated_out = executed(name, {q, k.view(), v.view(), false});
  CHECK(largest_difference(shared_out, repeated_out) == 0.0);
}

TEST_CASE("performer comes nearer to softmax with more features") {
  const auto workload = separate(2, 40, 60, 16, 16);
  const auto small = [&](const View<const float>& view) {
    Tensor<float> tensor = numbers_of(view);
    for (std::size_t i = 0; i < tensor.size(); ++i) tensor.data()[i] *= 0.5F;
    return tensor;
  };
  const auto q = small(workload.qkv().q);
  const auto k = small(workload.qkv().k);
  const Qkv<float> x{q.view(), k.view(), workload.qkv().v, false};
  const auto exact = executed("softmax", x);
  const auto few = largest_difference(executed("performer", x, {{"features", "8"}}), exact);
  const auto many = largest_difference(executed("performer", x, {{"features", "4096"}}), exact);
  CHECK(many < 0.05);
  CHECK(many < few / 4);
}

TEST_CASE("linformer whose projections are identities is softmax") {
  const std::size_t n = 21;
  const auto workload = separate(2, 9, n, 8, 5);
  NamedTensor identity{"identity.npy", {{n, n}, std::vector<float>(n * n, 0.0F)}};
  for (std::size_t i = 0; i < n; ++i) identity.array.data[i * n + i] = 1.0F;
  const auto out =
      executed("linformer", workload.qkv(), {}, {{"project_k", identity}, {"project_v", identity}});
  CHECK(largest_difference(out, executed("softmax", workload.qkv())) < 1e-6);
}

TEST_CASE("nystromformer with every token a landmark is softmax once its inverse has converged") {
  const auto workload = separate(2, 12, 12, 32, 8);
  const auto out =
      executed("nystromformer", workload.qkv(), {{"landmarks", "12"}, {"iterations", "20"}});
  CHECK(largest_difference(out, executed("softmax", workload.qkv())) < 1e-3);
}

TEST_CASE("Landmarks are means of segments as even as can be") {
  Tensor<float> x(1, 7, 2);
  for (std::size_t i = 0; i < 7; ++i) {
    x(0, i, 0) = static_cast<float>(i);
    x(0, i, 1) = static_cast<float>(10 * i);
  }
  Tensor<float> means(1, 3, 2);
  Ledger ledger{"landmarks"};
  segment_means<float>(ledger["landmarks"], x, means);
  for (std::size_t c = 0; c < 2; ++c) {
    const float unit = c == 0 ? 1.0F : 10.0F;
    CHECK(means(0, 0, c) == Approx(0.5F * unit));  // 0 1
    CHECK(means(0, 1, c) == Approx(2.5F * unit));  // 2 3
    CHECK(means(0, 2, c) == Approx(5.0F * unit));  // 4 5 6
  }
}

TEST_CASE("By default nystromformer takes 64 landmarks, or every token of fewer") {
  const auto attention = attention_named("nystromformer");
  attention->prepare(Workload::without_data({1, 100, 20, 8, {}}).qkv(), {});
  CHECK(attention->notes() ==
        std::vector<std::string>{"landmarks: 20; convolution of the values: none"});
  attention->prepare(Workload::without_data({1, 100, 200, 8, {}}).qkv(), {});
  CHECK(attention->notes() ==
        std::vector<std::string>{"landmarks: 64; convolution of the values: none"});
}

TEST_CASE("nystromformer refuses more landmarks than tokens") {
  const auto attention = made("nystromformer", {{"landmarks", "21"}}, {});
  CHECK_THROWS_WITH(attention->prepare(Workload::without_data({1, 100, 20, 8, {}}).qkv(), {}),
                    "nystromformer: landmarks=21: expected at most 20, one for every query and "
                    "key, found 100 queries and 20 keys");
}

TEST_CASE("performer refuses a projection that does not fit, and takes its features from one") {
  const NamedTensor wrong{"w.npy", {{4, 9}, std::vector<float>(36)}};
  const auto workload = Workload::without_data({1, 10, 10, 8, {}});
  CHECK_THROWS_WITH(
      made("performer", {}, {{"projection", wrong}})->prepare(workload.qkv(), {}),
      "w.npy: projection: expected shape [features, head dim] [any, 8], found [4, 9]");
  const NamedTensor right{"w.npy", {{4, 8}, std::vector<float>(32)}};
  const auto attention = made("performer", {}, {{"projection", right}});
  attention->prepare(workload.qkv(), {});
  Ledger ledger(attention->phases());
  attention->run(Mode::estimate, workload.qkv(), ledger);
  CHECK(ledger["features"].declared()(Op::exp, fp32) == 2 * 10 * 4);
}

TEST_CASE("linformer refuses projections that do not fit") {
  const auto workload = Workload::without_data({1, 10, 12, 8, {}});
  const NamedTensor fits{"a.npy", {{4, 12}, std::vector<float>(48)}};
  const NamedTensor longer{"b.npy", {{4, 13}, std::vector<float>(52)}};
  const NamedTensor higher{"c.npy", {{5, 12}, std::vector<float>(60)}};
  CHECK_THROWS_WITH(made("linformer", {}, {{"project_k", longer}, {"project_v", fits}})
                        ->prepare(workload.qkv(), {}),
                    "b.npy: project_k: expected shape [rank, keys] [any, 12], found [4, 13]");
  CHECK_THROWS_WITH(made("linformer", {}, {{"project_k", fits}, {"project_v", higher}})
                        ->prepare(workload.qkv(), {}),
                    "c.npy: project_v: expected project_k's shape [4, 12], found [5, 12]");
  CHECK_THROWS_WITH(
      made("linformer", {}, {{"project_v", fits}})->prepare(workload.qkv(), {}),
      "linformer: projections: expected both project_k and project_v, or neither, found project_v "
      "alone");
}

TEST_CASE("The published settings are the defaults, as far as the input allows") {
  const auto notes_of = [](const std::string& name, const Workload& workload) {
    const auto attention = attention_named(name);
    attention->prepare(workload.qkv(), {});
    return attention->notes().front();
  };
  const Workload large = Workload::without_data({1, 4096, 4096, 64, {}});
  const Workload small = Workload::without_data({1, 49, 49, 64, {}});
  CHECK_THAT(notes_of("performer", large), Catch::Contains("266 features"));  // 64 ln 64
  CHECK_THAT(notes_of("linformer", large), Catch::Contains("rank 256"));
  CHECK_THAT(notes_of("linformer", small), Catch::Contains("rank 49"));
  CHECK_THAT(notes_of("nystromformer", large), Catch::Contains("landmarks: 64"));
  CHECK_THAT(notes_of("nystromformer", small), Catch::Contains("landmarks: 49"));
}

TEST_CASE("An option that a given tensor fixes follows it, or is refused where it says otherwise") {
  const Workload workload = separate(1, 20, 20, 4, 4);
  NamedTensor projection{"p.npy", {{3, 4}, std::vector<float>(12, 0.5F)}};
  const auto performer = attention_named("performer");
  performer->options().set_tensor("performer", "projection", projection);
  performer->prepare(workload.qkv(), {});
  CHECK_THAT(performer->notes().front(), Catch::Contains("3 features"));
  performer->options().set("performer", "features", "5");
  CHECK_THROWS_WITH(performer->prepare(workload.qkv(), {}),
                    "performer: features=5: expected the 3 of p.npy, or none, found 5");
}

TEST_CASE("nystromformer adds a convolution of the values where its kernels are given") {
  const std::size_t tokens = 11;
  const Workload workload = separate(2, tokens, tokens, 4, 3);
  const Qkv<float>& x = workload.qkv();
  NamedTensor kernels{"c.npy", {{2, 5}, {}}};
  for (int i = 0; i < 10; ++i) kernels.array.data.push_back(0.1F * static_cast<float>(i * i) - 2);
  const auto run = [&](bool with, OpCounts& counts) {
    const auto attention = attention_named("nystromformer");
    if (with) attention->options().set_tensor("nystromformer", "convolution", kernels);
    attention->prepare(x, {});
    Ledger ledger(attention->phases());
    Tensor<float> out = attention->run(Mode::audit, x, ledger);
    CHECK(ledger.imbalances() == std::vector<std::string>{});
    counts = ledger.declared();
    return out;
  };
  OpCounts plain_counts;
  OpCounts counts;
  const Tensor<float> plain_output = run(false, plain_counts);
  const Tensor<float> output = run(true, counts);
  std::uint64_t taps = 0;
  for (std::size_t h = 0; h < 2; ++h) {
    for (std::size_t i = 0; i < tokens; ++i) {
      for (std::size_t c = 0; c < 3; ++c) {
        double added = 0.0;
        for (int t = -2; t <= 2; ++t) {  // zeros outside
          const auto j = static_cast<int>(i) + t;
          if (j < 0 || j >= static_cast<int>(tokens)) continue;
          added +=
              static_cast<double>(kernels.array.data[h * 5 + static_cast<std::size_t>(t + 2)]) *
              static_cast<double>(x.v(h, static_cast<std::size_t>(j), c));
          ++taps;
        }
        CHECK(static_cast<double>(output(h, i, c)) ==
              Approx(static_cast<double>(plain_output(h, i, c)) + added).margin(1e-5));
      }
    }
  }
  CHECK(counts(Op::mac, fp32) == plain_counts(Op::mac, fp32) + taps);
}
