#pragma once

// Packed codes of bits drawn by a seed of their own, the same for every scalar type.

#include "sim/random.hpp"
#include "sim/tensor/bit_matrix.hpp"

namespace wattention {

template <class Real>
BitMatrix<PackedBits<Real>> drawn_codes(std::size_t heads, std::size_t rows, std::size_t width) {
  BitMatrix<PackedBits<Real>> codes(heads, rows, width);
  Random random(9);
  for (std::size_t h = 0; h < heads; ++h) {
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t b = 0; b < width; ++b) {
        set_bit(codes.view().row(h, r)[b / word_bits], b % word_bits, random.below(2) == 1);
      }
    }
  }
  return codes;
}

}  // namespace wattention
