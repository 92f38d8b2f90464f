// Attentions by tiles, windows, chunks of sorted tokens and L1 distances: outputs against a naive
// statement in double, operations against closed forms of the papers.

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <numeric>

#include "tests/test_data.hpp"

using namespace wattention;

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

std::unique_ptr<Attention> with(const std::string& name, const Settings& settings) {
  auto attention = attention_named(name);
  for (const auto& [option, value] : settings) attention->options().set(name, option, value);
  return attention;
}

Ledger estimated(const std::string& name, const Settings& settings, const Workload& workload) {
  const auto attention = with(name, settings);
  attention->prepare(workload.qkv(), {});
  Ledger ledger(attention->phases());
  attention->run(Mode::estimate, workload.qkv(), ledger);
  return ledger;
}

Tensor<float> executed(Attention& attention, const Qkv<float>& x, const Arithmetic& in = {}) {
  attention.prepare(x, {});
  Ledger ledger(attention.phases());
  return attention.run(Mode::execute, in, x, ledger);
}

using Score = std::function<double(std::size_t h, std::size_t i, std::size_t j)>;
using TimesSeen = std::function<int(std::size_t i, std::size_t j)>;

/// The largest difference from softmax attention over the keys that a query sees, in double.
double error_of(const Tensor<float>& out, const Qkv<float>& x, const Score& score,
                const TimesSeen& times) {
  double largest = 0.0;
  for (std::size_t h = 0; h < x.heads(); ++h) {
    const std::size_t hv = h / (x.heads() / x.v.heads);
    for (std::size_t i = 0; i < x.queries(); ++i) {
      double top = -INFINITY;
      for (std::size_t j = 0; j < x.keys(); ++j) {
        if (times(i, j) > 0) top = std::max(top, score(h, i, j));
      }
      double total = 0.0;
      std::vector<double> sums(x.value_dim(), 0.0);
      for (std::size_t j = 0; j < x.keys(); ++j) {
        if (times(i, j) == 0) continue;
        const double weight = times(i, j) * std::exp(score(h, i, j) - top);
        total += weight;
        for (std::size_t c = 0; c < sums.size(); ++c) {
          sums[c] += weight * static_cast<double>(x.v(hv, j, c));
        }
      }
      for (std::size_t c = 0; c < sums.size(); ++c) {
        const double difference = std::abs(sums[c] / total - static_cast<double>(out(h, i, c)));
        if (!(difference <= largest)) largest = difference;
      }
    }
  }
  return largest;
}

Score products(const Qkv<float>& x) {
  return [&x](std::size_t h, std::size_t i, std::size_t j) {
    double total = 0.0;
    for (std::size_t c = 0; c < x.head_dim(); ++c) {
      total += static_cast<double>(x.q(h, i, c)) *
               static_cast<double>(x.k(h / (x.heads() / x.k.heads), j, c));
    }
    return total / std::sqrt(static_cast<double>(x.head_dim()));
  };
}

TimesSeen within_window(std::size_t window) {
  return [window](std::size_t i, std::size_t j) { return i / window == j / window ? 1 : 0; };
}

TimesSeen within_reach(std::size_t window, std::size_t global_tokens) {
  return [=](std::size_t i, std::size_t j) {
    const std::size_t apart = i < j ? j - i : i - j;
    return apart <= window / 2 || i < global_tokens || j < global_tokens ? 1 : 0;
  };
}

std::uint64_t pairs_of(const TimesSeen& times, std::size_t tokens) {
  std::uint64_t pairs = 0;
  for (std::size_t i = 0; i < tokens; ++i) {
    for (std::size_t j = 0; j < tokens; ++j) pairs += static_cast<std::uint64_t>(times(i, j));
  }
  return pairs;
}

const auto everything = [](std::size_t, std::size_t) { return 1; };

