// EcoFormer's passes over tokens beside the kernels that they stand for, which Counted<float> runs.

#include "sim/kernels/fast/hash_codes.hpp"

#include <catch2/catch.hpp>
#include <cstring>

#include "models/hash_functions.hpp"
#include "sim/kernels/codes.hpp"
#include "sim/random.hpp"
#include "tests/drawn_codes.hpp"
#include "tests/on_every_target.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

using C = Counted<float>;

struct Case {
  std::size_t tokens, dim, anchors, bits;
  DistanceForm form;
  bool brings_sigma;
};

/// Tokens, columns, anchors and bits on both sides of every tile, vector and word.
std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (std::size_t n = 1; n <= 130; ++n) {
    const auto form = n % 2 == 0 ? DistanceForm::direct : DistanceForm::expanded;
    cases.push_back({n, 1 + n * 5 % 41, 1 + n * 3 % 29, 1 + n * 7 % 23, form, n % 3 == 0});
    cases.push_back({1 + n * 7 % 35, 1 + n % 9, n, 1 + n % 5, form, n % 3 == 1});
    cases.push_back({1 + n % 19, n, 1 + n % 7, n, form, n % 3 == 2});
  }
  cases.push_back({1100, 8, 5, 4, DistanceForm::direct, false});
  return cases;
}

/// Numbers in rows that lie apart by more than they are long.
View<const float> apart(Tensor<float>& storage, std::size_t cols) {
  Random random(5);
  std::generate_n(storage.data(), storage.size(), [&] { return random.normal(); });
  View<float> view = storage.view();
  view.cols = view.first_width = cols;
  return view;
}

template <class Real>
std::vector<bool> codes_of(const Case& c) {
  Tensor<float> storage(4, c.tokens, c.dim + 3);
  const View<const float> x = apart(storage, c.dim);
  const Workload keys = shared(2, c.tokens, c.dim);
  HashFunctions hash = draw_hash_functions(std::span(&keys.qkv().k, 1), c.anchors, c.bits, 1);
  if (c.brings_sigma) {
    hash.sigma = Tensor<float>(2, 1, 1);
    hash.sigma(0, 0, 0) = 1.25F;
    hash.sigma(1, 0, 0) = 0.0F;
  }
  Ledger ledger{"normalise", "kernel", "hash"};
  const auto codes = [&] {
    if constexpr (std::is_same_v<Real, float>) return hash_codes<float>(x, hash, ledger, c.form);
    return hash_codes<Real>(converted<Real>(x).input(), hash, ledger, c.form);
  }();
  std::vector<bool> bits;
  for (std::size_t h = 0; h < 4; ++h) {
    for (std::size_t i = 0; i < c.tokens; ++i) {
      for (std::size_t b = 0; b < c.bits; ++b) bits.push_back(codes.view().positive(h, i, b));
    }
  }
  return bits;
}

class Output {
 public:
  Output(std::size_t rows_, std::size_t bits_, std::size_t cols_, bool same_row_)
      : rows(rows_), bits(bits_), cols(cols_), same_row(same_row_) {}

  const std::size_t rows, bits, cols;
  const bool same_row;  // what is added is one row for all

  std::vector<float> by_kernels() const {
    Phase phase("all");
    const auto codes = drawn_codes<C>(4, rows, bits);
    Tensor<C> numerator(4, rows, cols);
    Tensor<Integer<C>> divisors(4, rows, 1);
    Tensor<C> out(4, rows, cols);
    signed_matmul<C>(phase, codes.view(), converted<C>(context_.view()), numerator);
    signed_sum_of_integers<C>(phase, codes.view(), converted<Integer<C>>(sums_.view()), constant,
                              divisors);
    const Tensor<C> x = converted<C>(added_.view());
    if (same_row) {
      add_to_rows<C>(phase, x, numerator);
    } else {
      add_scaled<C>(phase, x, factor, numerator);
    }
    divide_rows<C>(phase, numerator, divisors.input(), out);
    const Tensor<float> plain_out = converted<float>(out.input());
    return {plain_out.data(), plain_out.data() + plain_out.size()};
  }

  std::vector<float> in_one_pass() const {
    const auto codes = drawn_codes<float>(4, rows, bits);
    Tensor<float> wide(4, rows, cols + 2);
    View<float> out = wide.view();
    out.cols = out.first_width = cols;
    View<const float> added = added_.view();
    if (same_row) added.row_stride = 0;
    fast::output_of_codes(codes.view(), context_, sums_, constant, same_row ? 1.0F : factor, added,
                          out);
    const Tensor<float> packed = converted<float>(out);
    return {packed.data(), packed.data() + packed.size()};
  }

  static constexpr float factor = 17.0F;
  static constexpr std::int32_t constant = 100000;

 private:
  Tensor<float> context_ = normal(2, bits, cols, 1);
  Tensor<float> added_ = normal(2, same_row ? 1 : rows, cols, 2);
  Tensor<std::int32_t> sums_ = integers(2, bits);

  static Tensor<float> normal(std::size_t heads, std::size_t rows, std::size_t cols,
                              std::uint64_t seed) {
    Tensor<float> x(heads, rows, cols);
    Random random(seed);
    std::generate_n(x.data(), x.size(), [&] { return random.normal(); });
    return x;
  }
  static Tensor<std::int32_t> integers(std::size_t heads, std::size_t bits) {
    Tensor<std::int32_t> x(heads, 1, bits);
    Random random(3);
    std::generate_n(x.data(), x.size(),
                    [&] { return static_cast<std::int32_t>(random.below(200)) - 100; });
    return x;
  }
};

}  // namespace

TEST_CASE("Codes in one pass are those of the kernels, at every size and target") {
  const std::vector<Case> cases = all_cases();
  std::vector<std::vector<bool>> expected;
  for (const Case& c : cases) expected.push_back(codes_of<C>(c));
  on_every_target([&] {
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const Case& c = cases[i];
      INFO(c.tokens << " tokens, " << c.dim << " wide, " << c.anchors << " anchors, " << c.bits
                    << " bits, " << (c.brings_sigma ? "sigma given" : "sigma of the input"));
      CHECK(codes_of<float>(c) == expected[i]);
    }
  });
}

TEST_CASE("Outputs of codes in one pass are those of the kernels bit for bit, at every target") {
  on_every_target([&] {
    for (std::size_t n = 1; n <= 130; ++n) {
      for (const Output& o : {Output{n, 1 + n * 5 % 41, 1 + n * 3 % 29, n % 2 == 0},
                              Output{1 + n * 7 % 23, n, 1 + n % 9, n % 3 == 0},
                              Output{1 + n % 70, 1 + n % 17, n, n % 5 == 0}}) {
        INFO(o.rows << " rows, " << o.bits << " bits, " << o.cols << " columns");
        const std::vector<float> expected = o.by_kernels();
        const std::vector<float> found = o.in_one_pass();
        CHECK(std::memcmp(found.data(), expected.data(), expected.size() * sizeof(float)) == 0);
      }
    }
  });
}
