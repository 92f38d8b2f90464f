#include "sim/ledger/accesses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string_view>

#include "sim/ledger/op.hpp"

namespace wattention {
namespace {

constexpr std::uint64_t page = std::uint64_t{1} << 16U;
/// Before the first element, so that an index below 0 is seen as well.
constexpr std::uint64_t guard = 4096;

thread_local KernelAccesses* current_kernel = nullptr;
thread_local StrayAccesses* current_strays = nullptr;
thread_local bool in_setup = false;

std::uint32_t fresh_kernel_number() {
  static std::atomic<std::uint32_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

/// Blocks of whole pages, kept for the next tensor of that size: audits make and free many.
class Blocks {
 public:
  void* take(std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    if (const auto kept = kept_.find(size); kept != kept_.end()) {
      void* const block = kept->second;
      kept_.erase(kept);
      return block;
    }
    void* const block = std::aligned_alloc(page, size);
    if (block == nullptr) throw std::bad_alloc();
    return block;
  }

  void give(void* block, std::uint64_t size) {
    constexpr std::size_t most_kept = 64;
    constexpr std::uint64_t largest_kept = std::uint64_t{1} << 22U;
    const std::lock_guard lock(mutex_);
    if (kept_.size() < most_kept && size <= largest_kept) {
      kept_.emplace(size, block);
    } else {
      std::free(block);
    }
  }

 private:
  std::mutex mutex_;
  std::multimap<std::uint64_t, void*> kept_;
};

/// Never destroyed: tensors may outlive every other object.
Blocks& blocks() {
  static auto* const all = new Blocks;
  return *all;
}

void enter(const void* block, std::uint64_t size, ObservedStorage* storage) {
  static std::mutex mutex;
  const auto begin = reinterpret_cast<std::uintptr_t>(block);
  for (std::uintptr_t at = begin; at < begin + size; at += page) {
    auto& slot = observed_memory::tables[at >> 32U];
    observed_memory::Table* table = slot.load(std::memory_order_acquire);
    if (table == nullptr) {
      const std::lock_guard lock(mutex);
      table = slot.load(std::memory_order_acquire);
      if (table == nullptr) {
        table = new observed_memory::Table{};
        slot.store(table, std::memory_order_release);
      }
    }
    (*table)[at >> 16U & 0xffffU].store(storage, std::memory_order_relaxed);
  }
}

std::uint64_t block_size(std::uint64_t count, std::size_t element_bytes) {
  const std::uint64_t bytes = sum(product(count, element_bytes), 2 * guard);
  return sum(bytes, page - 1) / page * page;
}

void* block_of(void* first) { return static_cast<std::byte*>(first) - guard; }

std::string file_name(std::string_view path) {
  return std::string(path.substr(path.find_last_of('/') + 1));
}

std::string text_of(const std::array<std::size_t, 3>& sizes) {
  return fmt::format("[{}, {}, {}]", sizes[0], sizes[1], sizes[2]);
}

std::string name_of_running_kernel() {
  return current_kernel == nullptr ? "outside any kernel" : "kernel " + current_kernel->kernel();
}

/// The index of an element, as heads, rows and numbers (of packed codes: words) of its tensor.
std::array<std::size_t, 3> place_of(const ObservedStorage& storage, std::size_t element) {
  const auto& [heads, rows, cols] = storage.shape;
  const std::size_t width = storage.row_bits == 0 ? cols : (cols + 63) / 64;
  if (heads == 0 || rows == 0 || width == 0) return {0, 0, element};
  return {element / (rows * width), element / width % rows, element % width};
}

std::size_t element_at(const ObservedStorage& storage, const void* address) {
  const auto place = reinterpret_cast<std::uintptr_t>(address);
  const std::size_t element = (place - storage.first) >> storage.shift;
  if (place >= storage.first && element < storage.count) return element;
  const auto offset = static_cast<std::int64_t>(place) - static_cast<std::int64_t>(storage.first);
  throw Error(fmt::format("{}: expected an index within a tensor {}, found number {} of {}",
                          name_of_running_kernel(), text_of(storage.shape), offset >> storage.shift,
                          storage.count));
}

std::uint64_t bytes_of_bits(std::uint64_t bits) { return bits / 8 + (bits % 8 != 0 ? 1 : 0); }

}  // namespace

std::array<std::atomic<observed_memory::Table*>, 65536> observed_memory::tables{};

std::uint64_t ObservedStorage::bits_of_element(std::size_t element,
                                               const Arithmetic& arithmetic) const {
  if (row_bits == 0) return bits_of(arithmetic.meant(format));
  const std::size_t words = (row_bits + 63) / 64;
  return std::min<std::size_t>(64, row_bits - element % words * 64);
}

void* take_observed_storage(std::uint64_t count, std::size_t element_bytes) {
  const std::uint64_t size = block_size(count, element_bytes);
  auto storage = std::make_unique<ObservedStorage>();
  storage->shift = static_cast<unsigned>(std::bit_width(element_bytes) - 1);
  storage->count = count;
  if (current_kernel != nullptr && !in_setup) storage->made_in = current_kernel->number_;
  storage->read_in.resize(count);
  storage->written_in.resize(count);
  void* const block = blocks().take(size);
  storage->first = reinterpret_cast<std::uintptr_t>(block) + guard;
  void* const first = static_cast<std::byte*>(block) + guard;
  enter(block, size, storage.release());
  return first;
}

void give_observed_storage(void* first) {
  ObservedStorage* const storage = observed_storage(first);
  const std::uint64_t size = block_size(storage->count, std::size_t{1} << storage->shift);
  enter(block_of(first), size, nullptr);
  blocks().give(block_of(first), size);
  delete storage;
}

ObservedStorage* observed_storage(const void* first) { return observed_memory::storage_at(first); }

void observed_memory::read(ObservedStorage& storage, const void* address) {
  const std::size_t element = element_at(storage, address);
  if (storage.written_in[element] == 0) {
    throw Error(fmt::format(
        "{}: expected a number that was written before it is read, found number {} of a tensor {} "
        "that nobody has written",
        name_of_running_kernel(), text_of(place_of(storage, element)), text_of(storage.shape)));
  }
  if (in_setup) return;
  if (current_kernel != nullptr) {
    current_kernel->touch(storage, element, false);
  } else if (current_strays != nullptr) {
    ++current_strays->reads_;
  }
}

void observed_memory::write(ObservedStorage& storage, const void* address) {
  const std::size_t element = element_at(storage, address);
  if (in_setup || current_kernel == nullptr) {
    storage.written_in[element] = UINT32_MAX;  // by no kernel
    if (!in_setup && current_strays != nullptr) ++current_strays->writes_;
    return;
  }
  current_kernel->touch(storage, element, true);
}

void refuse_index(std::array<std::size_t, 3> index, std::array<std::size_t, 3> sizes) {
  throw Error(fmt::format("{}: expected an index within a view {}, found {}",
                          name_of_running_kernel(), text_of(sizes), text_of(index)));
}

KernelAccesses::KernelAccesses(const Movement& movement, const Arithmetic& arithmetic,
                               const KernelSource& source)
    : movement_(movement),
      arithmetic_(arithmetic),
      kernel_(fmt::format("{} ({}:{})", source.function, file_name(source.file), source.line)),
      number_(fresh_kernel_number()),
      before_(current_kernel) {
  current_kernel = this;
}

KernelAccesses::~KernelAccesses() { current_kernel = before_; }

void KernelAccesses::touch(ObservedStorage& storage, std::size_t element, bool written) {
  if (storage.made_in == number_) {
    if (written) storage.written_in[element] = number_;
    return;
  }
  if (storage.kernel != number_) {
    storage.kernel = number_;
    storage.read_bits = 0;
    storage.written_bits = 0;
    touched_.push_back(&storage);
  }
  if (written) {
    if (storage.written_in[element] == number_) return;
    demand_declared_place(storage, element, true);
    storage.written_in[element] = number_;
    storage.written_bits += storage.bits_of_element(element, arithmetic_);
  } else {
    if (storage.written_in[element] == number_ || storage.read_in[element] == number_) return;
    demand_declared_place(storage, element, false);
    storage.read_in[element] = number_;
    storage.read_bits += storage.bits_of_element(element, arithmetic_);
  }
}

void KernelAccesses::demand_declared_place(const ObservedStorage& storage, std::size_t element,
                                           bool written) const {
  const std::uintptr_t address = storage.first + (element << storage.shift);
  bool declared = false;
  for (const Region& region : movement_.regions()) {
    if (region.tensor != storage.tensor || region.written != written) continue;
    // A layout of the same tensor is other storage, and another operand.
    if (observed_memory::storage_at(region.first) != &storage) continue;
    declared = true;
    if (region.holds(address, storage.shift)) return;
  }
  if (!declared) return;  // an imbalance, when the kernel ends
  throw Error(fmt::format(
      "kernel {}: expected to {} only what its views hold, found number {} of a tensor {}", kernel_,
      written ? "write" : "read", text_of(place_of(storage, element)), text_of(storage.shape)));
}

std::vector<std::string> KernelAccesses::imbalances() const {
  std::vector<std::string> lines;
  for (const ObservedStorage* const storage : touched_) {
    for (const bool written : {false, true}) {
      const std::uint64_t bits = written ? storage->written_bits : storage->read_bits;
      if (bits == 0) continue;
      std::uint64_t declared = 0;
      for (const Operand& operand : movement_.operands()) {
        if (operand.tensor == storage->tensor && operand.written == written) {
          declared = sum(declared, operand.bytes);
        }
      }
      if (bytes_of_bits(bits) > declared) {
        lines.push_back(fmt::format("kernel {} {} a tensor {}: declared {} bytes, observed {}",
                                    kernel_, written ? "writes" : "reads", text_of(storage->shape),
                                    declared, bytes_of_bits(bits)));
      }
    }
  }
  return lines;
}

Setup::Setup() : before_(in_setup) { in_setup = true; }

Setup::~Setup() { in_setup = before_; }

StrayAccesses::StrayAccesses() : before_(current_strays) { current_strays = this; }

StrayAccesses::~StrayAccesses() { current_strays = before_; }

std::vector<std::string> StrayAccesses::imbalances() const {
  std::vector<std::string> lines;
  if (reads_ != 0) lines.push_back(fmt::format("outside any kernel: {} numbers read", reads_));
  if (writes_ != 0) {
    lines.push_back(fmt::format("outside any kernel: {} numbers written", writes_));
  }
  return lines;
}

}  // namespace wattention
