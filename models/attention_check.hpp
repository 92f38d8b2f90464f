#pragma once

// What an attention must hold whoever wrote it, over many small inputs: `wattention check NAME`.
//
// Inputs have one token and many, odd sizes, fewer heads of keys than of queries, keys apart from
// queries and keys that are the queries, and every arithmetic there is; options are tried with each
// of their choices. For each of them
//
//   * the audit's books balance: operations, and what kernels read and write
//   (sim/ledger/accesses.hpp)
//   * execute, audit and estimate declare the same operations and bytes
//   * execute and audit give the same numbers, up to the order of sums
//   * heads that share keys give what they give with a copy of the keys for each

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/attention.hpp"

namespace wattention {

struct AttentionCheck {
  std::size_t runs = 0;               // inputs, arithmetics and options that were tried and taken
  std::vector<std::string> refusals;  // what the attention does not take, with its own words
  std::vector<std::string> failures;  // one line each; empty where all is well
};

using MakeAttention = std::function<std::unique_ptr<Attention>()>;

/// `settings` are set first, and keep their values.
AttentionCheck check_attention(
    const std::string& name, const MakeAttention& make,
    const std::vector<std::pair<std::string, std::string>>& settings = {});

/// A line for every head whose output differs from what it is when each head has a copy of the keys
/// and values that it shares; `output` is that of an attention which was prepared for `x`. Empty
/// for attentions with hash functions, which belong to heads of keys.
std::vector<std::string> wrong_shared_heads(const Attention& attention, const Qkv<float>& x,
                                            const Arithmetic& arithmetic,
                                            const Tensor<float>& output);

}  // namespace wattention
