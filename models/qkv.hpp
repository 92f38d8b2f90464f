#pragma once

// What an attention works on: queries [heads, queries, head_dim], keys [key_heads, keys, head_dim]
// and values [key_heads, keys, value_dim]. key_heads divides heads: consecutive query heads share a
// key and value head (grouped-query attention). `shared` says that queries and keys are one tensor,
// from one projection, as EcoFormer and Reformer have it.

#include "sim/tensor/tensor.hpp"

namespace wattention {

template <class Real>
struct Qkv {
  View<const Real> q;
  View<const Real> k;
  View<const Real> v;
  bool shared = false;

  std::size_t heads() const { return q.heads; }
  std::size_t queries() const { return q.rows; }
  std::size_t keys() const { return k.rows; }
  std::size_t head_dim() const { return q.cols; }
  std::size_t value_dim() const { return v.cols; }
};

}  // namespace wattention
