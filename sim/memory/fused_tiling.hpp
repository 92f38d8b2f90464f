#pragma once

// How an attention that never writes its scores is cut into blocks for a memory of some capacity
// (Dao et al., FlashAttention, NeurIPS 2022; Dao, FlashAttention-2, 2023). In one head R queries
// meet M keys and values. Three loops are tried, for all block sizes:
//
//     queries stay   a block of B queries and their running outputs is held while keys and values
//                    pass by, one at a time. Keys and values cross ceil(R / B) times, queries and
//                    outputs once. B is the largest that fits:
//                    B (query + state + pair) + key + value <= capacity
//     keys stay      a block of B keys and values is held while queries and their running outputs
//                    pass by. Keys and values cross once, queries P = ceil(M / B) times; running
//                    outputs leave and come back P - 1 times before the finished ones leave.
//                    B (key + value + pair) + query + state <= capacity
//
//     scores stay    a tile of A queries by B keys holds scores alone. Queries and keys pass by a
//                    dimension at a time to make them, then values and running outputs, a dimension
//                    at a time. Queries cross ceil(M / B) times, keys and values ceil(R / A) times,
//                    running outputs leave and come back ceil(M / B) - 1 times.
//                    A B pair + 16 A + 8 B <= capacity: of each query a number of its own, one of
//                    its output, its maximum and its sum, of each key one of it and of its value,
//                    in at most 4 bytes each
//
// The one with the fewest bytes wins. For a memory of S numbers and head dimension d the first is
// about 4 R M d^2 / S numbers, and no schedule moves fewer than the order of R M d^2 / S where
// S >= d^2 (theorem 3 of the first paper). The last is about 5 R M d / sqrt(S), which is less where
// S is small against d^2. Where not even one pair fits, nothing is held: each pair reads its query,
// key and value, and passes its score and running output on through the memory outside.

#include <cstdint>

#include "sim/ledger/movement.hpp"

namespace wattention {

struct FusedTiling {
  enum class Stays : std::uint8_t { queries, keys, scores, nothing };

  Stays stays = Stays::nothing;
  std::uint64_t block_queries = 1;  // of those that stay; where keys stay, that pass by at a time
  std::uint64_t block_keys = 1;
  std::uint64_t query_passes = 1;  // times that queries come in
  std::uint64_t key_passes = 1;    // times that keys and values come in
  /// Times that the running outputs of all queries leave unfinished, and come back.
  std::uint64_t state_passes = 0;
  /// Times that scores leave and come back, where a pair does not fit either.
  std::uint64_t pair_passes = 0;
};

FusedTiling best_fused_tiling(const FusedAttention& x, std::uint64_t capacity_bytes);

/// Bytes that come in and go out of one head under a tiling, but for the finished outputs, which
/// always go out once.
double bytes_moved(const FusedAttention& x, const FusedTiling& tiling);

}  // namespace wattention
