#pragma once

// How a matrix product is cut into tiles for a memory of some capacity. One operand's tile stays
// while the other two stream past it, a line at a time:
//
//     out stays    a crosses ceil(cols / tile cols) times, b ceil(rows / tile rows) times
//     a stays      b crosses ceil(rows / tile rows) times, out ceil(inner / tile inner) times
//     b stays      a crosses ceil(cols / tile cols) times, out ceil(inner / tile inner) times
//
// An output that crosses p times is written p times and read p - 1 times. The search is over all
// integer tiles that fit; the fewest bytes win. No tiling moves less than 2 M N K / sqrt(S) - 2 S
// words (Hong and Kung, 1981; the constant: Smith and van de Geijn, 2017).
//
// A local operand is what another kernel has just made, or is about to take, for the same block of
// tokens. So it is held whole for t tokens, along with what else comes with these tokens; the
// operand that has no tokens (keys of all, anchors, a context, sums) passes by once for each block,
// or stays if it fits beside one token. Where not even one token fits, or where it costs less, the
// local operand spills: it crosses as if it were in memory.

#include <cstdint>

#include "sim/ledger/movement.hpp"

namespace wattention {

enum class Stationary : std::uint8_t { out, a, b };

struct Tiling {
  Stationary stationary = Stationary::out;
  std::uint64_t rows = 0;  // of a tile
  std::uint64_t cols = 0;
  std::uint64_t inner = 0;
  std::uint64_t chunk = 0;  // numbers that stream past at a time, along the third side
  std::uint64_t a_passes = 1;
  std::uint64_t b_passes = 1;
  std::uint64_t out_passes = 1;
  bool spills = false;  // local operands cross too
};

/// Ways of the caches that memories are traced as; the last three are left to what streams.
inline constexpr std::uint64_t cache_ways = 16;

/// What of a memory holds tiles, of products and of fused attentions alike.
constexpr std::uint64_t usable_bytes_of(std::uint64_t capacity_bytes) {
  constexpr std::uint64_t ways_of_tiles = cache_ways - 3;
  return capacity_bytes / cache_ways * ways_of_tiles +
         capacity_bytes % cache_ways * ways_of_tiles / cache_ways;
}

/// How many parts of that size cover the whole, the last perhaps smaller.
constexpr std::uint64_t parts(std::uint64_t whole, std::uint64_t part) {
  return (whole + part - 1) / part;
}

Tiling best_tiling(const Movement& product_movement, std::uint64_t capacity_bytes,
                   std::uint64_t line_bytes);

}  // namespace wattention
