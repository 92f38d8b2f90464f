#include "sim/memory/fused_tiling.hpp"

#include <algorithm>

#include "sim/memory/tiling.hpp"

namespace wattention {
namespace {

/// How many items of so many bytes fit beside others; 0 where none does.
std::uint64_t fitting(std::uint64_t room_bytes, std::uint64_t beside, std::uint64_t item) {
  if (room_bytes < beside) return 0;
  return item == 0 ? UINT64_MAX : (room_bytes - beside) / item;
}

}  // namespace

double bytes_moved(const FusedAttention& x, const FusedTiling& tiling) {
  const auto number = [](std::uint64_t n) { return static_cast<double>(n); };
  return number(x.queries) * number(x.query_bytes) * number(tiling.query_passes) +
         number(x.keys) * number(x.key_bytes + x.value_bytes) * number(tiling.key_passes) +
         2.0 * number(x.queries) * number(x.state_bytes) * number(tiling.state_passes) +
         2.0 * number(x.queries) * number(x.keys) * number(x.pair_bytes) *
             number(tiling.pair_passes);
}

FusedTiling best_fused_tiling(const FusedAttention& x, std::uint64_t capacity_bytes) {
  const std::uint64_t room = usable_bytes_of(capacity_bytes);
  // Nothing is held: every pair reads its query, key and value, and passes its score and the
  // running output on through the memory outside.
  FusedTiling best{FusedTiling::Stays::nothing, 1, 1, x.keys, x.queries, x.keys, 1};
  double fewest = bytes_moved(x, best);
  const auto consider = [&](const FusedTiling& tiling) {
    const double bytes = bytes_moved(x, tiling);
    if (bytes >= fewest) return;
    fewest = bytes;
    best = tiling;
  };
  const std::uint64_t a_key = sum(x.key_bytes, x.value_bytes);
  const std::uint64_t a_query = sum(x.query_bytes, x.state_bytes);
  if (const std::uint64_t most = fitting(room, a_key, sum(a_query, x.pair_bytes)); most != 0) {
    const std::uint64_t passes = parts(x.queries, std::min(most, x.queries));
    consider({FusedTiling::Stays::queries, parts(x.queries, passes), 1, 1, passes, 0, 0});
  }
  if (const std::uint64_t most = fitting(room, a_query, sum(a_key, x.pair_bytes)); most != 0) {
    const std::uint64_t passes = parts(x.keys, std::min(most, x.keys));
    consider({FusedTiling::Stays::keys, 1, parts(x.keys, passes), passes, 1, passes - 1, 0});
  }
  constexpr std::uint64_t beside_a_query = 16;
  constexpr std::uint64_t beside_a_key = 8;
  for (std::uint64_t queries = x.queries; queries > 0;) {
    const std::uint64_t query_parts = parts(x.queries, queries);
    const std::uint64_t even = parts(x.queries, query_parts);  // the fewest with as many parts
    const std::uint64_t most = fitting(room, product(even, beside_a_query),
                                       sum(product(even, x.pair_bytes), beside_a_key));
    if (most != 0) {
      const std::uint64_t key_parts = parts(x.keys, std::min(most, x.keys));
      consider({FusedTiling::Stays::scores, even, parts(x.keys, key_parts), key_parts, query_parts,
                key_parts - 1, 0});
    }
    if (even == 1) break;
    queries = even - 1;
  }
  return best;
}

}  // namespace wattention
