#include "sim/tensor/block_pool.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace wattention {
namespace {

constexpr std::uint64_t line = 64;
constexpr std::uint64_t smallest_kept = std::uint64_t{1} << 16;
constexpr std::uint64_t page = std::uint64_t{1} << 21;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool keeps_blocks = false;  // so that their use after they are freed is seen
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool keeps_blocks = false;
#else
constexpr bool keeps_blocks = true;
#endif
#else
constexpr bool keeps_blocks = true;
#endif

/// Bytes of a block: in eighths of a power of two, so that tensors of about one size share them.
std::uint64_t whole_size(std::uint64_t bytes) {
  const std::uint64_t step =
      bytes < smallest_kept ? line
                            : std::max(std::bit_floor(bytes) / 8, bytes >= 2 * page ? page : line);
  return sum(std::max<std::uint64_t>(bytes, 1), step - 1) / step * step;
}

void* fresh_block(std::uint64_t size) {
  const bool large = size >= 2 * page;
  void* const block = std::aligned_alloc(large ? page : line, size);
  if (block == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  if (large) madvise(block, size, MADV_HUGEPAGE);
#endif
  return block;
}

class KeptBlocks {
 public:
  KeptBlocks() { blocks_.reserve(64); }

  /// The smallest kept block of at least this size and at most twice that; or a fresh one, with
  /// those kept longest freed before it where there would be too many.
  MemoryBlock take(std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    auto best = blocks_.end();
    for (auto block = blocks_.begin(); block != blocks_.end(); ++block) {
      if (block->size < size || block->size / 2 > size) continue;
      if (best == blocks_.end() || block->size < best->size) best = block;
    }
    MemoryBlock taken{nullptr, size};
    if (best != blocks_.end()) {
      taken = *best;
      kept_ -= taken.size;
      blocks_.erase(best);
    } else {
      while (!blocks_.empty() && sum(in_use_, size, kept_) > most_in_use_) drop_oldest();
      taken.memory = fresh_block(size);
    }
    in_use_ += taken.size;
    most_in_use_ = std::max(most_in_use_, in_use_);
    return taken;
  }

  void keep(const MemoryBlock& block) {
    const std::lock_guard lock(mutex_);
    if (blocks_.size() == blocks_.capacity()) drop_oldest();
    in_use_ -= block.size;
    kept_ += block.size;
    blocks_.push_back(block);
  }

 private:
  void drop_oldest() {
    std::free(blocks_.front().memory);
    kept_ -= blocks_.front().size;
    blocks_.erase(blocks_.begin());
  }

  std::mutex mutex_;
  /// The one kept longest first; never grows past what is reserved.
  std::vector<MemoryBlock> blocks_;
  std::uint64_t in_use_ = 0;
  std::uint64_t kept_ = 0;
  std::uint64_t most_in_use_ = 0;
};

/// Never destroyed: tensors may outlive every other object.
KeptBlocks& kept_blocks() {
  static auto* const blocks = new KeptBlocks;
  return *blocks;
}

}  // namespace

MemoryBlock take_block(std::uint64_t bytes) {
  const std::uint64_t size = whole_size(bytes);
  if (keeps_blocks && size >= smallest_kept) return kept_blocks().take(size);
  return {fresh_block(size), size};
}

void give_block(const MemoryBlock& block) {
  if (keeps_blocks && block.size >= smallest_kept) {
    kept_blocks().keep(block);
  } else {
    std::free(block.memory);
  }
}

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int mebibyte = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, 32 * mebibyte);
  mallopt(M_TRIM_THRESHOLD, 64 * mebibyte);
#endif
}

}  // namespace wattention
