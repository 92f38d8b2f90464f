#include "models/hash_functions.hpp"

#include <catch2/catch.hpp>

#include "sim/files/safetensors.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

Array array(std::vector<std::size_t> shape, float value = 0.5F) {
  std::size_t size = 1;
  for (const std::size_t n : shape) size *= n;
  return {std::move(shape), std::vector<float>(size, value)};
}

std::map<std::string, Array> functions(std::size_t heads, std::size_t m, std::size_t b,
                                       std::size_t d) {
  return {{"anchors", array({heads, m, d})},
          {"coefficients", array({heads, b, m})},
          {"mean", array({heads, m})}};
}

}  // namespace

TEST_CASE("Hash functions load with the sizes of their file, with or without sigma") {
  const TemporaryFolder folder;
  auto tensors = functions(2, 5, 7, 4);
  const auto without =
      load_hash_functions(folder.write("h.safetensors", safetensors_bytes(tensors)), 2, 4);
  CHECK(without.bits() == 7);
  CHECK(without.anchors.cols() == 5);
  CHECK_FALSE(without.brings_sigma());
  tensors["sigma"] = array({2}, 1.5F);
  const auto with =
      load_hash_functions(folder.write("s.safetensors", safetensors_bytes(tensors)), 2, 4);
  CHECK(with.brings_sigma());
  CHECK(with.sigma(1, 0, 0) == 1.5F);
}

TEST_CASE("A sigma of the file replaces the pass over kept distances and balances its books") {
  const TemporaryFolder folder;
  auto tensors = functions(2, 5, 7, 4);
  tensors["sigma"] = array({2}, 1.5F);
  const auto given =
      load_hash_functions(folder.write("h.safetensors", safetensors_bytes(tensors)), 2, 4);
  const auto workload = shared(2, 70, 4);
  const auto x = converted<Counted<float>>(workload.qkv().q);
  Ledger ledger{"normalise", "kernel", "hash"};
  hash_codes<Counted<float>>(x.view(), given, ledger);
  CHECK(ledger.imbalances().empty());
  CHECK(ledger["kernel"].declared()(Op::div, Format::fp32) == 0);
  CHECK(ledger["kernel"].traffic().write_bytes == 0);
}

TEST_CASE("Given sigma as it follows from the input, the codes are the same") {
  const std::string golden = test_data("golden/ecoformer_small_token/");
  const NpyTensor x = load_npy(golden + "q.npy");
  HashFunctions functions = load_hash_functions(golden + "hash.safetensors", 2, 32);
  Ledger ledger{"normalise", "kernel", "hash", "sigma"};
  const auto own = hash_codes<float>(x.view(), functions, ledger);
  Tensor<float> unit(2, 48, 32);
  Tensor<float> distances(2, 48, 25);
  functions.sigma = Tensor<float>(2, 1, 1);
  normalise_rows<float>(ledger["sigma"], x.view(), unit);
  squared_distances<float>(ledger["sigma"], unit, functions.anchors, distances);
  mean_of_head<float>(ledger["sigma"], distances, functions.sigma);
  const auto given = hash_codes<float>(x.view(), functions, ledger);
  for (std::size_t i = 0; i < 2 * 48; ++i) CHECK(own.view().data[i] == given.view().data[i]);
}

TEST_CASE("Hash functions that do not fit are refused with file, tensor and shapes") {
  const TemporaryFolder folder;
  const auto load = [&](const std::map<std::string, Array>& tensors) {
    load_hash_functions(folder.write("h.safetensors", safetensors_bytes(tensors)), 2, 4);
  };
  const std::string file = folder.path("h.safetensors");

  auto tensors = functions(2, 5, 7, 4);
  tensors.erase("mean");
  CHECK_THROWS_WITH(load(tensors),
                    file + ": mean: expected a tensor [key heads, anchors], found none");

  tensors = functions(2, 5, 7, 4);
  tensors["sigmas"] = array({2});
  CHECK_THROWS_WITH(load(tensors), file +
                                       ": tensors: expected one of anchors, coefficients, mean, "
                                       "sigma (did you mean sigma?), found \"sigmas\"");

  CHECK_THROWS_WITH(load(functions(3, 5, 7, 4)),
                    file +
                        ": anchors: expected shape [key heads, anchors, head dim] [2, 5, 4], "
                        "found [3, 5, 4]");
  CHECK_THROWS_WITH(load(functions(2, 5, 7, 8)),
                    file +
                        ": anchors: expected shape [key heads, anchors, head dim] [2, 5, 4], "
                        "found [2, 5, 8]");
  tensors = functions(2, 5, 7, 4);
  tensors["coefficients"] = array({2, 7, 6});
  CHECK_THROWS_WITH(load(tensors),
                    file +
                        ": coefficients: expected shape [key heads, bits, anchors] [2, 7, 5], "
                        "found [2, 7, 6]");
  tensors["coefficients"] = array({2, 35});
  CHECK_THROWS_AS(load(tensors), InputError);
  tensors = functions(2, 5, 7, 4);
  tensors["sigma"] = array({3});
  CHECK_THROWS_WITH(load(tensors), file + ": sigma: expected shape [key heads] [2], found [3]");
  tensors = functions(2, 0, 7, 4);
  CHECK_THROWS_AS(load(tensors), InputError);
}

TEST_CASE("Drawn anchors are distinct keys of unit length") {
  const auto workload = shared(2, 30, 8);
  const auto drawn = draw_hash_functions(std::span(&workload.qkv().k, 1), 25, 16, 3);
  const auto anchors = transposed(drawn.anchors.view());
  for (std::size_t a = 0; a < 25; ++a) {
    double squares = 0.0;
    for (std::size_t c = 0; c < 8; ++c)
      squares += std::pow(static_cast<double>(anchors(1, a, c)), 2);
    CHECK(squares == Approx(1.0));
    for (std::size_t other = 0; other < a; ++other) {
      CHECK_FALSE(std::equal(anchors.view().row(1, a), anchors.view().row(1, a) + 8,
                             anchors.view().row(1, other)));
    }
  }
}

TEST_CASE("Fewer keys than anchors are drawn again, and sizes alone need no keys") {
  const auto three = shared(1, 3, 8);
  const auto few = draw_hash_functions(std::span(&three.qkv().k, 1), 7, 4, 1);
  CHECK(few.anchors.cols() == 7);
  CHECK(few.anchors(0, 2, 0) == few.anchors(0, 2, 3));
  CHECK(few.anchors(0, 2, 0) == few.anchors(0, 2, 6));
  const auto large = Workload::without_data({1U << 20U, 1U << 20U, {}, 1U << 10U, {}});
  const auto sizes = draw_hash_functions(std::span(&large.qkv().k, 1), 25, 16, 1);
  CHECK(sizes.anchors.data() == nullptr);
  CHECK(sizes.bits() == 16);
}