/// Softmax attention over `pairs` of `rows` queries, whatever they see.
void check_softmax_over(const OpCounts& counts, std::uint64_t rows, std::uint64_t pairs,
                        std::uint64_t head_dim, std::uint64_t value_dim) {
  CHECK(counts(Op::mac, Format::fp32) == pairs * (head_dim + value_dim));
  CHECK(counts(Op::mul, Format::fp32) == 2 * pairs);
  CHECK(counts(Op::exp, Format::fp32) == pairs);
  CHECK(counts(Op::div, Format::fp32) == rows);
  CHECK(counts(Op::compare, Format::fp32) == pairs - rows);
  CHECK(counts(Op::add, Format::fp32) == 2 * pairs - rows);
}

/// Queries and values of `heads` heads that share `key_heads` keys and values.
struct Grouped {
  Grouped(std::size_t heads, std::size_t key_heads, std::size_t tokens)
      : queries(separate(heads, tokens, tokens, 8, 8)),
        others(separate(key_heads, tokens, tokens, 8, 5)),
        x{queries.qkv().q, others.qkv().k, others.qkv().v, false} {}
  Workload queries;
  Workload others;
  Qkv<float> x;
};

std::string text(std::size_t number) { return std::to_string(number); }

}  // namespace

TEST_CASE("Flash attention's rescaling costs e + 1 multiplications a query and further tile") {
  struct Sizes {
    std::size_t h, n, m, d, e, tile, tiles;
  };
  for (const auto& [h, n, m, d, e, tile, tiles] :
       {Sizes{2, 50, 200, 32, 24, 64, 4}, Sizes{1, 196, 196, 8, 8, 16, 13}}) {
    const OpCounts counts =
        estimated("flash", {{"tile", text(tile)}}, Workload::without_data({h, n, m, d, e}))
            .declared();
    CHECK(counts(Op::mac, Format::fp32) == h * n * m * (d + e));
    CHECK(counts(Op::mul, Format::fp32) == h * n * (m + (tiles - 1) * (e + 1) + e));
    CHECK(counts(Op::exp, Format::fp32) == h * n * (m + tiles - 1));
    CHECK(counts(Op::compare, Format::fp32) == h * n * (m - 1));
    CHECK(counts(Op::add, Format::fp32) == h * n * (2 * m - 1 + tiles - 1));
    CHECK(counts(Op::div, Format::fp32) == h * n);
  }
}

TEST_CASE("Flash attention reads queries, keys and values once and writes the output alone") {
  Ledger ledger = estimated("flash", {}, Workload::without_data({2, 300, 500, 8, 16}));
  CHECK(ledger["scores"].traffic() == Traffic{2 * (300 + 500) * 8 * 4, 0});
  CHECK(ledger["softmax"].traffic() == Traffic{});
  CHECK(ledger["output"].traffic() == Traffic{2 * 500 * 16 * 4, 2 * 300 * 16 * 4});
}

TEST_CASE("Flash attention is exact whatever its tile") {
  const auto workload = separate(2, 70, 131, 8, 5);
  const Qkv<float>& x = workload.qkv();
  for (const std::size_t tile : {1U, 7U, 64U, 131U, 1000U}) {
    const auto out = executed(*with("flash", {{"tile", text(tile)}}), x);
    CHECK(error_of(out, x, products(x), everything) < 1e-5);
  }
}

TEST_CASE("Flash attention stays finite where a further tile has far larger scores") {
  Tensor<float> q(1, 1, 1);
  Tensor<float> k(1, 4, 1);
  Tensor<float> v(1, 4, 1);
  q(0, 0, 0) = 1.0F;
  const std::array<float, 4> scores{-500.0F, 0.0F, 500.0F, -500.0F};
  for (std::size_t j = 0; j < 4; ++j) {
    k(0, j, 0) = scores[j];
    v(0, j, 0) = static_cast<float>(j);
  }
  const auto out = executed(*with("flash", {{"tile", "1"}}), {q.view(), k.view(), v.view(), false});
  CHECK(out(0, 0, 0) == 2.0F);
}

