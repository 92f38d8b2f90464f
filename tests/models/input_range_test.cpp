#include "models/input_range.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "models/attention.hpp"
#include "models/workload.hpp"

using namespace wattention;
using Catch::Matchers::Contains;

namespace {

/// Prepares the attention with queries and keys of one number each.
void prepare(const std::string& name, float query, float key) {
  Tensor<float> q(1, 4, 8);
  Tensor<float> k(1, 4, 8);
  Tensor<float> v(1, 4, 8);
  std::fill_n(q.data(), q.size(), query);
  std::fill_n(k.data(), k.size(), key);
  std::fill_n(v.data(), v.size(), 1.0F);
  const auto attention = Registry<Attention>::global().make(name, "attention");
  attention->prepare({q, k, v, false}, {});
}

}  // namespace

TEST_CASE("Numbers whose squared norm is beyond fp32 are refused where norms are computed") {
  CHECK_NOTHROW(prepare("ecoformer", 1e18F, 1e18F));
  CHECK_THROWS_WITH(prepare("ecoformer", 1.0F, 1e19F),
                    "ecoformer: keys: expected rows whose squared norm fp32 holds, at most 3.4e+38 "
                    "(scale the input down), found 8e+38 in head 0, token 0");
  CHECK_THROWS_WITH(prepare("ecoformer", 1e19F, 1.0F), Contains("queries"));
  CHECK_NOTHROW(prepare("reformer", 1e18F, 1.0F));
  CHECK_THROWS_WITH(prepare("reformer", 1e20F, 1.0F), Contains("squared norm"));
}

TEST_CASE("int8 refuses magnitudes whose product is beyond fp32, and no others") {
  CHECK_NOTHROW(prepare("int8", 1e19F, 1e19F));
  CHECK_NOTHROW(prepare("int8", 1e30F, 1.0F));
  CHECK_THROWS_WITH(prepare("int8", 1e20F, 1e19F), Contains("found 1e+39"));
}

TEST_CASE("Input that is not finite is not refused for its range, which somebody allowed") {
  const float infinite = std::numeric_limits<float>::infinity();
  CHECK_NOTHROW(prepare("int8", infinite, 1.0F));
  CHECK_NOTHROW(prepare("reformer", infinite, 1.0F));
}
