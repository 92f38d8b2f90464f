#pragma once

// Kernels of float tensors on the vectors of the machine, chosen at run time by Highway. Each does
// what the kernel of its name in sim/*_kernels.hpp does, [heads, rows, cols].
//
// A number, unless it is NaN, is that of the other kernel bit for bit, on every machine: summed in
// the same order and rounded as often. Codes of -1 and +1 may be multiplied, as those products are
// exact.

#include <cstdint>

#include "sim/bit_matrix.hpp"
#include "sim/tensor.hpp"

namespace wattention::fast {

using Codes = BitView<const Word>;

void multiply_in_order(const View<const float>& a, const View<const float>& b,
                       const View<float>& out);
/// out += a b.
void add_product_in_order(const View<const float>& a, const View<const float>& b,
                          const View<float>& out);
void negated_manhattan_distances(const View<const float>& x, const View<const float>& points,
                                 const View<float>& out);
void squared_distances(const View<const float>& x, const View<const float>& points,
                       const View<float>& out);
void softmax_rows(const View<float>& x);
/// total += the sum over rows of f_i v_i^T.
void add_outer_products(const View<const float>& features, const View<const float>& v,
                        const View<float>& total);
void elu_features(const View<const float>& x, const View<float>& out);
/// In place: exp(x - top) of a row whose numbers are not above `top`.
void exponentials_of_row(float* row, std::size_t width, float top);
void normalise_rows(const View<const float>& x, const View<float>& out);
void divide_rows(const View<const float>& x, const View<const float>& divisors,
                 const View<float>& out);
void divide_rows(const View<const float>& x, const View<const std::int32_t>& divisors,
                 const View<float>& out);
void add_scaled(const View<const float>& x, float factor, const View<float>& out);
void centred_gaussian(const View<const float>& distances, const View<const float>& factor,
                      const View<const float>& mean, const View<float>& out);
void pack_signs(const View<const float>& x, const BitView<Word>& out);
void signed_outer_sum(const Codes& codes, const View<const float>& v, const View<float>& out);
void code_similarities(const Codes& p, const Codes& q, const View<std::int32_t>& out);
void sum_of_codes(const Codes& codes, const View<std::int32_t>& out);
/// EcoFormer's output in one pass: signed_matmul of the context [g, b, e], add_scaled of `added`
/// (its row stride is 0 where all rows are the same), divide_rows by signed_sum_of_integers of the
/// sums [g, 1, b] and a constant. g divides the heads of the codes.
void output_of_codes(const Codes& codes, const View<const float>& context,
                     const View<const std::int32_t>& sums, std::int32_t constant, float factor,
                     const View<const float>& added, const View<float>& out);

}  // namespace wattention::fast