TEST_CASE("Windows see N w keys, and what remains in the last one") {
  for (const auto& [n, w] :
       std::vector<std::array<std::size_t, 2>>{{64, 16}, {100, 16}, {10, 99}}) {
    const std::size_t rest = n % w;
    const std::uint64_t pairs = 3 * (n / w * w * w + rest * rest);
    CHECK(pairs == 3 * pairs_of(within_window(w), n));
    check_softmax_over(
        estimated("window", {{"window", text(w)}}, Workload::without_data({3, n, {}, 8, 5}))
            .declared(),
        3 * n, pairs, 8, 5);
  }
}

TEST_CASE("Sliding windows with global tokens see g (N + m) + m (2 r + 1) - r (r + 1) pairs") {
  struct Sizes {
    std::size_t n, w, g;
  };
  for (const auto& [n, w, g] :
       {Sizes{100, 8, 0}, Sizes{100, 9, 2}, Sizes{300, 32, 70}, Sizes{40, 1, 3}}) {
    const std::uint64_t m = n - g;
    const std::uint64_t r = w / 2;
    const std::uint64_t pairs = 2 * (g * (n + m) + m * (2 * r + 1) - r * (r + 1));
    CHECK(pairs == 2 * pairs_of(within_reach(w, g), n));
    check_softmax_over(
        estimated("sliding-window", {{"window", text(w)}, {"global_tokens", text(g)}},
                  Workload::without_data({2, n, {}, 8, 5}))
            .declared(),
        2 * n, pairs, 8, 5);
  }
}

TEST_CASE("A sliding window wider than the sequence, or global tokens throughout, see all pairs") {
  for (const Settings& settings :
       {Settings{{"window", "1000"}}, Settings{{"global_tokens", "20"}}}) {
    check_softmax_over(
        estimated("sliding-window", settings, Workload::without_data({1, 20, {}, 8, 8})).declared(),
        20, 20 * 20, 8, 8);
  }
}

TEST_CASE("A sliding window writes and reads the pairs that are seen, and no others") {
  Ledger ledger =
      estimated("sliding-window", {{"window", "8"}}, Workload::without_data({2, 100, {}, 8, 16}));
  const std::uint64_t scores = 2 * (100 * 9 - 4 * 5) * 4;
  CHECK(ledger["scores"].traffic() == Traffic{2 * 2 * 100 * 8 * 4, scores});
  CHECK(ledger["softmax"].traffic() == Traffic{scores, scores});
  CHECK(ledger["output"].traffic() == Traffic{scores + 2 * 100 * 16 * 4, 2 * 100 * 16 * 4});
}

TEST_CASE("Windows and sliding windows are softmax over the keys that a query sees") {
  for (const auto& [heads, key_heads] : std::vector<std::array<std::size_t, 2>>{{2, 2}, {4, 2}}) {
    const Grouped grouped(heads, key_heads, 131);
    const Qkv<float>& x = grouped.x;
    for (const std::size_t w : {1U, 10U, 90U, 131U, 500U}) {
      const auto out = executed(*with("window", {{"window", text(w)}}), x);
      CHECK(error_of(out, x, products(x), within_window(w)) < 1e-5);
      for (const std::size_t g : {0U, 1U, 67U, 131U}) {
        const auto slid =
            executed(*with("sliding-window", {{"window", text(w)}, {"global_tokens", text(g)}}), x);
        CHECK(error_of(slid, x, products(x), within_reach(w, g)) < 1e-5);
      }
    }
  }
}

TEST_CASE("Windows refuse keys that are no tokens of theirs, and too many global tokens") {
  const auto cross = Workload::without_data({1, 5, 4, 8, {}});
  CHECK_THROWS_WITH(with("window", {})->prepare(cross.qkv(), {}),
                    "window: keys: expected as many keys as queries (5), found 4 keys");
  CHECK_THROWS_WITH(with("sliding-window", {})->prepare(cross.qkv(), {}),
                    "sliding-window: keys: expected as many keys as queries (5), found 4 keys");
  CHECK_THROWS_WITH(with("sliding-window", {{"global_tokens", "6"}})
                        ->prepare(Workload::without_data({1, 5, {}, 8, {}}).qkv(), {}),
                    "sliding-window: global_tokens: expected at most the 5 tokens, found 6");
}

