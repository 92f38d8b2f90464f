#pragma once

// The queries, keys and values of a run: from .npy files or synthetic.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/qkv.hpp"
#include "sim/files/npy.hpp"

namespace wattention {

class Workload {
 public:
  struct Files {
    std::string q, k, v;
  };
  struct Sizes {
    std::size_t heads = 1;
    std::size_t tokens = 0;                // queries
    std::optional<std::size_t> keys = {};  // absent: the queries are the keys
    std::size_t head_dim = 0;
    std::optional<std::size_t> value_dim = {};  // absent: head_dim
  };

  /// float32 [heads, tokens, dim], mapped. Queries and keys are one tensor where both files are one
  /// or hold the same numbers. Throws InputError where a file or the sizes together are wrong, and
  /// where a number is infinite or NaN unless these are allowed.
  static Workload from_files(const Files& files, bool allow_nonfinite = false);

  /// Normal numbers by seed. Without `keys`, queries and keys are one tensor, which is charged once
  /// whatever the attention.
  static Workload synthetic(const Sizes& sizes, std::uint64_t seed);

  /// Sizes alone, for estimate mode.
  static Workload without_data(const Sizes& sizes);

  const Qkv<float>& qkv() const { return qkv_; }
  const std::string& description() const { return description_; }
  /// Numbers of the input that are infinite or NaN.
  std::uint64_t nonfinite() const { return nonfinite_; }

 private:
  std::vector<NpyTensor> files_;
  std::vector<Tensor<float>> drawn_;
  Qkv<float> qkv_;
  std::string description_;
  std::uint64_t nonfinite_ = 0;
};

}  // namespace wattention
