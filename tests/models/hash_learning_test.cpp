// Hash learning against an independent program in float64, against the matrix that it never forms,
// and its books.

#include "models/hash_learning.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "sim/files/json_cursor.hpp"
#include "sim/files/safetensors.hpp"
#include "sim/kernels/pair_labels.hpp"
#include "sim/names.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

constexpr Format fp32 = Format::fp32;

/// The golden case: inputs, outputs and the error allowed.
struct Golden {
  NpyTensor x = load("x");
  HashFunctions start;
  LearningOptions options;
  double max_abs_error = 0.0;

  Golden() {
    start.anchors = transposed(load("anchors").view());
    start.coefficients = transposed(load("start").view());
    const Json document = load_json(path("case.json"));
    const JsonCursor root(document);
    const JsonCursor given = root.required("options");
    options.top = given.required("top").unsigned_integer();
    options.iterations = given.required("iterations").unsigned_integer();
    options.rate = static_cast<float>(given.required("rate").number());
    options.momentum = static_cast<float>(given.required("momentum").number());
    max_abs_error = root.required("max_abs_error").number();
  }

  static std::string path(const std::string& file) {
    return test_data("golden_learning/ecoformer_learn/" + file);
  }
  static NpyTensor load(const std::string& name) { return load_npy(path(name + ".npy")); }
  static std::vector<float> numbers(const std::string& name) {
    return load_npy_array(path(name + ".npy")).data;
  }
};

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

Tensor<float> normal_tokens(std::size_t heads, std::size_t rows, std::size_t cols,
                            std::uint64_t seed) {
  return converted<float>(Workload::synthetic({heads, rows, {}, cols, {}}, seed).qkv().q);
}

/// The labels by their definition: a stable order of each row, +1 put first, then -1.
std::vector<int> labels_by_sorting(const View<const float>& x, std::size_t top) {
  const std::size_t n = x.rows;
  std::vector<int> labels(x.heads * n * n, 0);
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<float> s(n, 0.0F);
      for (std::size_t j = 0; j < n; ++j) {
        for (std::size_t c = 0; c < x.cols; ++c) s[j] += x(h, i, c) * x(h, j, c);
      }
      std::vector<std::size_t> order(n);
      std::iota(order.begin(), order.end(), std::size_t{0});
      std::stable_sort(order.begin(), order.end(),
                       [&](std::size_t a, std::size_t b) { return s[a] > s[b]; });
      int* const row = labels.data() + (h * n + i) * n;
      const std::size_t most = std::min(top, n);
      for (std::size_t k = 0; k < most; ++k) row[order[k]] = 1;
      for (std::size_t k = n - most; k < n; ++k) row[order[k]] = -1;
    }
  }
  return labels;
}

std::vector<int> dense(const PairLabels& labels) {
  const auto& partners = labels.partners;
  const std::size_t n = partners.rows();
  std::vector<int> result(partners.heads() * n * n, 0);
  for (std::size_t h = 0; h < partners.heads(); ++h) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t c = 0; c < partners.cols(); ++c) {
        const auto j = static_cast<std::size_t>(partners(h, i, c));
        REQUIRE(result[(h * n + i) * n + j] == 0);
        result[(h * n + i) * n + j] = c < labels.positive ? 1 : -1;
      }
    }
  }
  return result;
}

std::vector<View<const float>> views(const std::vector<Tensor<float>>& tensors) {
  std::vector<View<const float>> result;
  for (const auto& tensor : tensors) result.push_back(tensor.view());
  return result;
}

LearningOptions small_options() {
  LearningOptions options;
  options.bits = 5;
  options.anchors = 6;
  options.top = 3;
  options.iterations = 4;
  options.rate = 0.05F;
  return options;
}

}  // namespace