TEST_CASE("Laplacian scores take 2 d additions and d bit operations a pair, no multiplication") {
  for (const auto& [h, n, m, d, e] :
       std::vector<std::array<std::size_t, 5>>{{2, 50, 20, 32, 24}, {5, 196, 196, 8, 8}}) {
    Ledger ledger = estimated("laplacian", {}, Workload::without_data({h, n, m, d, e}));
    const OpCounts& scores = ledger["scores"].declared();
    CHECK(scores.total(Op::mac) + scores.total(Op::mul) == 0);
    CHECK(scores(Op::add, Format::fp32) == 2 * h * n * m * d);
    CHECK(scores(Op::logic, Format::bit) == h * n * m * d);
    CHECK(ledger.declared()(Op::mul, Format::fp32) == h * (n + m) * d + h * n * m);
    CHECK(ledger.declared()(Op::mac, Format::fp32) == h * n * m * e);
  }
}

TEST_CASE("Laplacian weights are those of L1 distances") {
  const Grouped grouped(4, 2, 70);
  const Qkv<float>& x = grouped.x;
  const Score score = [&x](std::size_t h, std::size_t i, std::size_t j) {
    double total = 0.0;
    for (std::size_t c = 0; c < x.head_dim(); ++c) {
      total += std::abs(static_cast<double>(x.q(h, i, c)) - static_cast<double>(x.k(h / 2, j, c)));
    }
    return -total / std::sqrt(static_cast<double>(x.head_dim()));
  };
  CHECK(error_of(executed(*with("laplacian", {}), x), x, score, everything) < 1e-5);
}

TEST_CASE("Reformer attends over 2 c keys a token, after d buckets / 2 macs of rotation") {
  struct Sizes {
    std::size_t n, c, buckets, rounds;
  };
  const std::uint64_t h = 3;
  const std::uint64_t d = 8;
  const std::uint64_t e = 5;
  for (const auto& [n, c, buckets, rounds] :
       {Sizes{1024, 64, 16, 1}, Sizes{100, 16, 6, 2}, Sizes{7, 64, 2, 8}}) {
    const std::size_t before = std::min(c, n);
    const std::size_t rest = n % c;
    const std::uint64_t pairs = rounds * h * (n / c * c * (c + before) + rest * (rest + before));
    const std::uint64_t tokens = h * n;
    const std::uint64_t joined = rounds == 1 ? 0 : rounds * tokens;  // outputs of rounds
    Ledger ledger = estimated(
        "reformer", {{"chunk", text(c)}, {"buckets", text(buckets)}, {"rounds", text(rounds)}},
        Workload::without_data({h, n, {}, d, e}));
    const OpCounts counts = ledger.declared();
    CHECK(counts(Op::mac, Format::fp32) ==
          rounds * tokens * d * (buckets / 2 + 1) + pairs * (d + e) + joined * e);
    CHECK(counts(Op::add, Format::int32) == rounds * (2 * tokens + h * (buckets - 1)));
    CHECK(counts(Op::sqrt, Format::fp32) == rounds * tokens);
    CHECK(counts(Op::exp, Format::fp32) == pairs + joined);
    CHECK(ledger["hash"].declared()(Op::compare, Format::fp32) == rounds * tokens * (buckets - 1));
    CHECK(ledger["softmax"].declared()(Op::compare, Format::fp32) == pairs - rounds * tokens);
  }
}

