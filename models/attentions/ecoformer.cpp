// EcoFormer: attention on binary codes, linear in tokens (Liu et al., EcoFormer: Energy-Saving
// Attention with Linear Complexity, NeurIPS 2022, eqs. 5 to 8)
//
//     h(x) in {-1, +1}^b, models/hash_functions.hpp;   s_ij = <h(q_i), h(k_j)> + (b + 1) > 0
//     out_i = (h(q_i)^T sum_j h(k_j) v_j^T + (b + 1) t_i) / (<h(q_i), sum_j h(k_j)> + M (b + 1))
//
// t_i = v_i (bias_term=token: what the authors' released code computes) or sum_j v_j (sequence:
// what the similarity implies). q [H, N, d], k [G, M, d], v [G, M, e] -> [H, N, e].
//
// form=linear: operations O(N (d m + m b + b e)) a head, no multiplication by a code. It writes
// the codes (b bits a token), a context [b, e] and sums, and the distances [N, m] where sigma
// follows from the input. form=hamming: the same similarities as b - 2 popcount(xor) on packed
// words, O(N M (b + e)), written and read as integers [H, N, M]; execution holds a block of rows.

#include <fmt/format.h>

#include <limits>

#include "models/attention.hpp"
#include "models/hash_functions.hpp"
#include "models/hash_learning.hpp"
#include "models/input_range.hpp"
#include "sim/kernels/hash_codes.hpp"
#include "sim/kernels/row_blocks.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

struct EcoFormer {
  static constexpr std::array<std::string_view, 7> phases{
      "normalise", "kernel", "hash", "context", "similarity", "normaliser", "output"};
  static constexpr bool takes_hash = true;
  static constexpr bool shares_queries_and_keys = true;
  static constexpr std::size_t rows_per_block = 512;

  std::size_t bits = 16;
  std::size_t anchors = 25;
  std::string bias_term = "token";
  std::string form = "linear";
  std::string distances = "direct";
  std::string source = "drawn";
  HashFunctions hash;

  void bind(Options& options) {
    options.integer("bits", bits, 1, 4096, "Number of bits of a code, where no hash file says it.");
    options.integer("anchors", anchors, 1, 4096, "Number of anchors, where no hash file says it.");
    options.choice("hash", source, {"drawn", "learned"},
                   "Hash functions, where no hash file has them: drawn at random, or learned on "
                   "the input's keys as learn-hash does it.");
    options.choice(
        "bias_term", bias_term, {"token", "sequence"},
        "What b + 1 multiplies in the numerator: v_i, as in the released code, or the sum "
        "of all v_j, as in the similarity.");
    options.choice("distances", distances, {"direct", "expanded"},
                   "Distances to anchors: sums of squared differences, or by way of a product of "
                   "matrices.");
    options.choice(
        "form", form, {"linear", "hamming"},
        "Form: linear makes the context first, O(N); hamming makes all similarities by xor "
        "and popcount, O(N^2).");
  }

