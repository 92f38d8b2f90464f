#include "sim/ledger/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace wattention {

std::vector<Operand> FusedRegion::from_outside(const Movement& movement) {
  std::vector<Operand> crossing;
  for (Operand operand : movement.operands()) {
    if (operand.local() || operand.tensor >= first_inside_ ||
        std::ranges::find(declared_, operand.tensor) != declared_.end()) {
      continue;
    }
    std::uint64_t& crossed = crossed_bytes_[{operand.tensor, operand.written}];
    operand.bytes =
        std::min(operand.bytes, operand.whole_bytes - std::min(operand.whole_bytes, crossed));
    if (operand.bytes == 0) continue;
    crossed += operand.bytes;
    crossing.push_back(operand);
  }
  return crossing;
}

std::vector<std::string> Phase::undeclared_operands(const Movement& movement,
                                                    const std::string& kernel) const {
  std::vector<std::string> lines;
  if (declaring_ || !observing_) return lines;
  for (const Operand& operand : movement.operands()) {
    if (operand.tensor >= first_of_block_ || declares(operand)) continue;
    lines.push_back(
        fmt::format("kernel {} {} {} bytes of a tensor in a block of rows, and none in the whole",
                    kernel, operand.written ? "writes" : "reads", operand.bytes));
  }
  return lines;
}

Ledger::Ledger(std::span<const std::string_view> phase_names) {
  phases_.reserve(phase_names.size());
  for (const std::string_view name : phase_names) phases_.emplace_back(name);
}

Phase& Ledger::operator[](std::string_view phase_name) {
  const auto found = std::ranges::find(phases_, phase_name, &Phase::name);
  if (found == phases_.end()) {
    throw Error(
        fmt::format("ledger: expected a phase that the attention lists, found \"{}\"", phase_name));
  }
  return *found;
}

Ledger& Ledger::operator+=(const Ledger& other) {
  if (phases_.size() != other.phases_.size()) {
    throw Error("ledger: expected two with the same phases");
  }
  for (std::size_t p = 0; p < phases_.size(); ++p) phases_[p] += other.phases_[p];
  strays_ += other.strays_;
  add_stray_accesses(other.stray_accesses_);
  return *this;
}

OpCounts Ledger::declared() const {
  OpCounts result;
  for (const Phase& phase : phases_) result += phase.declared();
  return result;
}

std::vector<std::string> Ledger::imbalances() const {
  std::vector<std::string> lines;
  for (const Phase& phase : phases_) {
    OpCounts either = phase.declared();
    either += phase.observed();
    either.for_each([&](Op op, Format format, std::uint64_t) {
      const std::uint64_t declared = phase.declared()(op, format);
      const std::uint64_t observed = phase.observed()(op, format);
      if (declared != observed) {
        lines.push_back(fmt::format("phase {}: {} {}: declared {}, observed {}", phase.name(),
                                    name_of(format), name_of(op), declared, observed));
      }
    });
    for (const std::string& line : phase.access_imbalances_) {
      lines.push_back(fmt::format("phase {}: {}", phase.name(), line));
    }
  }
  strays_.for_each([&](Op op, Format format, std::uint64_t count) {
    lines.push_back(
        fmt::format("outside any kernel: {} {}: {}", name_of(format), name_of(op), count));
  });
  lines.insert(lines.end(), stray_accesses_.begin(), stray_accesses_.end());
  return lines;
}

void Ledger::set_arithmetic(const Arithmetic& arithmetic) {
  for (Phase& phase : phases_) phase.arithmetic_ = arithmetic;
  arithmetic_ = arithmetic;
}

bool Ledger::set_declaring(bool declaring) {
  const std::uint64_t next_tensor = fresh_tensor_id();
  for (Phase& phase : phases_) {
    phase.declaring_ = declaring;
    phase.first_of_block_ = next_tensor;
  }
  return std::exchange(declaring_, declaring);
}

void Ledger::set_region(FusedRegion* region) {
  for (Phase& phase : phases_) phase.region_ = region;
  region_ = region;
}

std::vector<std::uint64_t> Ledger::take_fused_tensors() {
  std::vector<std::uint64_t> all;
  if (!declaring_) return all;
  for (Phase& phase : phases_) {
    all.insert(all.end(), phase.fused_tensors_.begin(), phase.fused_tensors_.end());
    phase.fused_tensors_.clear();
  }
  return all;
}

}  // namespace wattention
