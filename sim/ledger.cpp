#include "sim/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace wattention {

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
  }
  strays_.for_each([&](Op op, Format format, std::uint64_t count) {
    lines.push_back(
        fmt::format("outside any kernel: {} {}: {}", name_of(format), name_of(op), count));
  });
  return lines;
}

bool Ledger::set_declaring(bool declaring) {
  for (Phase& phase : phases_) phase.declaring_ = declaring;
  return std::exchange(declaring_, declaring);
}

}  // namespace wattention