namespace {

/// Reformer as its paper has it, for one head: the tokens in order, then who sees whom how often.
struct Reformed {
  Reformed(const View<const float>& x, std::size_t head, const Array& rotations, std::size_t round,
           std::size_t chunk_)
      : chunk(chunk_), order(x.rows), place(x.rows) {
    const std::size_t half = rotations.shape[2];
    const float* const numbers = rotations.data.data() + round * x.cols * half;
    std::vector<std::size_t> bucket(x.rows);
    for (std::size_t i = 0; i < x.rows; ++i) {
      std::vector<double> rotated(2 * half, 0.0);
      for (std::size_t b = 0; b < half; ++b) {
        for (std::size_t c = 0; c < x.cols; ++c) {
          rotated[b] +=
              static_cast<double>(x(head, i, c)) * static_cast<double>(numbers[c * half + b]);
        }
        rotated[half + b] = -rotated[b];
      }
      bucket[i] = static_cast<std::size_t>(std::max_element(rotated.begin(), rotated.end()) -
                                           rotated.begin());
    }
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return bucket[a] < bucket[b]; });
    for (std::size_t p = 0; p < order.size(); ++p) place[order[p]] = p;
  }

  int times(std::size_t i, std::size_t j) const {
    const std::size_t n = order.size();
    const std::size_t mine = place[i] / chunk;
    const std::size_t before = n - std::min(chunk, n);
    const bool same_chunk = place[j] / chunk == mine;
    const bool seen_before = mine == 0 ? place[j] >= before : place[j] / chunk + 1 == mine;
    return (same_chunk ? 1 : 0) + (seen_before ? 1 : 0);
  }

  std::size_t chunk;
  std::vector<std::size_t> order;
  std::vector<std::size_t> place;
};

NamedTensor some_rotations(std::size_t rounds, std::size_t head_dim, std::size_t half) {
  NamedTensor rotations{"rotations.npy", {{rounds, head_dim, half}, {}}};
  const auto drawn = shared(rounds, head_dim, half);
  rotations.array.data.assign(drawn.qkv().q.data, drawn.qkv().q.data + rounds * head_dim * half);
  return rotations;
}

NamedTensor rotations_of_one_round(std::size_t head_dim, std::size_t half) {
  NamedTensor rotations = some_rotations(1, head_dim, half);
  rotations.array.shape = {head_dim, half};
  return rotations;
}

}  // namespace

TEST_CASE("Reformer's tokens see their chunk and the one before it in the order of buckets") {
  const auto rounds = GENERATE(1U, 2U, 5U);
  const NamedTensor rotations = some_rotations(rounds, 8, 3);
  for (const std::size_t n : {1U, 7U, 16U, 17U, 31U, 100U, 230U}) {
    for (const std::size_t chunk : {1U, 16U, 90U}) {
      INFO(n << " tokens in chunks of " << chunk << ", " << rounds << " rounds");
      const auto workload = shared(2, n, 8);
      const auto attention = with("reformer", {{"chunk", text(chunk)}});
      attention->options().set_tensor("reformer", "rotations", rotations);
      const auto out = executed(*attention, workload.qkv());
      for (const std::size_t head : {0U, 1U}) {
        const Qkv<float>& all = workload.qkv();
        const Qkv<float> x{{all.q.row(head, 0), 1, n, 8},
                           {all.k.row(head, 0), 1, n, 8},
                           {all.v.row(head, 0), 1, n, 8},
                           true};
        Tensor<float> of_head(1, n, 8);
        std::copy_n(out.view().row(head, 0), n * 8, of_head.data());
        const Score score = [&](std::size_t, std::size_t i, std::size_t j) {
          double norm = 0.0;
          for (std::size_t c = 0; c < 8; ++c)
            norm += std::pow(static_cast<double>(x.q(0, j, c)), 2);
          return i == j ? -1e5 : products(x)(0, i, j) / std::sqrt(norm);
        };
        std::vector<Reformed> reformed;
        for (std::size_t r = 0; r < rounds; ++r) {
          reformed.emplace_back(all.q, head, rotations.array, r, chunk);
        }
        const auto times = [&](std::size_t i, std::size_t j) {
          int total = 0;
          for (const Reformed& round : reformed) total += round.times(i, j);
          return total;
        };
        CHECK(error_of(of_head, x, score, times) < 2e-5);
      }
    }
  }
}

