#include "sim/memory/hierarchy.hpp"

#include <algorithm>

#include "sim/memory/tensor_uses.hpp"
#include "sim/memory/tiling.hpp"

namespace wattention {
namespace {

/// What the array reads and writes at the innermost level: every operand once, or, where the sides
/// of the array are given, those of a product once for every row or column of it.
Traffic accesses_of(const Movement& movement, const std::optional<Hierarchy::Array>& array) {
  Traffic traffic;
  std::span<const Operand> operands = movement.operands();
  if (movement.is_fused()) return traffic;  // the kernels inside say what they access
  if (array && movement.is_product()) {
    const LoopNest& nest = movement.nest();
    const auto read = [&](const Operand& operand, std::uint64_t numbers, std::uint64_t times) {
      const std::uint64_t bits = product(nest.heads, numbers, std::uint64_t{operand.bits}, times);
      traffic.read_bytes = sum(traffic.read_bytes, bits / 8 + (bits % 8 != 0 ? 1 : 0));
    };
    read(operands[0], product(nest.rows, nest.inner), parts(nest.cols, array->cols));
    read(operands[1], product(nest.inner, nest.cols), parts(nest.rows, array->rows));
    operands = operands.subspan(2);
  }
  for (const Operand& operand : operands) {
    std::uint64_t& bytes = operand.written ? traffic.write_bytes : traffic.read_bytes;
    bytes = sum(bytes, operand.bytes);
  }
  return traffic;
}

std::vector<Crossing> ideal_crossings(std::span<const MemoryStep> steps, const TensorUses& uses,
                                      std::size_t phases) {
  std::vector<Crossing> crossings(phases);
  std::vector<std::uint64_t> filled(uses.tensors.size());
  for (std::size_t s = 0; s < steps.size(); ++s) {
    Crossing& crossing = crossings[steps[s].phase];
    for (const Touch& touch : uses.touches[s]) {
      const TensorUse& tensor = uses.tensors[touch.tensor];
      if (!tensor.written_first) {
        std::uint64_t& so_far = filled[touch.tensor];
        const std::uint64_t first_time = std::min(touch.read_bytes, tensor.bytes - so_far);
        so_far += first_time;
        crossing.fill_bytes = sum(crossing.fill_bytes, first_time);
      }
      if (tensor.leaves && tensor.last_step == s) {
        crossing.write_back_bytes = sum(crossing.write_back_bytes, tensor.bytes);
      }
    }
  }
  return crossings;
}

}  // namespace

TensorUses::TensorUses(std::span<const MemoryStep> steps) {
  touches.resize(steps.size());
  for (std::size_t s = 0; s < steps.size(); ++s) {
    for (const Operand& operand : steps[s].crossing()) {
      if (operand.local()) continue;
      const auto [entry, is_new] = index_.try_emplace(operand.tensor, tensors.size());
      if (is_new) tensors.push_back({0, s, s, true, false});
      TensorUse& tensor = tensors[entry->second];
      tensor.bytes = std::max(tensor.bytes, operand.whole_bytes);
      tensor.last_step = s;

      std::vector<Touch>& of_step = touches[s];
      auto touch = std::ranges::find(of_step, entry->second, &Touch::tensor);
      if (touch == of_step.end()) touch = of_step.insert(of_step.end(), {entry->second, 0, 0});
      std::uint64_t& bytes = operand.written ? touch->write_bytes : touch->read_bytes;
      bytes = std::max(bytes, operand.bytes);
      if (tensor.first_step == s) tensor.written_first = tensor.written_first && operand.written;
    }
    for (const Touch& touch : touches[s]) tensors[touch.tensor].leaves = touch.write_bytes != 0;
  }
}

Crossing spilled(const Movement& movement, std::uint64_t capacity_bytes) {
  std::uint64_t held = 0;
  Crossing all;
  const auto operands = movement.operands();
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const Operand& operand = operands[i];
    if (!operand.local()) continue;
    const bool counted = std::ranges::find(operands.first(i), operand.tensor, &Operand::tensor) !=
                         operands.first(i).end();
    if (!counted) held = sum(held, operand.row_bytes);
    std::uint64_t& bytes = operand.written ? all.write_back_bytes : all.fill_bytes;
    bytes = sum(bytes, operand.bytes);
  }
  return held <= capacity_bytes ? Crossing{} : all;
}

LevelTraffic memory_traffic(std::span<const MemoryStep> steps, std::size_t phases,
                            const Hierarchy& hierarchy, MemoryPolicy policy) {
  const std::size_t levels = hierarchy.levels.size();
  LevelTraffic traffic(phases, std::vector<Traffic>(levels));
  if (policy == MemoryPolicy::none || levels == 0) return traffic;

  std::optional<Hierarchy::Array> array;
  if (policy != MemoryPolicy::ideal) array = hierarchy.array;
  for (const MemoryStep& step : steps) {
    traffic[step.phase].front() += accesses_of(step.movement, array);
  }
  const TensorUses uses(steps);
  for (std::size_t level = 0; level + 1 < levels; ++level) {
    const std::uint64_t capacity = hierarchy.levels[level].capacity_bytes.value();
    const std::uint64_t line = hierarchy.levels[level + 1].access_bytes;
    const std::vector<Crossing> crossings =
        policy == MemoryPolicy::ideal   ? ideal_crossings(steps, uses, phases)
        : policy == MemoryPolicy::tiled ? tiled_crossings(steps, uses, phases, capacity, line)
                                        : traced_crossings(steps, uses, phases, capacity, line);
    for (std::size_t phase = 0; phase < phases; ++phase) {
      const Crossing& crossing = crossings[phase];
      traffic[phase][level] += {crossing.write_back_bytes, crossing.fill_bytes};
      traffic[phase][level + 1] += {crossing.fill_bytes, crossing.write_back_bytes};
    }
  }
  return traffic;
}

}  // namespace wattention
