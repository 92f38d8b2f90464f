#include "models/workload.hpp"

#include <catch2/catch.hpp>

#include "tests/temporary_folder.hpp"

using namespace wattention;

namespace {

struct ThreeFiles {
  TemporaryFolder folder;

  std::string tensor(const std::string& name, std::size_t heads, std::size_t rows, std::size_t cols,
                     float value = 1.0F) const {
    Tensor<float> x(heads, rows, cols);
    std::fill_n(x.data(), x.size(), value);
    return folder.write(name, npy_bytes(std::as_const(x).view()));
  }
};

}  // namespace

TEST_CASE("One file for queries and keys is shared, and so are two with the same numbers") {
  const ThreeFiles files;
  const std::string q = files.tensor("q.npy", 2, 5, 4);
  const std::string same = files.tensor("k.npy", 2, 5, 4);
  const std::string other = files.tensor("o.npy", 2, 5, 4, 2.0F);
  const std::string v = files.tensor("v.npy", 2, 5, 3);
  CHECK(Workload::from_files({q, q, v}).qkv().shared);
  CHECK(Workload::from_files({q, same, v}).qkv().shared);
  CHECK_FALSE(Workload::from_files({q, other, v}).qkv().shared);
  CHECK(Workload::from_files({q, q, v}).qkv().value_dim() == 3);
}

TEST_CASE("Tensors that do not fit together are refused by file") {
  const ThreeFiles files;
  const std::string q = files.tensor("q.npy", 4, 5, 4);
  const std::string three_heads = files.tensor("k3.npy", 3, 5, 4);
  const std::string wide = files.tensor("k.npy", 2, 5, 8);
  const std::string k = files.tensor("k2.npy", 2, 5, 4);
  const std::string short_v = files.tensor("v.npy", 2, 4, 4);
  CHECK_THROWS_WITH(Workload::from_files({q, three_heads, k}),
                    three_heads + ": heads: expected a divisor of the queries' 4, found 3");
  CHECK_THROWS_WITH(Workload::from_files({q, wide, k}),
                    wide + ": dim: expected the queries' 4, found 8");
  CHECK_THROWS_WITH(Workload::from_files({q, k, short_v}),
                    short_v + ": shape: expected the keys' [2, 5, value dim], found [2, 4, 4]");
  CHECK(Workload::from_files({q, k, k}).qkv().heads() == 4);
}

TEST_CASE("Synthetic queries are the keys unless keys are asked for") {
  const auto one = Workload::synthetic({2, 6, {}, 4, 3}, 1);
  CHECK(one.qkv().shared);
  CHECK(one.qkv().q.data == one.qkv().k.data);
  CHECK(one.qkv().v.cols == 3);
  const auto apart = Workload::synthetic({2, 6, 6, 4, {}}, 1);
  CHECK_FALSE(apart.qkv().shared);
  CHECK(apart.qkv().q(0, 0, 0) != apart.qkv().k(0, 0, 0));
  CHECK(apart.qkv().v.cols == 4);
  CHECK(Workload::synthetic({2, 6, {}, 4, {}}, 2).qkv().q(0, 0, 0) != one.qkv().q(0, 0, 0));
}

TEST_CASE("A workload without data has the sizes of one with data") {
  const auto sizes = Workload::Sizes{2, 6, 9, 4, 5};
  const auto with = Workload::synthetic(sizes, 1);
  const auto without = Workload::without_data(sizes);
  CHECK(without.qkv().q.data == nullptr);
  CHECK(without.qkv().keys() == with.qkv().keys());
  CHECK(without.qkv().value_dim() == with.qkv().value_dim());
  CHECK(without.qkv().shared == with.qkv().shared);
}

TEST_CASE(
    "Numbers that are infinite or NaN are refused with their place, unless they are allowed") {
  const ThreeFiles files;
  const std::string q = files.tensor("q.npy", 2, 5, 4);
  const std::string v = files.tensor("v.npy", 2, 5, 3);
  Tensor<float> damaged(2, 5, 4);
  std::fill_n(damaged.data(), damaged.size(), 1.0F);
  damaged(1, 2, 3) = std::nanf("");
  damaged(1, 4, 0) = INFINITY;
  const std::string k = files.folder.write("k.npy", npy_bytes(std::as_const(damaged).view()));
  CHECK_THROWS_WITH(Workload::from_files({q, k, v}),
                    k + ": data: expected finite numbers (allow_nonfinite takes others), found "
                        "nan at [1, 2, 3], 2 in all");
  CHECK(Workload::from_files({q, k, v}, true).nonfinite() == 2);
  CHECK(Workload::from_files({q, q, v}).nonfinite() == 0);
}
