#include "sim/tensor/block_pool.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <new>

#include "sim/error.hpp"

using namespace wattention;

namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;

}  // namespace

TEST_CASE("Blocks of any size start on a cache line and hold what was asked for") {
  for (const std::uint64_t bytes :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{65}, std::uint64_t{65535},
        std::uint64_t{65536}, 3 * mebibyte + 1, 33 * mebibyte + 7}) {
    const MemoryBlock block = take_block(bytes);
    CHECK(block.size >= bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(block.memory) % 64 == 0);
    if (bytes > 0) {
      static_cast<char*>(block.memory)[0] = 1;
      static_cast<char*>(block.memory)[bytes - 1] = 1;
    }
    give_block(block);
  }
}

TEST_CASE("No block is given twice while it is in use") {
  const MemoryBlock first = take_block(mebibyte);
  give_block(first);
  const MemoryBlock second = take_block(mebibyte);
  const MemoryBlock third = take_block(mebibyte);
  CHECK(second.memory != third.memory);
  give_block(second);
  give_block(third);
}

TEST_CASE("A freed block serves what needs half of it, and never much less") {
  const MemoryBlock large = take_block(64 * mebibyte);
  give_block(large);
  const MemoryBlock small = take_block(6 * mebibyte);
  CHECK(small.size <= 12 * mebibyte);
  const MemoryBlock most = take_block(48 * mebibyte);
  CHECK(most.size >= 48 * mebibyte);
  CHECK(most.size <= 64 * mebibyte);
  give_block(small);
  give_block(most);
}

TEST_CASE("Memory that no machine has is refused, and later blocks are not") {
  CHECK_THROWS_AS(take_block(std::uint64_t{1} << 60), std::bad_alloc);
  CHECK_THROWS_AS(allocate<double>(std::numeric_limits<std::uint64_t>::max() / 4), Error);
  const Allocation<float> numbers = allocate<float>(100000);
  numbers[99999] = 1.0F;
  CHECK(numbers[99999] == 1.0F);
}
