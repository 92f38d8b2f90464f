#pragma once

// Kernels of float tensors on the vectors of the machine, chosen at run time by Highway. Each does
// what the kernel of its name in sim/*_kernels.hpp does, [heads, rows, cols].
//
// A number, unless it is NaN, is that of the other kernel bit for bit, on every machine: summed in
// the same order and rounded as often. Codes of -1 and +1 may be multiplied, as those products are
// exact.

#include <cstdint>

#include "sim/tensor/bit_matrix.hpp"
#include "sim/tensor/tensor.hpp"

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
void exponentiate_rows(const View<float>& x);
/// A tile of scores, and what a row carries from tile to tile, [h, n, 1].
void running_exponentials(const View<float>& scores, bool first_tile, const View<float>& top,
                          const View<float>& correction);
void softmax_rows(const View<float>& x);
/// total += the sum over rows of f_i v_i^T.
void add_outer_products(const View<const float>& features, const View<const float>& v,
                        const View<float>& total);
void elu_features(const View<const float>& x, const View<float>& out);
void normalise_rows(const View<const float>& x, const View<float>& out);
void layer_norm(const View<const float>& x, const View<const float>& weight,
                const View<const float>& bias, float epsilon, const View<float>& out);
/// A tile of RunningSoftmax, whose parts are [h, n, 1].
void running_softmax(const View<float>& scores, bool first_tile, const View<float>& top,
                     const View<float>& total, const View<float>& correction);
/// No exponential is of a number above 0.
void positive_features(const View<const float>& projections, const View<const float>& half_norms,
                       const View<const float>& top, float least, float factor,
                       const View<float>& out);
void row_maxima(const View<const float>& x, const View<float>& out);
void gelu(const View<const float>& x, const View<float>& out);
void gelu_by_tanh(const View<const float>& x, const View<float>& out);
void hyperbolic_tangent(const View<const float>& x, const View<float>& out);
void integer_matmul(const View<const std::int8_t>& a, const View<const std::int8_t>& b,
                    const View<std::int32_t>& out);
void integer_matmul(const View<const std::uint8_t>& a, const View<const std::int8_t>& b,
                    const View<std::int32_t>& out);
/// Of one head.
void nearest_codes(const View<const float>& x, std::size_t head, float factor,
                   const View<std::int8_t>& codes);
void nearest_codes(const View<const float>& x, std::size_t head, float factor,
                   const View<std::uint8_t>& codes);
void scaled_integers(const View<const std::int32_t>& x, const View<const float>& factor,
                     const View<float>& out);
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
