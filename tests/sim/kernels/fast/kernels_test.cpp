// Each fast kernel of float beside the loop that it stands for, which Counted<float> runs.

#include <catch2/catch.hpp>
#include <cstring>

#include "sim/kernels/codes.hpp"
#include "sim/kernels/distances.hpp"
#include "sim/kernels/features.hpp"
#include "sim/kernels/integers.hpp"
#include "sim/kernels/layers.hpp"
#include "sim/kernels/rows.hpp"
#include "sim/kernels/running_softmax.hpp"
#include "sim/random.hpp"
#include "tests/drawn_codes.hpp"
#include "tests/on_every_target.hpp"

using namespace wattention;

namespace {

using C = Counted<float>;

/// The same normal numbers for any scalar, in rows that lie apart by more than they are long.
template <class Real>
class Apart {
 public:
  Apart(std::size_t heads, std::size_t rows, std::size_t cols, std::uint64_t seed,
        std::size_t gap = 3)
      : storage_(heads, rows, cols + gap), view_(storage_.view()) {
    Random random(seed);
    for (std::size_t i = 0; i < storage_.size(); ++i) storage_.data()[i] = Real(random.normal());
    view_.cols = view_.first_width = cols;
  }
  View<Real> view() const { return view_; }
  View<const Real> input() const { return view_; }
  const Tensor<Real>& storage() const { return storage_; }

