#include "sim/ledger/op.hpp"

namespace wattention {

void throw_count_overflow() {
  throw InputError("shape: expected counts below 2^64, found a larger product");
}

std::uint64_t OpCounts::total(Op op) const {
  std::uint64_t result = 0;
  for (const std::uint64_t count : counts_[static_cast<std::size_t>(op)]) {
    result = sum(result, count);
  }
  return result;
}

OpCounts& OpCounts::operator+=(const OpCounts& other) {
  other.for_each([this](Op op, Format format, std::uint64_t count) { add(op, format, count); });
  return *this;
}

}  // namespace wattention