TEST_CASE("Learned coefficients, mean and losses agree with float64 within the golden error") {
  const Golden golden;
  const View<const float> x = golden.x.view();
  const auto learned = learn_hash_from<float>({&x, 1}, golden.start, golden.options);
  const auto tensors = hash_tensors(learned.functions);
  CHECK(largest_difference(tensors.at("coefficients").data, Golden::numbers("output")) <=
        golden.max_abs_error);
  CHECK(largest_difference(tensors.at("mean").data, Golden::numbers("mean")) <=
        golden.max_abs_error);
  std::vector<float> kept;
  for (const BitLoss& loss : learned.losses) kept.push_back(loss.kept);
  CHECK(largest_difference(kept, Golden::numbers("kept_loss")) <= golden.max_abs_error);
  CHECK(tensors.at("anchors").data == Golden::numbers("anchors"));
}

TEST_CASE("Learning moves coefficients of the golden case where that lowers the loss, no others") {
  const Golden golden;
  const View<const float> x = golden.x.view();
  const auto learned = learn_hash_from<float>({&x, 1}, golden.start, golden.options);
  const auto start = Golden::load("start");
  std::size_t moved = 0;
  for (std::size_t r = 0; r < learned.losses.size(); ++r) {
    const BitLoss& loss = learned.losses[r];
    CHECK(loss.improved == (loss.optimised < loss.start));
    CHECK(loss.kept == std::min(loss.start, loss.optimised));
    bool same = true;
    for (std::size_t h = 0; h < 2; ++h) {
      for (std::size_t j = 0; j < 25; ++j) {
        same = same && learned.functions.coefficients(h, j, r) == start.view()(h, r, j);
      }
    }
    CHECK(same == !loss.improved);
    moved += same ? 0 : 1;
  }
  CHECK(moved == 3);
}

TEST_CASE("Learning executes what it declares, and counting changes no number") {
  std::vector<Tensor<float>> one;
  one.push_back(normal_tokens(3, 37, 5, 7));
  std::vector<Tensor<float>> several;
  several.push_back(normal_tokens(2, 70, 5, 7));
  several.push_back(normal_tokens(2, 9, 5, 8));
  several.push_back(normal_tokens(2, 1, 5, 9));
  for (const auto& sequences : {views(one), views(several)}) {
    for (const std::size_t top : {1U, 3U, 30U, 100U}) {
      LearningOptions options = small_options();
      options.top = top;
      const auto start = draw_hash_start(sequences, options.anchors, options.bits, 1);
      const auto executed = learn_hash_from<float>(sequences, start, options);
      const auto audited = learn_hash_from<Counted<float>>(sequences, start, options);
      CHECK(audited.ledger.imbalances() == std::vector<std::string>{});
      CHECK(audited.ledger.declared() == executed.ledger.declared());
      for (std::size_t p = 0; p < audited.ledger.phases().size(); ++p) {
        const Phase& phase = audited.ledger.phases()[p];
        CHECK(phase.declared() != OpCounts{});
        CHECK(executed.ledger.phases()[p].declared() == phase.declared());
        CHECK(executed.ledger.phases()[p].traffic() == phase.traffic());
      }
      CHECK(hash_tensors(audited.functions).at("coefficients").data ==
            hash_tensors(executed.functions).at("coefficients").data);
      CHECK(hash_tensors(audited.functions).at("mean").data ==
            hash_tensors(executed.functions).at("mean").data);
    }
  }
}

TEST_CASE("An iteration costs what its equations say") {
  const std::uint64_t h = 2, n = 40, m = 6, b = 5, top = 3, t = 4;
  std::vector<Tensor<float>> tensors;
  tensors.push_back(normal_tokens(h, n, 5, 7));
  auto learned = learn_hash(views(tensors), small_options());
  const OpCounts& optimise = learned.ledger["optimise"].declared();
  CHECK(optimise(Op::mac, fp32) == b * h * (t * 2 * n * m + (3 * t - 1) * m));
  CHECK(optimise(Op::exp, fp32) == b * t * h * n);
  CHECK(optimise(Op::div, fp32) == b * t * h * n);
  const std::uint64_t rank_one = 2 * n * (b * (b - 1) / 2);  // over the bits
  CHECK(optimise(Op::logic, Format::bit) == t * h * (b * n * 4 * top + rank_one));
  CHECK(optimise(Op::add, fp32) == t * h * (b * n * (4 * top + 3) + rank_one));
  CHECK(learned.ledger["labels"].declared()(Op::mac, fp32) == h * n * n * 5);
  const OpCounts& judge = learned.ledger["judge"].declared();
  CHECK(judge(Op::popcount, Format::bit) == 2 * h * n * (b * (b - 1) / 2));
  CHECK(judge(Op::compare, fp32) == b * (2 * h * n + 1));
}

