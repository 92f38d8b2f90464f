#include "sim/memory/tiling.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace wattention;

namespace {

/// fp32 matrices that are somewhere in memory.
Movement matrix_product(std::uint64_t rows, std::uint64_t inner, std::uint64_t cols) {
  Movement movement;
  movement.add({1, rows * inner, rows * inner, Format::fp32, false});
  movement.add({2, inner * cols, inner * cols, Format::fp32, false});
  movement.add({3, rows * cols, rows * cols, Format::fp32, true});
  movement.set_nest({1, rows, cols, inner});
  return movement;
}

std::uint64_t words_moved(const Movement& movement, std::uint64_t capacity_bytes) {
  const Tiling tiling = best_tiling(movement, capacity_bytes, 8);
  const auto words = [&](std::size_t i) { return movement.operands()[i].bytes / 4; };
  return words(0) * tiling.a_passes + words(1) * tiling.b_passes +
         words(2) * (2 * tiling.out_passes - 1);
}

}  // namespace

TEST_CASE("A product that fits crosses once, whichever operand is large") {
  for (const Movement& product : {matrix_product(8, 8, 8), matrix_product(200, 4, 4),
                                  matrix_product(4, 200, 4), matrix_product(4, 4, 200)}) {
    CHECK(words_moved(product, 8192) == words_moved(product, 1U << 30U));
    const Tiling tiling = best_tiling(product, 8192, 8);
    CHECK(tiling.a_passes * tiling.b_passes * tiling.out_passes == 1);
  }
}

TEST_CASE("One operand that fits stays while the others stream past once") {
  const Tiling weights = best_tiling(matrix_product(100000, 16, 16), 4096, 8);
  CHECK(weights.a_passes == 1);
  CHECK(weights.b_passes == 1);
  CHECK(weights.out_passes == 1);
  const Tiling sums = best_tiling(matrix_product(16, 100000, 16), 4096, 8);
  CHECK(sums.stationary == Stationary::out);
  CHECK(sums.a_passes + sums.b_passes + sums.out_passes == 3);
}

TEST_CASE("The tile is the best of all integer tiles, found again by trying each") {
  const std::uint64_t capacity = 2048;
  const double usable = static_cast<double>(capacity) * (1.0 - 3.0 / cache_ways);
  const std::uint64_t rows = 37;
  const std::uint64_t inner = 29;
  const std::uint64_t cols = 41;
  std::uint64_t fewest = UINT64_MAX;
  const auto parts = [](std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; };
  const auto fits = [&](std::uint64_t p, std::uint64_t q) {  // 2 numbers a line stream past
    return static_cast<double>(4 * p * q + 2 * 4 * (p + q)) <= usable;
  };
  for (std::uint64_t p = 1; p <= 41; ++p) {
    for (std::uint64_t q = 1; q <= 41; ++q) {
      if (!fits(p, q)) continue;
      if (p <= rows && q <= cols) {
        fewest = std::min(
            fewest, rows * inner * parts(cols, q) + inner * cols * parts(rows, p) + rows * cols);
      }
      if (p <= rows && q <= inner) {
        fewest = std::min(fewest, rows * inner + inner * cols * parts(rows, p) +
                                      rows * cols * (2 * parts(inner, q) - 1));
      }
      if (p <= inner && q <= cols) {
        fewest = std::min(fewest, rows * inner * parts(cols, q) + inner * cols +
                                      rows * cols * (2 * parts(inner, p) - 1));
      }
    }
  }
  CHECK(words_moved(matrix_product(rows, inner, cols), capacity) == fewest);
}

TEST_CASE("A product never moves less than Hong and Kung's bound, nor 1.5 times as much") {
  for (const std::uint64_t side : {512U, 777U, 1024U}) {
    for (const std::uint64_t capacity : {4096U, 8192U, 16384U}) {
      const double words = static_cast<double>(capacity) / 4.0;
      const auto n = static_cast<double>(side);
      const double bound = 2.0 * n * n * n / std::sqrt(words) - 2.0 * words;
      const auto moved =
          static_cast<double>(words_moved(matrix_product(side, side, side), capacity));
      INFO(side << ", " << capacity << " bytes: " << moved / bound);
      CHECK(moved >= bound);
      CHECK(moved <= 1.5 * bound);
    }
  }
}

TEST_CASE("Traffic of a product never grows with the capacity") {
  for (const Movement& product : {matrix_product(300, 64, 300), matrix_product(16, 784, 32),
                                  matrix_product(784, 32, 25), matrix_product(1, 1000, 1000)}) {
    std::uint64_t before = UINT64_MAX;
    for (std::uint64_t capacity = 8; capacity < 2000000; capacity += 1 + capacity / 50) {
      const std::uint64_t moved = words_moved(product, capacity);
      REQUIRE(moved <= before);
      before = moved;
    }
  }
}

TEST_CASE("A memory that holds nothing reads every operand at every step") {
  const Tiling tiling = best_tiling(matrix_product(5, 6, 7), 1, 8);
  CHECK(tiling.a_passes == 7);
  CHECK(tiling.b_passes == 5);
  CHECK(tiling.out_passes == 1);
}
