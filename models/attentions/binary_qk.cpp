// Attention with binary queries and keys: their signs, and one scale a head (the binarisation of
// Rastegari et al., XNOR-Net, ECCV 2016, eqs. 4 to 8, on the queries and keys of attention)
//
//     out_i = sum_j p_ij v_j,   p_i = softmax_j(a <sign(q_i), sign(k_j)> / sqrt(d))
//     a = mean |q| mean |k|, means over the tokens and channels of a head;   sign(0) = +1
//
// q [H, N, d], k [G, M, d], v [G, M, e] -> [H, N, e], G divides H. Operations O(H N M (d + e)): for
// every pair d xor bits and d popcount bits, integer operations, one multiplication by the factor
// of its head before the softmax, and e macs. Scores multiply nothing. The algorithm writes codes
// (d bits a token; once where q and k are one tensor), integer similarities and weights
// [H, N, M]; this execution holds those for a block of rows: memory O(H (N + M)). fused=true:
// similarities and scores are tiles with a running maximum and are never written
// (models/fused_attention.hpp).

#include <optional>

#include "models/attention.hpp"
#include "models/fused_attention.hpp"
#include "sim/kernels/integers.hpp"
#include "sim/kernels/row_blocks.hpp"
#include "sim/kernels/rows.hpp"

namespace wattention {
namespace {

template <class Real>
struct Binarised {
  BitMatrix<PackedBits<Real>> codes;
  Tensor<Real> scale;  // mean |x|, [heads, 1, 1]
};

struct BinaryQk {
  static constexpr std::array<std::string_view, 4> phases{"binarise", "scores", "softmax",
                                                          "output"};

  bool fused = false;
  std::size_t tile = 64;

  void bind(Options& options) {
    options.flag("fused", fused,
                 "Whether scores stay in the innermost memory, tile by tile, as in flash.");
    options.integer("tile", tile, 1, 1048576, "Number of keys of a tile, where fused=true.");
  }

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    const auto q = binarised<Real>(x.q, ledger["binarise"]);
    std::optional<Binarised<Real>> own_k;
    if (!x.shared) own_k = binarised<Real>(x.k, ledger["binarise"]);
    const Binarised<Real>& k = own_k ? *own_k : q;
    Tensor<Real> factor(x.heads(), 1, 1);
    product_of_scales<Real>(ledger["binarise"], q.scale, k.scale,
                            1.0F / std::sqrt(static_cast<float>(x.head_dim())), factor);
    Tensor<Real> out(x.heads(), x.queries(), x.value_dim());
    const Codes<Real> codes_of_q = q.codes.view();
    const Codes<Real> codes_of_k = k.codes.view();

    if (fused) {
      const std::uint64_t pair_bytes =
          packed_bytes(1, Format::int32) + bytes_of<Real>(ledger.arithmetic(), 1);
      fused_attention<Real>(
          ledger, codes_of_q, codes_of_k, x.v, out.view(), tile, pair_bytes,
          [&]<class R>(const RowBlock<R>& rows, std::size_t first, std::size_t width,
                       const auto& scores) {
            Tensor<Integer<R>> similarities(rows.heads(x.heads()), rows.count(), width,
                                            Residence::local);
            code_similarities<R>(ledger["scores"], rows(codes_of_q),
                                 rows.whole(codes_of_k).slice(first, width), similarities);
            scaled_integers<R>(ledger["softmax"], similarities, rows.whole(factor.input()), scores);
          });
      return out;
    }
    by_independent_rows<Real>(
        ledger, x.heads(), x.queries(), rows_in_cache(x.keys()),
        [&]<class R>(const RowBlock<R>& rows) {
          Tensor<Integer<R>> similarities(rows.heads(x.heads()), rows.count(), x.keys());
          code_similarities<R>(ledger["scores"], rows(codes_of_q), rows.whole(codes_of_k),
                               similarities);
          Tensor<R> weights = rows.tensor(x.heads(), x.keys(), Residence::memory);
          scaled_integers<R>(ledger["softmax"], similarities, rows.whole(factor.input()), weights);
          View<R> in_one_pass = weights;  // the row that was just scaled is still at hand
          in_one_pass.residence = Residence::local;
          softmax_rows<R>(ledger["softmax"], in_one_pass);
          matmul<R>(ledger["output"], weights, rows.whole(x.v), rows(out.view()));
        });
    return out;
  }

  template <class Real>
  static Binarised<Real> binarised(const View<const Real>& x, Phase& phase) {
    Binarised<Real> out{{x.heads, x.rows, x.cols}, {x.heads, 1, 1}};
    Tensor<Real> magnitudes(x.heads, x.rows, x.cols, Residence::local);
    binarise<Real>(phase, x, out.codes.view(), magnitudes);
    mean_of_head<Real>(phase, magnitudes, out.scale);
    return out;
  }
};

const Registration<Attention, Model<BinaryQk>> registration{
    "binary-qk",
    "Compares the signs of queries and keys by xor and popcount; quadratic in tokens."};

}  // namespace
}  // namespace wattention
