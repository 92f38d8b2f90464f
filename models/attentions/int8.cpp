// Softmax attention on 8-bit integers (Zafrir et al., Q8BERT: Quantized 8Bit BERT, NeurIPS EMC2
// workshop 2019, eqs. 1 and 2, on both products of attention)
//
//     Q(x) = round(127 x / max|x|), int8, one scale a head
//     s_ij = <Q(q_i), Q(k_j)> max|q| max|k| / (127^2 sqrt(d))
//     w_ij = round(255 exp(s_ij - max_j s_ij))
//     out_i = (sum_j w_ij Q(v_j)) (max|v| / 127 / sum_j w_ij)
//
// Weights are quantised before they are normalised, so that the largest of a row is 255 whatever
// the number of keys; the division by their sum comes last. Rounds half to even; weights are
// unsigned; products of 8 bits are summed in 32. q [H, N, d], k [G, M, d], v [G, M, e] -> [H, N,
// e], G divides H. Operations O(H N M (d + e)): for every pair d + e integer multiplications and
// additions, a scaling, a subtraction and an exponential in floating point, a multiplication by 255
// and an integer addition; for every row a division, and a multiplication for each number of the
// output. Scales and multiplications by them are fp32 in every precision. The algorithm writes
// 8-bit codes (those of q once where k is the same tensor), 32-bit scores and 8-bit weights [H, N,
// M]; this execution holds scores and weights for a block of rows: memory O(H (N + M)).
//
// fused=true: scores and weights are tiles that are never written. A further tile raises the
// maximum to m', and what earlier tiles gave is multiplied by exp(m - m') in fp32; weights are then
// rounded relative to the maximum so far.

#include <fmt/format.h>

#include <optional>

#include "models/attention.hpp"
#include "models/input_range.hpp"
#include "sim/kernels/integers.hpp"
#include "sim/kernels/row_blocks.hpp"
#include "sim/kernels/rows.hpp"
#include "sim/kernels/running_softmax.hpp"
#include "sim/kernels/windows.hpp"

namespace wattention {
namespace {

template <class Real>
struct Quantised {
  Tensor<Int8<Real>> codes;
  Tensor<Fp32<Real>> largest;  // max |x|, [heads, 1, 1]
};

constexpr auto most_code = static_cast<float>(largest_code<std::int8_t>);

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

  bool fused = false;
  std::size_t tile = 64;

  void bind(Options& options) {
    options.flag("fused", fused,
                 "Whether scores stay in the innermost memory, tile by tile, as in flash.");
    options.integer("tile", tile, 1, 1048576, "Number of keys of a tile, where fused=true.");
  }

  static void prepare(const Qkv<float>& x, const Parameters& /*parameters*/) {
    constexpr std::int32_t code = largest_code<std::int8_t>;
    demand_terms("head_dim", x.head_dim(), code, code);
    demand_terms("keys", x.keys(), largest_code<std::uint8_t>, code);
    demand_product_of_scales("int8", x.q, x.shared ? x.q : x.k);
  }

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    Phase& quantising = ledger["quantise"];
    const auto q = quantised<Real>(x.q, quantising);
    std::optional<Quantised<Real>> own_k;
    if (!x.shared) own_k = quantised<Real>(x.k, quantising);
    const Quantised<Real>& k = own_k ? *own_k : q;
    auto v = quantised<Real>(x.v, quantising);
    const Tensor<Int8<Real>> keys = transposed(k.codes.view());  // [G, d, M]

    const float root = std::sqrt(static_cast<float>(x.head_dim()));
    Tensor<Fp32<Real>> factor(x.heads(), 1, 1);
    product_of_scales<Fp32<Real>>(quantising, q.largest, k.largest,
                                  1.0F / (most_code * most_code * root), factor);
    scaled<Fp32<Real>>(quantising, v.largest, 1.0F / most_code, v.largest);

    Tensor<Real> out(x.heads(), x.queries(), x.value_dim());
    const auto attend = [&](const auto& rows) {
      if (fused) {
        by_tiles(rows, x, q, keys, v, factor, out, ledger);
      } else {
        by_rows_of_scores(rows, x, q, keys, v, factor, out, ledger);
      }
    };
    by_independent_rows<Real>(ledger, x.heads(), x.queries(), rows_per_block, attend);
    return out;
  }