  void prepare(const Qkv<float>& x, const Parameters& parameters) {
    if (bias_term == "token" && x.queries() != x.keys()) {
      throw InputError(
          "ecoformer", "bias_term=token",
          fmt::format("as many keys as queries ({}), or bias_term=sequence", x.queries()),
          fmt::format("{} keys", x.keys()));
    }
    demand_squared_norms("ecoformer", "keys", x.k);
    if (!x.shared) demand_squared_norms("ecoformer", "queries", x.q);
    hash = hash_for(x, parameters);
    bits = hash.bits();
    anchors = hash.anchors.cols();
    const auto most_keys =
        static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max()) / (2 * bits + 1);
    if (x.keys() > most_keys) {
      throw InputError(
          "ecoformer", "keys",
          fmt::format("at most {} keys for int32 sums of {}-bit codes", most_keys, bits),
          fmt::format("{}", x.keys()));
    }
  }

  HashFunctions hash_for(const Qkv<float>& x, const Parameters& parameters) {
    if (parameters.hash_file) {
      if (source == "learned") {
        throw InputError("ecoformer", "hash=learned", "no file of hash functions",
                         in_quotes(*parameters.hash_file));
      }
      source = "file";
      return load_hash_functions(*parameters.hash_file, x.k.heads, x.head_dim());
    }
    if (parameters.hash != nullptr) {
      source = "file";
      return hash_functions_of(parameters.hash->tensors, parameters.hash->origin, x.k.heads,
                               x.head_dim());
    }
    if (source == "file") source = "drawn";  // prepared before, with a file
    const std::span<const View<const float>> sequences =
        parameters.sequences.empty() ? std::span(&x.k, 1) : parameters.sequences;
    if (source == "drawn") return draw_hash_functions(sequences, anchors, bits, parameters.seed);
    return learn_hash_functions(sequences, anchors, bits, parameters.seed);
  }

  std::vector<std::string> notes() const { return {"hash functions: " + hash.origin}; }

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    const auto distance_form =
        distances == "expanded" ? DistanceForm::expanded : DistanceForm::direct;
    const auto hk = hash_codes<Real>(x.k, hash, ledger, distance_form);  // [G, M, b]
    if (x.shared) return attend<Real>(hk.view(), hk.view(), x.v, ledger);
    const auto hq = hash_codes<Real>(x.q, hash, ledger, distance_form);  // [H, N, b]
    return attend<Real>(hq.view(), hk.view(), x.v, ledger);
  }

  template <class Real>
  Tensor<Real> attend(const Codes<Real>& hq, const Codes<Real>& hk, const View<const Real>& v,
                      Ledger& ledger) const {
    const auto bias = static_cast<float>(bits + 1);
    const auto total_bias = static_cast<std::int32_t>(hk.rows * (bits + 1));
    const bool linear = form == "linear";
    const bool sequence = bias_term == "sequence";

    Tensor<Real> context(v.heads, bits, v.cols);   // sum_j h(k_j) v_j^T
    Tensor<Integer<Real>> sums(v.heads, 1, bits);  // sum_j h(k_j)
    if (linear) {
      signed_outer_sum<Real>(ledger["context"], hk, v, context);
      sum_of_codes<Real>(ledger["normaliser"], hk, sums);
    }
    Tensor<Real> bias_of_sequence(v.heads, 1, v.cols);  // (b + 1) sum_j v_j
    if (sequence) {
      sum_of_rows<Real>(ledger["output"], v, bias_of_sequence);
      scaled<Real>(ledger["output"], bias_of_sequence, bias, bias_of_sequence);
    }

    Tensor<Real> out(hq.heads, hq.rows, v.cols);
    by_independent_rows<Real>(
        ledger, hq.heads, hq.rows, rows_per_block, [&]<class R>(const RowBlock<R>& rows) {
          AddedRows<R> added;
          if (sequence) {
            added.common = rows.whole(bias_of_sequence.input());
          } else {
            added.own = rows(v);
            added.factor = bias;
          }
          if (linear) {
            output_of_codes<R>(ledger, rows(hq), rows.whole(context.input()),
                               rows.whole(sums.input()), total_bias, added, rows(out.view()));
            return;
          }
          Tensor<Integer<R>> similarities(rows.heads(hq.heads), rows.count(), hk.rows);
          Tensor<R> numerator = rows.tensor(hq.heads, v.cols, Residence::local);
          Tensor<Integer<R>> denominator(rows.heads(hq.heads), rows.count(), 1, Residence::local);
          code_similarities<R>(ledger["similarity"], rows(hq), rows.whole(hk), similarities);
          sums_of_integers<R>(ledger["normaliser"], similarities, total_bias, denominator);
          matmul<R>(ledger["output"], as_reals<R>(similarities, ledger.arithmetic()), rows.whole(v),
                    numerator);
          divide_added<R>(ledger["output"], numerator, added, denominator.input(),
                          rows(out.view()));
        });
    return out;
  }
};

const Registration<Attention, Model<EcoFormer>> registration{
    "ecoformer", "Binary codes from a learned or drawn hash; linear in tokens."};

}  // namespace
}  // namespace wattention
