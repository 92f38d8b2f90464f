#pragma once

// Which numbers kernels truly read and write, observed for the audit.
//
// Tensors of counting scalars (sim/scalar/counted.hpp) lie in storage that is registered here. Such
// a scalar is copied whenever it is used and assigned whenever it is stored, so its copy
// constructor and its assignment see every access: they look their address up, and an address that
// is no tensor's is a local variable. For each number the storage remembers the last kernel that
// read it and the last that wrote it. When a kernel ends, the distinct numbers of each tensor that
// it took from before it, and those that it left behind, are held against the operands that it
// declared:
//
//     read or written, and not declared so                     an imbalance of the ledger
//     more bytes than the operands of that tensor declare      an imbalance of the ledger
//     outside the tensor, or outside the views declared        an Error that names the kernel
//     read although nobody has written it                      an Error that names the kernel
//
// What a kernel reads after it has written it itself is its own, and no read; tensors that it makes
// for itself are its accumulators, whose room the sides of its nest stand for. Layouts and
// parameters that are known before any input are moved by nobody: see `Setup`.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/ledger/movement.hpp"

namespace wattention {

/// Storage of one tensor of counting scalars. Numbers are a power of two of bytes apart.
struct ObservedStorage {
  std::uint64_t tensor = 0;
  std::array<std::size_t, 3> shape{};  // for messages
  std::uintptr_t first = 0;
  unsigned shift = 0;            // log2 of the bytes of an element
  std::size_t count = 0;         // elements
  Format format = Format::fp32;  // of an element, in traffic
  std::size_t row_bits = 0;      // of packed codes: bits of a row, in words of 64; 0 otherwise
  std::vector<std::uint32_t> read_in;     // the last kernel that read each element
  std::vector<std::uint32_t> written_in;  // the last that wrote it; 0: nobody has
  std::uint32_t made_in = 0;              // the kernel that it is scratch of; 0: of none
  std::uint32_t kernel = 0;               // whose sums follow
  std::uint64_t read_bits = 0;
  std::uint64_t written_bits = 0;

  std::uint64_t bits_of_element(std::size_t element, const Arithmetic& arithmetic) const;
};

/// Registers storage for `count` elements of `element_bytes` bytes each and returns where it
/// begins. Throws std::bad_alloc.
void* take_observed_storage(std::uint64_t count, std::size_t element_bytes);
void give_observed_storage(void* first);
/// The storage that begins at this address, or nullptr.
ObservedStorage* observed_storage(const void* first);

namespace observed_memory {

/// Storage by address: the upper 16 bits of 48 choose a table, the next 16 an entry. Storage is
/// whole pages of 2^16 bytes.
using Table = std::array<std::atomic<ObservedStorage*>, 65536>;
extern std::array<std::atomic<Table*>, 65536> tables;

inline ObservedStorage* storage_at(std::uintptr_t place) {
  if (place >> 48U != 0) return nullptr;
  const Table* const table = tables[place >> 32U].load(std::memory_order_relaxed);
  if (table == nullptr) return nullptr;
  return (*table)[place >> 16U & 0xffffU].load(std::memory_order_relaxed);
}

inline ObservedStorage* storage_at(const void* address) {
  return storage_at(reinterpret_cast<std::uintptr_t>(address));
}

void read(ObservedStorage& storage, const void* address);
void write(ObservedStorage& storage, const void* address);

}  // namespace observed_memory

/// What the copy constructor and the assignment of counting scalars call.
inline void observe_read(const void* address) {
  if (ObservedStorage* const storage = observed_memory::storage_at(address)) {
    observed_memory::read(*storage, address);
  }
}
inline void observe_write(const void* address) {
  if (ObservedStorage* const storage = observed_memory::storage_at(address)) {
    observed_memory::write(*storage, address);
  }
}

/// Throws Error: an index [head, row, column] is outside of a view of these sizes.
[[noreturn]] void refuse_index(std::array<std::size_t, 3> index, std::array<std::size_t, 3> sizes);

/// The function that runs a kernel, and where in the source.
struct KernelSource {
  const char* function;
  const char* file;
  unsigned line;
};

/// While it lives, this thread's accesses are those of one call of a kernel.
class [[nodiscard]] KernelAccesses {
 public:
  /// The movement's bytes are those of the arithmetic of the run.
  KernelAccesses(const Movement& movement, const Arithmetic& arithmetic,
                 const KernelSource& source);
  ~KernelAccesses();
  KernelAccesses(const KernelAccesses&) = delete;
  KernelAccesses& operator=(const KernelAccesses&) = delete;

  /// What was accessed and not declared: one line for each tensor and direction.
  std::vector<std::string> imbalances() const;

  /// "matmul (sim/kernels/products.hpp:107)"
  const std::string& kernel() const { return kernel_; }

 private:
  friend void observed_memory::read(ObservedStorage&, const void*);
  friend void observed_memory::write(ObservedStorage&, const void*);
  friend void* take_observed_storage(std::uint64_t, std::size_t);

  void touch(ObservedStorage& storage, std::size_t element, bool written);
  void demand_declared_place(const ObservedStorage& storage, std::size_t element,
                             bool written) const;

  const Movement& movement_;
  Arithmetic arithmetic_;
  std::string kernel_;
  std::uint32_t number_;
  std::vector<const ObservedStorage*> touched_;
  KernelAccesses* before_;
};

/// While it lives, this thread's accesses belong to no kernel and are no traffic: numbers change
/// their layout or their type, or are parameters that are known before any input.
class [[nodiscard]] Setup {
 public:
  Setup();
  ~Setup();
  Setup(const Setup&) = delete;
  Setup& operator=(const Setup&) = delete;

 private:
  bool before_;
};

/// While it lives, this thread's accesses outside of kernels and of Setup are counted as strays.
class [[nodiscard]] StrayAccesses {
 public:
  StrayAccesses();
  ~StrayAccesses();
  StrayAccesses(const StrayAccesses&) = delete;
  StrayAccesses& operator=(const StrayAccesses&) = delete;

  /// Lines for a ledger; empty where every access was some kernel's.
  std::vector<std::string> imbalances() const;

 private:
  friend void observed_memory::read(ObservedStorage&, const void*);
  friend void observed_memory::write(ObservedStorage&, const void*);

  std::uint64_t reads_ = 0;
  std::uint64_t writes_ = 0;
  StrayAccesses* before_;
};

}  // namespace wattention
