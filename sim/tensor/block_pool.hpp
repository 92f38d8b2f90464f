#pragma once

// Memory of tensors. A page that the system gives costs more than what is computed on it, so large
// blocks that are freed stay for the next tensor, as long as blocks in use and kept ones together
// are no more than were ever in use at once.

#include <cstdint>
#include <memory>
#include <type_traits>

#include "sim/ledger/accesses.hpp"
#include "sim/ledger/op.hpp"
#include "sim/scalar/scalar.hpp"

namespace wattention {

struct MemoryBlock {
  void* memory;
  std::uint64_t size;
};

/// At least so many bytes, on a cache line of their own; throws std::bad_alloc. Large blocks are on
/// pages of 2 MiB where the system has such.
MemoryBlock take_block(std::uint64_t bytes);
void give_block(const MemoryBlock& block);

/// For programs, not for libraries: from now on the C library too keeps what is freed, up to 64 MiB
/// a heap, instead of giving pages back to the system between one ledger and the next.
void keep_freed_memory();

struct GiveBlock {
  std::uint64_t size = 0;
  bool observed = false;
  void operator()(void* memory) const {
    if (observed) {
      give_observed_storage(memory);
    } else {
      give_block({memory, size});
    }
  }
};
template <class T>
using Allocation = std::unique_ptr<T[], GiveBlock>;

/// Numbers whose values are whatever was in that memory before. Those of counting scalars lie in
/// storage that observes who reads and writes them (sim/ledger/accesses.hpp).
template <class T>
Allocation<T> allocate(std::uint64_t count) {
  static_assert(std::is_trivially_destructible_v<T>);
  if constexpr (observes<T>) {
    T* const numbers = static_cast<T*>(take_observed_storage(count, sizeof(T)));
    std::uninitialized_default_construct_n(numbers, count);
    return Allocation<T>(numbers, GiveBlock{0, true});
  }
  const MemoryBlock block = take_block(product(count, sizeof(T)));
  T* const numbers = static_cast<T*>(block.memory);
  std::uninitialized_default_construct_n(numbers, count);
  return Allocation<T>(numbers, GiveBlock{block.size});
}

}  // namespace wattention