 private:
  Tensor<Real> storage_;
  View<Real> view_;
};

/// The numbers of the rows and of the gaps between them, which no kernel may write.
template <class Real>
std::vector<float> numbers(const Apart<Real>& x) {
  std::vector<float> all;
  for (std::size_t i = 0; i < x.storage().size(); ++i) all.push_back(plain(x.storage().data()[i]));
  return all;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

struct Sizes {
  std::size_t rows, inner, cols;
};

/// Every number of columns up to 130; rows and inner sizes on both sides of every tile.
std::vector<Sizes> all_sizes() {
  std::vector<Sizes> sizes;
  for (std::size_t n = 1; n <= 130; ++n) {
    sizes.push_back({1 + n * 7 % 23, 1 + n * 5 % 67, n});
    sizes.push_back({n, 1 + n * 3 % 9, 1 + n * 11 % 37});
    sizes.push_back({1 + n % 5, n, 1 + n * 13 % 35});
  }
  return sizes;
}

/// What the kernels without a tolerance give, one after the other; two heads share one of the
/// second operand.
template <class Real>
std::vector<float> exact_results(const Sizes& s) {
  std::vector<float> all;
  const auto keep = [&](const auto& x) {
    for (const float y : numbers(x)) all.push_back(y);
  };
  Phase phase("all");
  const Apart<Real> a(2, s.rows, s.inner, 1);
  const Apart<Real> b(1, s.inner, s.cols, 2);
  const Apart<Real> values(2, s.rows, s.cols, 3, 1);
  const Apart<Real> out(2, s.rows, s.cols, 4, 5);
  const auto run = [&](const auto& kernel) {
    kernel();
    keep(out);
  };
  run([&] { matmul_in_order<Real>(phase, a.input(), b.input(), out.view()); });
  run([&] { negated_manhattan_distances<Real>(phase, a.input(), b.input(), out.view()); });
  run([&] {
    RunningSoftmax<Real> running(2, s.rows, s.cols);
    const Apart<Real> weights(2, s.rows, s.inner, 11);
    const Apart<Real> more_weights(2, s.rows, s.inner, 12);
    running_softmax<Real>(phase, weights.view(), running);
    add_weighted_tile<Real>(phase, weights.input(), b.input(), running);
    running_softmax<Real>(phase, more_weights.view(), running);
    add_weighted_tile<Real>(phase, more_weights.input(), b.input(), running);
    divide_by_total<Real>(phase, running, out.view());
  });
  run([&] { squared_distances<Real>(phase, a.input(), b.input(), out.view()); });
  run([&] { elu_features<Real>(phase, values.input(), out.view()); });
  {
    const Apart<Real> total(2, s.inner, s.cols, 13);
    add_outer_products<Real>(phase, a.input(), values.input(), total.view());
    keep(total);
  }
  run([&] { softmax_rows<Real>(phase, out.view()); });
  run([&] { softmax_rows<Real>(phase, out.view().slice(0, 1)); });
  run([&] { exponentiate_rows<Real>(phase, out.view()); });
  {
    Tensor<Real> highest(2, s.rows, 1);
    Tensor<Real> correction(2, s.rows, 1);
    const Apart<Real> tile(2, s.rows, s.inner, 16);
    const Apart<Real> next_tile(2, s.rows, s.cols, 17);
    running_exponentials<Real>(phase, tile.view(), true, highest, correction);
    running_exponentials<Real>(phase, next_tile.view(), false, highest, correction);
    keep(tile);
    keep(next_tile);
    for (const auto* column : {&highest, &correction}) {
      for (std::size_t i = 0; i < column->size(); ++i) all.push_back(plain(column->data()[i]));
    }
  }
  run([&] { normalise_rows<Real>(phase, values.input(), out.view()); });
  run([&] { add_scaled<Real>(phase, values.input(), 17.0F, out.view()); });
  const Apart<Real> triangle(2, s.rows, s.rows + s.cols, 5);
  softmax_rows<Real>(phase, triangle.view().triangle(s.cols));
  keep(triangle);

  Tensor<Real> factor(1, 1, 1);
  factor(0, 0, 0) = Real(-0.7F);
  const Apart<Real> mean(1, 1, s.cols, 6);
  const Apart<Real> distances(2, s.rows, s.cols, 7);
  squared_distances<Real>(phase, a.input(), b.input(), distances.view());
  run([&] { centred_gaussian<Real>(phase, distances.input(), factor, mean.input(), out.view()); });

  const auto codes = drawn_codes<Real>(2, s.rows, s.inner);
  Tensor<Integer<Real>> sums(2, 1, s.inner);
  Tensor<Integer<Real>> totals(2, s.rows, 1);
  sum_of_codes<Real>(phase, codes.view(), sums);
  signed_sum_of_integers<Real>(phase, codes.view(), sums, 100000, totals);
  for (std::size_t i = 0; i < sums.size(); ++i) all.push_back(float(plain(sums.data()[i])));
  for (std::size_t i = 0; i < totals.size(); ++i) all.push_back(float(plain(totals.data()[i])));
  run([&] { divide_rows<Real>(phase, values.input(), totals.input(), out.view()); });
  Tensor<Integer<Real>> similarities(2, s.rows, s.rows);
  code_similarities<Real>(phase, codes.view(), drawn_codes<Real>(1, s.rows, s.inner).view(),
                          similarities);
  for (std::size_t i = 0; i < similarities.size(); ++i) {
    all.push_back(float(plain(similarities.data()[i])));
  }
  const Apart<Real> context(2, s.inner, s.cols, 8);
  signed_outer_sum<Real>(phase, codes.view(), values.input(), context.view());
  keep(context);
  run([&] { signed_matmul<Real>(phase, codes.view(), b.input(), out.view()); });
  const Apart<Real> divisors(2, s.rows, 1, 10);
  run([&] { divide_rows<Real>(phase, values.input(), divisors.input(), out.view()); });

  run([&] { gelu<Real>(phase, values.input(), out.view()); });
  run([&] { gelu_by_tanh<Real>(phase, values.input(), out.view()); });
  run([&] { hyperbolic_tangent<Real>(phase, values.input(), out.view()); });
  const Apart<Real> weight(1, 1, s.cols, 14);
  const Apart<Real> bias(1, 1, s.cols, 15);
  run([&] {
    layer_norm<Real>(phase, values.input(), weight.input(), bias.input(), 1e-5F, out.view());
  });
  Tensor<Real> half_norms(2, s.rows, 1);
  Tensor<Real> top(2, s.rows, 1);
  row_maxima<Real>(phase, values.input(), top);
  half_squared_norms<Real>(phase, values.input(), half_norms);
  for (std::size_t i = 0; i < top.size(); ++i) all.push_back(plain(top.data()[i]));
  run([&] { positive_features<Real>(phase, values.input(), half_norms, top, 1e-4F, out.view()); });
  {
    Tensor<Int8<Real>> codes_of_a(2, s.rows, s.inner);
    Tensor<Int8<Real>> codes_of_b(1, s.inner, s.cols);
    Tensor<UInt8<Real>> weights(2, s.rows, s.inner);
    Tensor<Fp32<Real>> largest(2, 1, 1);
    largest(0, 0, 0) = Fp32<Real>(1.7F);  // some numbers lie beyond
    largest(1, 0, 0) = Fp32<Real>(4.1F);
    quantise<Real>(phase, a.input(), largest, codes_of_a);
    quantise<Real>(phase, b.input(), View<const Fp32<Real>>(largest.view().slice(0, 1)),
                   codes_of_b);
    quantise_weights<Real>(phase, a.input(), weights);
    Tensor<Integer<Real>> product(2, s.rows, s.cols);
    const auto keep_integers = [&](const auto& x) {
      for (std::size_t i = 0; i < x.size(); ++i) all.push_back(float(plain(x.data()[i])));
    };
    integer_matmul<Real>(phase, codes_of_a.input(), codes_of_b, product);
    keep_integers(product);
    integer_matmul<Real>(phase, weights.input(), codes_of_b, product);
    keep_integers(product);
    run([&] { scaled_integers<Real>(phase, product, largest.input(), out.view()); });
  }

  BitMatrix<PackedBits<Real>> packed(2, s.rows, s.cols);
  pack_signs<Real>(phase, values.input(), packed.view());
  for (std::size_t h = 0; h < 2; ++h) {
    for (std::size_t r = 0; r < s.rows; ++r) {
      for (std::size_t c = 0; c < s.cols; ++c) all.push_back(packed.view().positive(h, r, c));
    }
  }
  return all;
}

/// The largest difference of two products in units of what sums of so many terms may lose.
double excess(const std::vector<float>& fast, const std::vector<float>& in_order,
              const std::vector<float>& magnitudes, std::size_t terms) {
  double worst = 0.0;
  for (std::size_t i = 0; i < fast.size(); ++i) {
    const double bound = std::ldexp(static_cast<double>(terms), -23) * magnitudes[i];
    const double difference = std::abs(double(fast[i]) - double(in_order[i]));
    if (difference > 0.0) worst = std::max(worst, difference / bound);
  }
  return worst;
}

template <class Real>
void make_positive(const Apart<Real>& x) {
  for (std::size_t h = 0; h < x.view().heads; ++h) {
    for (std::size_t r = 0; r < x.view().rows; ++r) {
      for (std::size_t c = 0; c < x.view().cols; ++c) {
        x.view()(h, r, c) = Real(std::abs(plain(x.view()(h, r, c))));
      }
    }
  }
}

/// A product under Real: of magnitudes where so asked, of triangular views where so asked.
template <class Real>
std::vector<float> product_of(const Sizes& s, bool magnitudes, bool of_triangle, bool to_triangle) {
  const std::size_t inner = of_triangle ? s.rows + s.inner : s.inner;
  const std::size_t cols = to_triangle ? s.rows + s.cols : s.cols;
  const Apart<Real> a(2, s.rows, inner, 1);
  const Apart<Real> b(1, inner, cols, 2);
  const Apart<Real> out(2, s.rows, cols, 3);
  if (magnitudes) {
    make_positive(a);
    make_positive(b);
  }
  Phase phase("all");
  const View<const Real> left = of_triangle ? a.view().triangle(s.inner) : a.view();
  scaled_matmul<Real>(phase, left, b.input(), 0.5F,
                      to_triangle ? out.view().triangle(s.cols) : out.view());
  return numbers(out);
}

}  // namespace

TEST_CASE("Vector kernels give the numbers of the loops bit for bit, at every size and target") {
  const std::vector<Sizes> sizes = all_sizes();
  std::vector<std::vector<float>> expected;
  for (const Sizes& s : sizes) expected.push_back(exact_results<C>(s));
  CHECK(hwy::SupportedAndGeneratedTargets().size() > 1);
  on_every_target([&] {
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      INFO(sizes[i].rows << " rows, " << sizes[i].inner << " inner, " << sizes[i].cols
                         << " columns");
      CHECK(same_bits(exact_results<float>(sizes[i]), expected[i]));
    }
  });
}