  /// Scores and weights of a block of rows, of all keys.
  template <class Rows, class Real>
  void by_rows_of_scores(const Rows& rows, const Qkv<Real>& x, const Quantised<Real>& q,
                         const Tensor<Int8<Real>>& keys, const Quantised<Real>& v,
                         const Tensor<Fp32<Real>>& factor, Tensor<Real>& out,
                         Ledger& ledger) const {
    using R = typename Rows::Real;
    const std::size_t heads = rows.heads(x.heads());
    Tensor<Integer<R>> scores(heads, rows.count(), x.keys());
    integer_matmul<R>(ledger["scores"], rows(q.codes.input()), rows.whole(keys.view()), scores);

    Tensor<R> weights = rows.tensor(x.heads(), x.keys(), Residence::local);
    Tensor<UInt8<R>> codes(heads, rows.count(), x.keys());
    scaled_integers<R>(ledger["softmax"], scores, rows.whole(factor.input()), weights);
    exponentiate_rows<R>(ledger["softmax"], weights);
    quantise_weights<R>(ledger["softmax"], weights, codes);

    Tensor<Integer<R>> totals(heads, rows.count(), 1, Residence::local);
    Tensor<Integer<R>> sums(heads, rows.count(), x.value_dim(), Residence::local);
    View<UInt8<R>> at_hand = codes;  // the row that was just quantised
    at_hand.residence = Residence::local;
    sums_of_weights<R>(ledger["softmax"], at_hand, totals);
    integer_matmul<R>(ledger["output"], codes.input(), rows.whole(v.codes.input()), sums);
    scaled_by_quotients<R, Integer<R>>(ledger["output"], sums.input(), totals.input(),
                                       rows.whole(v.largest.input()), rows(out.view()));
  }

  /// The same by tiles of keys with a running maximum.
  template <class Rows, class Real>
  void by_tiles(const Rows& rows, const Qkv<Real>& x, const Quantised<Real>& q,
                const Tensor<Int8<Real>>& keys, const Quantised<Real>& v,
                const Tensor<Fp32<Real>>& factor, Tensor<Real>& out, Ledger& ledger) const {
    using R = typename Rows::Real;
    const std::size_t heads = rows.heads(x.heads());
    const std::uint64_t pair_bytes = packed_bytes(1, Format::int32) +
                                     bytes_of<R>(ledger.arithmetic(), 1) +
                                     packed_bytes(1, Format::int8);
    const std::uint64_t state_bytes =
        bytes_of<R>(ledger.arithmetic(), 1) + packed_bytes(x.value_dim() + 1, Format::fp32);
    declare_tiles(ledger["scores"], ledger["output"], rows(q.codes.input()),
                  rows.whole(keys.view()), rows.whole(v.codes.input()), rows(out.view()),
                  state_bytes, pair_bytes);
    const Ledger::Fused inside(ledger);
    Tensor<R> top(heads, rows.count(), 1, Residence::local);
    Tensor<R> correction(heads, rows.count(), 1, Residence::local);
    Tensor<Fp32<R>> total(heads, rows.count(), 1, Residence::local);
    Tensor<Fp32<R>> weighted(heads, rows.count(), x.value_dim(), Residence::local);
    for (std::size_t first = 0; first < x.keys(); first += tile) {
      const std::size_t width = std::min(tile, x.keys() - first);
      Tensor<Integer<R>> scores(heads, rows.count(), width, Residence::local);
      Tensor<R> weights(heads, rows.count(), width, Residence::local);
      Tensor<UInt8<R>> codes(heads, rows.count(), width, Residence::local);
      Tensor<Integer<R>> totals(heads, rows.count(), 1, Residence::local);
      Tensor<Integer<R>> sums(heads, rows.count(), x.value_dim(), Residence::local);
      const bool first_tile = first == 0;
      integer_matmul<R>(ledger["scores"], rows(q.codes.input()),
                        columns(rows.whole(keys.view()), first, width), scores);
      scaled_integers<R>(ledger["softmax"], scores, rows.whole(factor.input()), weights);
      running_exponentials<R>(ledger["softmax"], weights, first_tile, top, correction);
      quantise_weights<R>(ledger["softmax"], weights, codes);
      sums_of_weights<R>(ledger["softmax"], codes, totals);
      add_tile_of_integers<R>(ledger["softmax"], totals, correction, first_tile, total);
      integer_matmul<R>(ledger["output"], codes.input(),
                        rows.whole(v.codes.input()).slice(first, width), sums);
      add_tile_of_integers<R>(ledger["output"], sums, correction, first_tile, weighted);
    }
    scaled_by_quotients<R, Fp32<R>>(ledger["output"], weighted.input(), total.input(),
                                    rows.whole(v.largest.input()), rows(out.view()));
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
    "int8", "Softmax attention on 8-bit products in 32-bit sums; quadratic in tokens."};

}  // namespace
}  // namespace wattention
