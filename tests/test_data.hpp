#pragma once

// Test data by name, and small workloads.

#include <string>

#include "models/attention.hpp"
#include "models/workload.hpp"

namespace wattention {

inline std::string test_data(const std::string& name) {
  return std::string(WATTENTION_SOURCE_DIR) + "/tests/data/" + name;
}

inline std::unique_ptr<Attention> attention_named(const std::string& name) {
  return Registry<Attention>::global().make(name, "attention");
}

inline OpCounts counts(std::initializer_list<Charge> charges) {
  OpCounts result;
  for (const Charge& charge : charges) result.add(charge.op, charge.format, charge.count);
  return result;
}

/// Distinct queries and keys of normal numbers.
inline Workload separate(std::size_t heads, std::size_t queries, std::size_t keys,
                         std::size_t head_dim, std::size_t value_dim) {
  return Workload::synthetic({heads, queries, keys, head_dim, value_dim}, 7);
}

/// One tensor for queries and keys.
inline Workload shared(std::size_t heads, std::size_t tokens, std::size_t head_dim) {
  return Workload::synthetic({heads, tokens, {}, head_dim, {}}, 7);
}

}  // namespace wattention
