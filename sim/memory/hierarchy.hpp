#pragma once

// A memory hierarchy: levels from the innermost, at the array of processing elements, outward. It
// turns what kernels move into bytes read and written at every level, under a policy:
//
//     ideal   inputs cross every level once inward, outputs once outward; what is made and used in
//             between stays innermost: a bound for this attention as its kernels declare it, which
//             says nothing of other ways to compute the same function
//     tiled   a tensor is where it was left, as far as what was touched since leaves room (least
//             recently used bytes leave first, tensors larger than a level stream through it);
//             matrix products are cut into the tiles that move the fewest bytes
//             (sim/memory/tiling.hpp)
//     trace   the loop nests that tiled chose, address by address, through a set-associative cache
//             a level, 16 ways, lines as wide as an access, least recently used line out first,
//             written lines kept: slow. It shows what a cache makes of those nests, and is no check
//             of how they were chosen
//
// Every level is modelled with the nests chosen for its own capacity. Between level i and i + 1, a
// fill reads i + 1 and writes i; a write-back reads i and writes i + 1. A tensor that is not used
// any more is dropped, not written back. The array reads and writes level 0: operands of a product
// once for every `cols` (or `rows`) of the array, whose accumulators hold the sums.
//
// Local tensors are read and written at level 0 like others. They come from and go to outer levels
// only where one row of what a step passes on does not fit. Attentions that never write their
// scores are cut as a whole (sim/memory/fused_tiling.hpp); what their tiles take from outside
// beside queries, keys and values crosses once for each such attention, which is the least that it
// can.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/ledger/movement.hpp"

namespace wattention {

enum class MemoryPolicy : std::uint8_t { none, ideal, tiled, trace };
template <>
inline constexpr auto names_of<MemoryPolicy> = names("none", "ideal", "tiled", "trace");

struct Hierarchy {
  struct Level {
    std::optional<std::uint64_t> capacity_bytes;  // unbounded where absent: the outermost only
    std::uint64_t access_bytes = 8;
  };
  struct Array {
    std::uint64_t rows = 1;
    std::uint64_t cols = 1;
  };

  std::vector<Level> levels;
  Array array;
};

/// A kernel's movement, in the order of the run, and the phase that it is accounted to.
struct MemoryStep {
  std::size_t phase = 0;
  Movement movement;
  bool crosses = true;                  // as KernelCall::crosses
  std::vector<Operand> from_outside{};  // as KernelCall::from_outside

  /// The operands that come from and go to other memories.
  std::span<const Operand> crossing() const {
    return crosses ? movement.operands() : std::span<const Operand>(from_outside);
  }
};

/// traffic[phase][level]. The last level holds what the others do not. Throws InputError where
/// `trace` would touch more than 3e9 lines.
using LevelTraffic = std::vector<std::vector<Traffic>>;
LevelTraffic memory_traffic(std::span<const MemoryStep> steps, std::size_t phases,
                            const Hierarchy& hierarchy, MemoryPolicy policy);

}  // namespace wattention