TEST_CASE("Labels are those of a stable sort of each row, overlaps, ties and all") {
  Tensor<float> x = normal_tokens(2, 33, 4, 3);
  for (std::size_t c = 0; c < 4; ++c) {  // ties: equal rows and rows of zeros
    x(0, 7, c) = x(0, 3, c);
    x(0, 21, c) = x(0, 3, c);
    x(1, 5, c) = x(1, 30, c) = 0.0F;
  }
  for (const std::size_t top : {1U, 2U, 10U, 16U, 17U, 32U, 33U, 90U}) {
    Phase phase("labels");
    CHECK(dense(pair_labels<float>(phase, x, top)) == labels_by_sorting(x, top));
  }
  Tensor<float> ones(1, 70, 4);
  std::fill_n(ones.data(), ones.size(), 1.0F);
  Phase phase("labels");
  CHECK(dense(pair_labels<float>(phase, ones, 4)) == labels_by_sorting(ones, 4));
}

TEST_CASE("The loss of each bit is that of the matrix that learning never forms") {
  const std::size_t n = 50, d = 5, bits = 6;
  const Tensor<float> x = normal_tokens(1, n, d, 11);
  LearningOptions options = small_options();
  options.bits = bits;
  const View<const float> view = x.view();
  const auto learned = learn_hash({&view, 1}, options);

  Ledger ledger{"normalise", "kernel", "hash"};
  const auto codes = hash_codes<float>(x.view(), learned.functions, ledger);
  Tensor<float> unit(1, n, d);
  normalise_rows<float>(ledger["normalise"], x, unit);
  std::vector<double> s;
  for (const int label : labels_by_sorting(unit, options.top)) s.push_back(label * double{bits});
  for (std::size_t r = 0; r < bits; ++r) {
    const auto y = [&](std::size_t i) { return codes.view().positive(0, i, r) ? 1.0 : -1.0; };
    double product = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        product += y(i) * s[i * n + j] * y(j);
        s[i * n + j] -= y(i) * y(j);
      }
    }
    CHECK(learned.losses[r].kept == Approx(-product / double{n * bits}).margin(1e-5));
  }
}

TEST_CASE("A sequence twice learns what it learns once, and two sequences average their losses") {
  const Tensor<float> a = normal_tokens(2, 40, 5, 1);
  const Tensor<float> b = normal_tokens(2, 60, 5, 2);
  LearningOptions options = small_options();
  options.iterations = 0;
  const auto start = draw_hash_start(std::vector{a.view()}, 6, 5, 1);
  const auto losses = [&](const std::vector<View<const float>>& sequences) {
    return learn_hash_from<float>(sequences, start, options);
  };
  const auto of_a = losses({a.view()});
  const auto of_b = losses({b.view()});
  const auto of_both = losses({a.view(), b.view()});
  for (std::size_t r = 0; r < 5; ++r) {
    CHECK(of_both.losses[r].start ==
          Approx(0.5 * (of_a.losses[r].start + of_b.losses[r].start)).epsilon(1e-5));
    CHECK_FALSE(of_both.losses[r].improved);
  }
  CHECK(of_both.functions.mean(1, 0, 2) ==
        Approx(0.5F * (of_a.functions.mean(1, 0, 2) + of_b.functions.mean(1, 0, 2))));

  options.iterations = 8;
  const auto once = losses({a.view()});
  const auto twice = losses({a.view(), a.view()});
  CHECK(std::any_of(once.losses.begin(), once.losses.end(),
                    [](const BitLoss& loss) { return loss.improved; }));
  CHECK(largest_difference(hash_tensors(once.functions).at("coefficients").data,
                           hash_tensors(twice.functions).at("coefficients").data) < 1e-5);
}

