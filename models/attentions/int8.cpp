// Softmax attention on 8-bit integers (Zafrir et al., Q8BERT: Quantized 8Bit BERT, NeurIPS EMC2
// workshop 2019, eqs. 1 and 2, on both products of attention)
//
//     Q(x) = round(127 x / max|x|), int8, one scale a head
//     p_i = softmax_j(<Q(q_i), Q(k_j)> max|q| max|k| / (127^2 sqrt(d)))
//     out_i = sum_j round(255 p_ij) Q(v_j) max|v| / (255 127)
//
// Rounds half to even; weights are unsigned; products of 8 bits are summed in 32. q [H, N, d],
// k [G, M, d], v [G, M, e] -> [H, N, e], G divides H. Operations O(H N M (d + e)): for every pair
// d + e integer multiplications and additions, a scaling, the softmax in floating point, and a
// multiplication by 255. Scales and multiplications by them are fp32 in every precision. The
// algorithm writes 8-bit codes, 32-bit scores and 8-bit weights [H, N, M]; this execution holds
// scores and weights for a block of rows: memory O(H (N + M)).

#include <fmt/format.h>

#include "models/attention.hpp"
#include "sim/integer_kernels.hpp"
#include "sim/row_blocks.hpp"
#include "sim/row_kernels.hpp"

namespace wattention {
namespace {

template <class Real>
struct Quantised {
  Tensor<Int8<Real>> codes;
  Tensor<Fp32<Real>> largest;  // max |x|, [heads, 1, 1]
};

constexpr auto most_code = static_cast<float>(largest_code<std::int8_t>);
constexpr auto most_weight = static_cast<float>(largest_code<std::uint8_t>);

/// Refuses more products of codes up to `a` and `b` than an int32 sums.
void demand_terms(const char* what, std::uint64_t terms, std::int32_t a, std::int32_t b) {
  const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max() / (a * b));
  if (terms > most) {
    throw InputError("int8", what, fmt::format("at most {} for int32 sums of int8 products", most),
                     fmt::format("{}", terms));
  }
}

struct EightBit {
  static constexpr std::array<std::string_view, 4> phases{"quantise", "scores", "softmax",
                                                          "output"};
  static constexpr std::size_t rows_per_block = 64;

  static void prepare(const Qkv<float>& x, const Parameters& /*parameters*/) {
    constexpr std::int32_t code = largest_code<std::int8_t>;
    demand_terms("head_dim", x.head_dim(), code, code);
    demand_terms("keys", x.keys(), largest_code<std::uint8_t>, code);
  }

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    Phase& quantising = ledger["quantise"];
    const auto q = quantised<Real>(x.q, quantising);
    const auto k = quantised<Real>(x.k, quantising);
    auto v = quantised<Real>(x.v, quantising);
    const Tensor<Int8<Real>> keys = transposed(k.codes.view());  // [G, d, M]

    const float root = std::sqrt(static_cast<float>(x.head_dim()));
    Tensor<Fp32<Real>> factor(x.heads(), 1, 1);
    product_of_scales<Fp32<Real>>(quantising, q.largest, k.largest,
                                  1.0F / (most_code * most_code * root), factor);
    Tensor<Fp32<Real>>& factor_of_values = v.largest;
    scaled<Fp32<Real>>(quantising, factor_of_values, 1.0F / (most_weight * most_code),
                       factor_of_values);

    Tensor<Real> out(x.heads(), x.queries(), x.value_dim());
    by_independent_rows<Real>(
        ledger, x.heads(), x.queries(), rows_per_block, [&](const auto& rows) {
          using R = typename std::remove_cvref_t<decltype(rows)>::Real;
          Tensor<Integer<R>> scores(rows.heads(x.heads()), rows.count(), x.keys());
          integer_matmul<R>(ledger["scores"], rows(q.codes.input()), rows.whole(keys.view()),
                            scores);

          Tensor<R> weights = rows.tensor(x.heads(), x.keys(), Residence::local);
          Tensor<UInt8<R>> codes(rows.heads(x.heads()), rows.count(), x.keys());
          scaled_integers<R>(ledger["softmax"], scores, rows.whole(factor.input()), weights);
          softmax_rows<R>(ledger["softmax"], weights);
          quantise_weights<R>(ledger["softmax"], weights, codes);

          Tensor<Integer<R>> sums(rows.heads(x.heads()), rows.count(), x.value_dim(),
                                  Residence::local);
          integer_matmul<R>(ledger["output"], codes.input(), rows.whole(v.codes.input()), sums);
          scaled_integers<R>(ledger["output"], sums, rows.whole(factor_of_values.input()),
                             rows(out.view()));
        });
    return out;
  }

  template <class Real>
  static Quantised<Real> quantised(const View<const Real>& x, Phase& phase) {
    Quantised<Real> out{{x.heads, x.rows, x.cols}, {x.heads, 1, 1}};
    largest_magnitude<Real>(phase, x, out.largest);
    quantise<Real>(phase, x, out.largest, out.codes);
    return out;
  }
};

const Registration<Attention, Model<EightBit>> registration{
    "int8", "softmax attention on 8-bit products in 32-bit sums, quadratic in tokens"};

}  // namespace
}  // namespace wattention
