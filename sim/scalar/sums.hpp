#pragma once

// Sums whose order of additions is part of what they are.

#include <array>
#include <bit>
#include <cstddef>

#include "sim/scalar/scalar.hpp"

namespace wattention {

/// The sum of n > 0 numbers in n - 1 additions, one after the other.
template <class Real>
Sum<Real> sum_in_order(const Real* numbers, std::size_t n) {
  auto total = real_of<Sum<Real>>(numbers[0]);
  for (std::size_t i = 1; i < n; ++i) total += real_of<Sum<Real>>(numbers[i]);
  return total;
}

/// The sum of 8 n numbers as that of eight sums in order, of n each, which run side by side.
template <std::size_t n, class Real>
Sum<Real> eight_sums(const Real* numbers) {
  std::array<Sum<Real>, 8> sums;
  for (std::size_t s = 0; s < 8; ++s) sums[s] = real_of<Sum<Real>>(numbers[s * n]);
  for (std::size_t i = 1; i < n; ++i) {
    for (std::size_t s = 0; s < 8; ++s) sums[s] += real_of<Sum<Real>>(numbers[s * n + i]);
  }
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

/// The same pairwise, so that its rounding error grows with log n instead of n.
template <class Real>
Sum<Real> pairwise_sum(const Real* numbers, std::size_t n) {
  constexpr std::size_t summed_in_order = 64;
  if (n <= summed_in_order) return sum_in_order(numbers, n);
  if (n == 8 * summed_in_order) return eight_sums<summed_in_order>(numbers);
  const std::size_t half = std::bit_floor(n - 1);
  return pairwise_sum(numbers, half) + pairwise_sum(numbers + half, n - half);
}

/// The sum of n squares in n macs.
template <class Real>
Sum<Real> sum_of_squares(const Real* numbers, std::size_t n) {
  Sum<Real> total(0);
  for (std::size_t i = 0; i < n; ++i) total = mac(total, numbers[i], numbers[i]);
  return total;
}

}  // namespace wattention
