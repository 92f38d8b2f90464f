#include "sim/ledger/op.hpp"

namespace wattention {
namespace {

template <class Enum, std::size_t size>
std::optional<Enum> find(const std::array<std::string_view, size>& names, std::string_view name) {
  for (std::size_t i = 0; i < size; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Op> op_named(std::string_view name) { return find<Op>(op_names, name); }
std::optional<Format> format_named(std::string_view name) {
  return find<Format>(format_names, name);
}

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