TEST_CASE("Learned functions come back from their file as they were") {
  const Tensor<float> x = normal_tokens(2, 40, 5, 1);
  const View<const float> view = x.view();
  const auto learned = learn_hash({&view, 1}, small_options());
  const auto tensors = hash_tensors(learned.functions);
  const TemporaryFolder folder;
  const auto loaded =
      load_hash_functions(folder.write("h.safetensors", safetensors_bytes(tensors)), 2, 5);
  CHECK_FALSE(loaded.brings_sigma());
  for (const char* name : {"anchors", "coefficients", "mean"}) {
    CHECK(hash_tensors(loaded).at(name).data == tensors.at(name).data);
    CHECK(hash_tensors(loaded).at(name).shape == tensors.at(name).shape);
  }
}

TEST_CASE("Equal tokens, zeros and a single token are learned from without a number that is none") {
  for (const std::size_t n : {1U, 2U, 65U}) {
    for (const float value : {0.0F, 2.0F}) {
      Tensor<float> x(2, n, 4);
      std::fill_n(x.data(), x.size(), value);
      const View<const float> view = x.view();
      const auto learned = learn_hash({&view, 1}, small_options());
      const std::vector<float> c = hash_tensors(learned.functions).at("coefficients").data;
      CHECK(std::all_of(c.begin(), c.end(), [](float number) { return std::isfinite(number); }));
      for (const BitLoss& loss : learned.losses) CHECK(std::isfinite(loss.kept));
    }
  }
}

TEST_CASE("Numbers that are not finite are refused with their place") {
  Tensor<float> x = normal_tokens(2, 4, 3, 1);
  x(1, 2, 0) = std::numeric_limits<float>::quiet_NaN();
  const View<const float> view = x.view();
  CHECK_THROWS_WITH(learn_hash({&view, 1}, small_options()),
                    "hash learning: number [1, 2, 0]: expected a finite number, found nan");
}

TEST_CASE("EcoFormer learns its hash on the spot, and says what that took") {
  const std::string folder = test_data("real_qkv/use_lite_layer0_n128/");
  const auto workload =
      Workload::from_files({folder + "q.npy", folder + "k.npy", folder + "v.npy"});
  const auto attention = attention_named("ecoformer");
  attention->options().set("ecoformer", "hash", "learned");
  attention->prepare(workload.qkv(), {});
  Ledger ledger(attention->phases());
  const auto on_the_spot = attention->run(Mode::execute, workload.qkv(), ledger);
  REQUIRE(attention->notes().size() >= 1);
  CHECK(attention->notes()[0].find("hash functions: learned on the input's keys, seed 1") == 0);
  CHECK(attention->notes()[0].find("multiplications") != std::string::npos);

  const View<const float> keys = workload.qkv().k;
  const auto learned = learn_hash({&keys, 1}, {});
  const TemporaryFolder files;
  const std::string file =
      files.write("h.safetensors", safetensors_bytes(hash_tensors(learned.functions)));
  const auto from_file = attention_named("ecoformer");
  from_file->prepare(workload.qkv(), {file, 1});
  Ledger file_ledger(from_file->phases());
  const auto same = from_file->run(Mode::execute, workload.qkv(), file_ledger);
  CHECK(std::equal(same.data(), same.data() + same.size(), on_the_spot.data()));
  CHECK(file_ledger.declared() == ledger.declared());

  CHECK_THROWS_WITH(
      attention->prepare(workload.qkv(), {file, 1}),
      "ecoformer: hash=learned: expected no file of hash functions, found " + in_quotes(file));
}