TEST_CASE("Reformer of a single token returns its value, in every number format") {
  const auto workload = shared(1, 1, 4);
  for (const Format precision : {Format::fp32, Format::fp16, Format::bf16}) {
    const auto out = executed(*with("reformer", {}), workload.qkv(), {precision, Accumulate::same});
    for (std::size_t c = 0; c < 4; ++c) {
      CHECK(out(0, 0, c) == Approx(workload.qkv().v(0, 0, c)).epsilon(0.01));
    }
  }
}

TEST_CASE("Reformer takes its rounds and buckets from rotations that are given") {
  const auto workload = Workload::without_data({1, 20, {}, 8, {}});
  for (const std::size_t rounds : {1U, 3U}) {
    const auto attention = with("reformer", {});
    attention->options().set_tensor(
        "reformer", "rotations",
        rounds == 1 ? rotations_of_one_round(8, 3) : some_rotations(rounds, 8, 3));
    attention->prepare(workload.qkv(), {});
    Ledger ledger(attention->phases());
    attention->run(Mode::estimate, workload.qkv(), ledger);
    CHECK(ledger["hash"].declared()(Op::mac, Format::fp32) == 20 * 8 * 3 * rounds);
    CHECK(attention->notes() ==
          std::vector<std::string>{rounds == 1
                                       ? "rotations: rotations.npy, 1 round of 6 buckets"
                                       : "rotations: rotations.npy, 3 rounds of 6 buckets"});
  }
}

TEST_CASE(
    "Reformer takes 2 rounds and 2 tokens / chunk buckets, as its authors do, up to 2 chunk") {
  struct Sizes {
    std::size_t tokens;
    const char* chunk;
    const char* note;
  };
  for (const auto& [tokens, chunk, note] :
       {Sizes{65536, "256", "rotations: drawn, seed 1, 2 rounds of 512 buckets"},
        Sizes{12288, "128", "rotations: drawn, seed 1, 2 rounds of 192 buckets"},
        Sizes{65536, "64", "rotations: drawn, seed 1, 2 rounds of 128 buckets"},
        Sizes{20, "64", "rotations: drawn, seed 1, 2 rounds of 2 buckets"}}) {
    const auto attention = with("reformer", {{"chunk", chunk}});
    attention->prepare(Workload::without_data({1, tokens, {}, 8, {}}).qkv(), {});
    CHECK(attention->notes() == std::vector<std::string>{note});
  }
}

TEST_CASE("Reformer refuses keys of their own, odd buckets and rotations that do not fit") {
  const auto one = Workload::without_data({1, 20, {}, 8, {}});
  CHECK_THROWS_WITH(
      with("reformer", {})->prepare(Workload::without_data({1, 20, 19, 8, {}}).qkv(), {}),
      "reformer: keys: expected as many as queries: 1 heads of 20, found 1 heads of 19");
  CHECK_THROWS_WITH(with("reformer", {{"buckets", "7"}})->prepare(one.qkv(), {}),
                    "reformer: buckets: expected an even number, found 7");
  const auto attention = with("reformer", {});
  attention->options().set_tensor("reformer", "rotations", rotations_of_one_round(9, 3));
  CHECK_THROWS_WITH(
      attention->prepare(one.qkv(), {}),
      "rotations.npy: rotations: expected shape [head dim, buckets / 2] [8, any] or [rounds, head "
      "dim, buckets / 2] [any, 8, any], at most 1024 rounds and 65536 buckets, found [9, 3]");
  const auto other_rounds = with("reformer", {{"rounds", "2"}});
  other_rounds->options().set_tensor("reformer", "rotations", some_rotations(3, 8, 3));
  CHECK_THROWS_WITH(other_rounds->prepare(one.qkv(), {}),
                    "reformer: rounds=2: expected the 3 of rotations.npy, or none, found 2");
  const auto other_buckets = with("reformer", {{"buckets", "4"}});
  other_buckets->options().set_tensor("reformer", "rotations", some_rotations(3, 8, 3));
  CHECK_THROWS_WITH(other_buckets->prepare(one.qkv(), {}),
                    "reformer: buckets=4: expected the 6 of rotations.npy, or none, found 4");
}