TEST_CASE("Products differ from the loops by no more than their header says") {
  const bool of_triangle = GENERATE(false, true);
  const bool to_triangle = GENERATE(false, true);
  if (of_triangle && to_triangle) return;
  for (const Sizes& s : all_sizes()) {
    INFO(s.rows << " rows, " << s.inner << " inner, " << s.cols << " columns");
    const auto of = [&](auto real, bool magnitudes) {
      return product_of<decltype(real)>(s, magnitudes, of_triangle, to_triangle);
    };
    CHECK(excess(of(float(), false), of(C(), false), of(C(), true),
                 s.inner + (of_triangle ? s.rows : 0)) <= 1.0);
  }
}

TEST_CASE("erf and tanh are within two units in the last place, and a machine's at the ends") {
  const auto units = [](float found, double exact) {
    const double unit = std::abs(std::nextafter(found, 2.0F * found) - found);
    return std::abs(found - exact) / std::max(unit, 1e-45);
  };
  double worst = 0.0;
  for (double x = -10.0; x < 10.0; x += 0.000031) {
    const auto near = static_cast<float>(x);
    worst = std::max(worst, units(wattention::erf(near), std::erf(static_cast<double>(near))));
    worst = std::max(worst, units(wattention::tanh(near), std::tanh(static_cast<double>(near))));
  }
  CHECK(worst <= 2.0);
  for (const auto f : {+[](float x) { return wattention::erf(x); },
                       +[](float x) { return wattention::tanh(x); }}) {
    CHECK(f(0.0F) == 0.0F);
    CHECK(std::signbit(f(-0.0F)));
    CHECK(f(INFINITY) == 1.0F);
    CHECK(f(-INFINITY) == -1.0F);
    CHECK(std::isnan(f(NAN)));
  }
}

TEST_CASE("The exponential is within two units in the last place, and a machine's at the ends") {
  double worst = 0.0;
  for (double x = -87.3; x < 88.7; x += 0.000137) {
    const double exact = std::exp(static_cast<double>(static_cast<float>(x)));
    const float ours = exponential(static_cast<float>(x));
    worst = std::max(worst, std::abs(ours - exact) /
                                (static_cast<double>(std::nextafter(ours, INFINITY)) - ours));
  }
  CHECK(worst <= 2.0);
  CHECK(exponential(0.0F) == 1.0F);
  CHECK(exponential(-INFINITY) == 0.0F);
  CHECK(exponential(-88.0F) == 0.0F);
  CHECK(exponential(89.0F) == INFINITY);
  CHECK(exponential(INFINITY) == INFINITY);
  CHECK(std::isnan(exponential(NAN)));
}
