#pragma once

// The tensors of a run, as a memory model needs them: which come in, which go out, and when each is
// touched for the last time.

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "sim/memory/hierarchy.hpp"

namespace wattention {

struct TensorUse {
  std::uint64_t bytes = 0;  // of the whole
  std::size_t first_step = 0;
  std::size_t last_step = 0;
  bool written_first = false;  // made here; otherwise an input
  bool leaves = false;         // an output: its last touch is a write
};

/// One tensor in one step.
struct Touch {
  std::size_t tensor = 0;  // index into TensorUses::tensors
  std::uint64_t read_bytes = 0;
  std::uint64_t write_bytes = 0;
};

/// Local tensors, and what stays inside of a fused attention, are left out.
struct TensorUses {
  explicit TensorUses(std::span<const MemoryStep> steps);

  std::size_t index_of(const Operand& operand) const { return index_.at(operand.tensor); }

  std::vector<TensorUse> tensors;
  std::vector<std::vector<Touch>> touches;  // of each step; every tensor once

 private:
  std::unordered_map<std::uint64_t, std::size_t> index_;
};

/// What crosses between two levels in a phase.
struct Crossing {
  std::uint64_t fill_bytes = 0;
  std::uint64_t write_back_bytes = 0;
};

/// What of the local tensors of a step comes in and goes out, in a memory that does not hold one
/// row of each of them: all of it; otherwise nothing.
Crossing spilled(const Movement& movement, std::uint64_t capacity_bytes);

/// By phase, for a memory of that capacity.
std::vector<Crossing> tiled_crossings(std::span<const MemoryStep> steps, const TensorUses& uses,
                                      std::size_t phases, std::uint64_t capacity_bytes,
                                      std::uint64_t line_bytes);
std::vector<Crossing> traced_crossings(std::span<const MemoryStep> steps, const TensorUses& uses,
                                       std::size_t phases, std::uint64_t capacity_bytes,
                                       std::uint64_t line_bytes);

}  // namespace wattention
