#include "models/workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "sim/error.hpp"
#include "sim/files/finite.hpp"
#include "sim/random.hpp"

namespace wattention {
namespace {

bool same_numbers(const View<const float>& a, const View<const float>& b) {
  return a.heads == b.heads && a.rows == b.rows && a.cols == b.cols &&
         (a.data == b.data || std::memcmp(a.data, b.data, a.elements() * sizeof(float)) == 0);
}

std::string sizes_of(const View<const float>& x) { return shape_text({x.heads, x.rows, x.cols}); }

void demand_fit(const Qkv<float>& x, const Workload::Files& files) {
  if (x.q.heads % x.k.heads != 0) {
    throw InputError(files.k, "heads", fmt::format("a divisor of the queries' {}", x.q.heads),
                     fmt::format("{}", x.k.heads));
  }
  if (x.k.cols != x.q.cols) {
    throw InputError(files.k, "dim", fmt::format("the queries' {}", x.q.cols),
                     fmt::format("{}", x.k.cols));
  }
  if (x.v.heads != x.k.heads || x.v.rows != x.k.rows) {
    throw InputError(files.v, "shape",
                     fmt::format("the keys' [{}, {}, value dim]", x.k.heads, x.k.rows),
                     sizes_of(x.v));
  }
}

std::string describe(const Workload::Sizes& sizes) {
  return fmt::format("synthetic, {}",
                     sizes.keys ? "queries and keys drawn apart" : "queries and keys shared");
}

Tensor<float> drawn(std::size_t heads, std::size_t rows, std::size_t cols, Random& random) {
  Tensor<float> tensor(heads, rows, cols);
  std::generate_n(tensor.data(), tensor.size(), [&random] { return random.normal(); });
  return tensor;
}

}  // namespace

Workload Workload::from_files(const Files& files, bool allow_nonfinite) {
  Workload workload;
  for (const std::string& file : {files.q, files.k, files.v}) {
    workload.files_.push_back(load_npy(file));
    const View<const float>& numbers = workload.files_.back().view();
    if (!allow_nonfinite) demand_finite(numbers, file);
    workload.nonfinite_ += nonfinite_in(numbers).count;
  }
  const auto& q = workload.files_[0].view();
  const auto& k = workload.files_[1].view();
  const bool shared = same_numbers(q, k);
  workload.qkv_ = {q, shared ? q : k, workload.files_[2].view(), shared};
  demand_fit(workload.qkv_, files);
  workload.description_ = fmt::format("{}, {}, {}{}", files.q, files.k, files.v,
                                      shared ? " (queries and keys are one tensor)" : "");
  return workload;
}

Workload Workload::synthetic(const Sizes& sizes, std::uint64_t seed) {
  Workload workload;
  Random random(seed);
  const std::size_t keys = sizes.keys.value_or(sizes.tokens);
  workload.drawn_.push_back(drawn(sizes.heads, sizes.tokens, sizes.head_dim, random));
  if (sizes.keys) workload.drawn_.push_back(drawn(sizes.heads, keys, sizes.head_dim, random));
  workload.drawn_.push_back(
      drawn(sizes.heads, keys, sizes.value_dim.value_or(sizes.head_dim), random));
  const auto& tensors = std::as_const(workload.drawn_);
  workload.qkv_ = {tensors.front().view(), tensors[sizes.keys ? 1 : 0].view(),
                   tensors.back().view(), !sizes.keys};
  workload.description_ = fmt::format("{}, seed {}", describe(sizes), seed);
  return workload;
}

Workload Workload::without_data(const Sizes& sizes) {
  Workload workload;
  const std::size_t keys = sizes.keys.value_or(sizes.tokens);
  const auto sized = [](std::size_t heads, std::size_t rows, std::size_t cols) {
    return Tensor<float>::without_data(heads, rows, cols).input();
  };
  const View<const float> queries = sized(sizes.heads, sizes.tokens, sizes.head_dim);
  workload.qkv_ = {queries, sizes.keys ? sized(sizes.heads, keys, sizes.head_dim) : queries,
                   sized(sizes.heads, keys, sizes.value_dim.value_or(sizes.head_dim)), !sizes.keys};
  workload.description_ = describe(sizes);
  return workload;
}

}  // namespace wattention
