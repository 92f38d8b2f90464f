#include "sim/tensor/tensor.hpp"

#include <catch2/catch.hpp>
#include <numeric>

#include "sim/scalar/counted.hpp"
#include "sim/scalar/shape.hpp"
#include "sim/tensor/bit_matrix.hpp"

using namespace wattention;

TEST_CASE("A triangular view has as many elements as its rows have columns") {
  for (std::size_t rows = 1; rows <= 9; ++rows) {
    for (std::size_t first = 1; first <= 3; ++first) {
      const View<float> all(nullptr, 2, rows, rows + first - 1);
      const View<float> triangle = all.triangle(first);
      std::uint64_t elements = 0;
      for (std::size_t r = 0; r < rows; ++r) elements += 2 * triangle.width(r);
      CHECK(triangle.elements() == elements);
      CHECK(triangle.width(rows - 1) == rows + first - 1);
      CHECK(all.elements() == 2 * rows * (rows + first - 1));
    }
  }
}

TEST_CASE("A slice of rows sees the same numbers and keeps the triangle") {
  Tensor<float> x(2, 5, 7);
  std::iota(x.data(), x.data() + x.size(), 0.0F);
  const View<float> part = x.view().triangle(3).slice(2, 3);
  CHECK(part.rows == 3);
  CHECK(part.width(0) == 5);
  CHECK(part(1, 2, 4) == x(1, 4, 4));
}

TEST_CASE("Transposing twice gives the tensor back") {
  for (const std::size_t rows : {1U, 15U, 16U, 17U, 40U}) {
    Tensor<float> x(3, rows, 5);
    std::iota(x.data(), x.data() + x.size(), 0.0F);
    const Tensor<float> t = transposed(x.view());
    CHECK(t.rows() == 5);
    CHECK(t(2, 4, rows - 1) == x(2, rows - 1, 4));
    const Tensor<float> back = transposed(t.view());
    CHECK(std::equal(x.data(), x.data() + x.size(), back.data()));
  }
}

TEST_CASE("A tensor of shapes stores nothing, whatever its size") {
  const Tensor<Shape<float>> x(1U << 20U, 1U << 20U, 1U << 20U);
  CHECK(x.data() == nullptr);
  CHECK(x.view().elements() == std::uint64_t{1} << 60U);
  const auto t = transposed(x.view());
  CHECK(t.data() == nullptr);
}

TEST_CASE("A tensor whose size overflows is refused before anything is allocated") {
  CHECK_THROWS_AS(Tensor<Shape<float>>(1UL << 40U, 1UL << 20U, 1UL << 10U), Error);
  CHECK_THROWS_AS(Tensor<float>(1UL << 40U, 1UL << 20U, 1UL << 10U), Error);
}

TEST_CASE("Conversion keeps values and counts nothing") {
  Tensor<float> x(1, 2, 3);
  std::iota(x.data(), x.data() + x.size(), 0.5F);
  OpCounts seen;
  const Observation observation(seen);
  const auto counted = converted<Counted<float>>(std::as_const(x).view());
  const auto back = converted<float>(counted.view());
  CHECK(std::equal(x.data(), x.data() + x.size(), back.data()));
  CHECK(seen == OpCounts{});
}

TEST_CASE("Codes of any width keep each bit apart") {
  for (const std::size_t width : {1U, 16U, 63U, 64U, 65U, 130U}) {
    BitMatrix<Word> codes(2, 3, width);
    for (std::size_t bit = 0; bit < width; bit += 3) {
      set_bit(codes.view().row(1, 2)[bit / word_bits], bit % word_bits, true);
    }
    std::size_t used = 0;
    for (std::size_t w = 0; w < codes.view().words(); ++w) used += codes.view().used_bits(w);
    CHECK(used == width);
    for (std::size_t bit = 0; bit < width; ++bit) {
      CHECK(codes.view().positive(1, 2, bit) == (bit % 3 == 0));
      CHECK_FALSE(codes.view().positive(1, 1, bit));
    }
  }
}
