// LSH attention, not causal (Kitaev et al., Reformer: The Efficient Transformer, ICLR 2020, section
// 2, eq. 3 and, for several rounds, appendix A)
//
//     bucket_r(x) = argmax [x R_r, -x R_r],   R_r [d, buckets / 2]
//     o_ir = sum_j p_ij v_j,   p_i = softmax_j(<x_i, x_j / ||x_j||> / sqrt(d)),   j seen in round r
//     out_i = sum_r exp(L_ir - L_i) o_ir,   L_ir = log sum_j exp(score_ij),   L_i = log sum_r
//     exp(L_ir)
//
// Queries and keys are one tensor x [H, N, d] (keys that differ are ignored, and a note says so); v
// [H, N, e] -> [H, N, e]. In each round tokens are sorted by (bucket, position) and cut into chunks
// of c; a chunk sees itself and the chunk before it, the first one the last c tokens, and a token
// that is seen several times, in a round or in several, counts as often. (So does Hugging Face's
// implementation; the paper's log N_ij is left out.) The score of a token with itself is replaced
// by -1e5. Operations O(rounds H N (d buckets + 2 c (d + e))): in a round d macs for each rotation,
// buckets - 1 comparisons, 2 N + buckets - 1 integer additions of a counting sort, then softmax
// attention over at most 2 c keys; rounds are joined by their maxima and sums, without a logarithm.
// No count depends on the data: every chunk but the last is full. It writes buckets, order, sorted
// x, keys and v, scores and weights [H, N, 2 c] and, where rounds are joined, the output of each;
// memory O(rounds H N).
//
// The defaults are 2 rounds and 2 N / c buckets, those of the authors' configurations for enwik8
// and imagenet64 (google/trax, reformer_enwik8.gin and reformer_imagenet64.gin). More than 2 c
// buckets are not taken: beyond, implementations find a bucket in two factors, which this one does
// not.

#include <fmt/format.h>

#include <limits>
#include <vector>

#include "models/attention.hpp"
#include "models/input_range.hpp"
#include "sim/kernels/buckets.hpp"
#include "sim/kernels/windows.hpp"
#include "sim/random.hpp"

namespace wattention {
namespace {

/// [h, n, c] with the last `wrapped` rows once more in front: where the first chunk looks back to.
template <class Real>
struct Wrapped {
  Wrapped(std::size_t heads, std::size_t rows, std::size_t cols, std::size_t wrapped_rows)
      : wrapped(wrapped_rows), tensor(heads, wrapped_rows + rows, cols) {}

  View<Real> rows() { return tensor.view().slice(wrapped, tensor.rows() - wrapped); }

  /// Copies the last rows to the front. An implementation would address them in place: no traffic.
  void wrap() {
    if constexpr (computes<Real>) {
      const Setup setup;
      const std::size_t last = tensor.rows() - wrapped;
      for (std::size_t h = 0; h < tensor.heads(); ++h) {
        std::copy_n(tensor.view().row(h, last), wrapped * tensor.cols(), tensor.view().row(h, 0));
      }
    }
  }

  std::size_t wrapped;
  Tensor<Real> tensor;
};

struct Reformer {
  static constexpr std::array<std::string_view, 6> phases{"hash",   "sort",    "normalise",
                                                          "scores", "softmax", "output"};
  static constexpr bool shares_queries_and_keys = true;
  static constexpr std::size_t rows_per_block = 64;
  static constexpr std::size_t most_buckets = 65536;

  static constexpr std::size_t most_rounds = 1024;

  std::size_t chunk = 64;
  std::size_t chosen_rounds = 0;
  std::size_t chosen_buckets = 0;
  std::optional<NamedTensor> given_rotations;
  std::size_t rounds = 0;   // for this input
  std::size_t buckets = 0;  // for this input
  Tensor<float> rotations;  // [1, d, rounds buckets / 2]
  std::string origin;
  bool ignores_keys = false;

  void bind(Options& options) {
    options.integer("chunk", chunk, 1, 1048576,
                    "Number of tokens of a chunk. The last may have fewer.");
    options.integer("rounds", chosen_rounds, 0, most_rounds,
                    "Number of rounds of hashing. 0 is 2, the authors', or as many as the given "
                    "rotations have.");
    options.integer(
        "buckets", chosen_buckets, 0, most_buckets,
        "Number of buckets, which is even. 0 is 2 tokens / chunk, the authors', but no more than 2 "
        "chunk, or twice the columns of the given rotations.");
    options.tensor(
        "rotations", given_rotations,
        "Rotations, [head dim, buckets / 2] for one round, or [rounds, head dim, buckets / 2]. "
        "Otherwise they are drawn from the normal distribution by seed.");
  }

  void prepare(const Qkv<float>& x, const Parameters& parameters) {
    ignores_keys = !x.shared;
    if (x.queries() != x.keys() || x.q.heads != x.k.heads) {
      throw InputError("reformer", "keys",
                       fmt::format("as many as queries: {} heads of {}", x.heads(), x.queries()),
                       fmt::format("{} heads of {}", x.k.heads, x.keys()));
    }
    constexpr auto most_tokens = static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
    if (x.queries() > most_tokens) {
      throw InputError("reformer", "queries",
                       fmt::format("at most {}, for int32 positions", most_tokens),
                       fmt::format("{}", x.queries()));
    }
    demand_squared_norms("reformer", "queries", x.q);
    if (given_rotations) {
      take_rotations(x.head_dim(), x.q.data != nullptr);
    } else {
      draw_rotations(x.queries(), x.head_dim(), parameters.seed, x.q.data != nullptr);
    }
  }

  std::vector<std::string> notes() const {
    std::vector<std::string> notes{fmt::format("rotations: {}, {} round{} of {} buckets", origin,
                                               rounds, rounds == 1 ? "" : "s", buckets)};
    if (ignores_keys) {
      notes.emplace_back(
          "keys ignored: Reformer's queries are its keys, so its error here means little");
    }
    return notes;
  }

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    const std::size_t heads = x.heads();
    const std::size_t tokens = x.queries();
    const std::size_t value_dim = x.value_dim();
    const std::vector<Tensor<Integer<Real>>> orders = sorted_tokens<Real>(x.q, ledger);

    Tensor<Real> out(heads, tokens, value_dim);
    if (rounds == 1) {
      attend<Real>(x, orders[0].input(), ledger, out.view(), {}, {});
      return out;
    }
    Tensor<Real> outputs(heads, tokens, rounds * value_dim);
    Tensor<Real> tops(heads, tokens, rounds);
    Tensor<Sum<Real>> totals(heads, tokens, rounds);
    for (std::size_t r = 0; r < rounds; ++r) {
      attend<Real>(x, orders[r].input(), ledger, columns(outputs.view(), r * value_dim, value_dim),
                   columns(tops.view(), r, 1), columns(totals.view(), r, 1));
    }
    join_rounds<Real>(ledger["output"], outputs, tops, totals.input(), out);
    return out;
  }

  /// One round: the output of each token [H, N, e] and, where they have a place, the maximum of its
  /// scores and the sum of exp(score - maximum), [H, N, 1].
  template <class Real>
  void attend(const Qkv<Real>& x, const View<const Integer<Real>>& order, Ledger& ledger,
              const View<Real>& out, const View<Real>& tops, const View<Sum<Real>>& totals) const {
    const std::size_t heads = x.heads();
    const std::size_t tokens = x.queries();
    const bool keeps_sums = rounds > 1;
    const std::size_t looks_back = std::min(chunk, tokens);
    Tensor<Real> queries(heads, tokens, x.head_dim());
    Wrapped<Real> keys(heads, tokens, x.head_dim(), looks_back);
    Wrapped<Real> values(heads, tokens, x.value_dim(), looks_back);
    gather_rows<Real>(ledger["sort"], x.q, order, queries);
    gather_rows<Real>(ledger["sort"], x.v, order, values.rows());
    normalise_rows<Real>(ledger["normalise"], queries, keys.rows());
    keys.wrap();
    values.wrap();
    const Tensor<Real> key_columns = transposed(keys.tensor.view());  // [H, d, looks_back + N]

    const float factor = 1.0F / std::sqrt(static_cast<float>(x.head_dim()));
    Tensor<Real> sorted_out(heads, tokens, x.value_dim(), Residence::local);
    Tensor<Real> sorted_tops(heads, tokens, 1, Residence::local);
    Tensor<Sum<Real>> sorted_totals(heads, tokens, 1, Residence::local);
    for (std::size_t first = 0; first < tokens; first += chunk) {
      const std::size_t count = std::min(chunk, tokens - first);
      const std::size_t seen = looks_back + count;
      softmax_attention_over<Real>(
          ledger, queries.view().slice(first, count), columns(key_columns.view(), first, seen),
          values.tensor.view().slice(first, seen), factor, sorted_out.view().slice(first, count),
          [&]<class R>(const RowBlock<R>& rows, auto scores) {
            if constexpr (computes<R>) {
              suppress_own_scores(scores, ledger.arithmetic(), first, rows.first(), looks_back,
                                  tokens);
            }
            if (keeps_sums) {
              softmax_rows_keeping_sums<R>(ledger["softmax"], scores,
                                           rows(sorted_tops.view().slice(first, count)),
                                           rows(sorted_totals.view().slice(first, count)));
            } else {
              softmax_rows<R>(ledger["softmax"], scores);
            }
          });
    }
    scatter_rows<Real>(ledger["output"], sorted_out, order, out);
    if (keeps_sums) {
      scatter_rows<Real>(ledger["output"], sorted_tops, order, tops);
      scatter_rows<Sum<Real>>(ledger["output"], sorted_totals.input(), order, totals);
    }
  }

  /// The tokens of each head by (bucket, position), [H, N, 1], for each round.
  template <class Real>
  std::vector<Tensor<Integer<Real>>> sorted_tokens(const View<const Real>& x,
                                                   Ledger& ledger) const {
    const Tensor<Real> rotation = converted<Real>(rotations.view(), ledger.arithmetic());
    std::vector<Tensor<Integer<Real>>> bucket;
    std::vector<Tensor<Integer<Real>>> orders;
    for (std::size_t r = 0; r < rounds; ++r) {
      bucket.emplace_back(x.heads, x.rows, 1);
      orders.emplace_back(x.heads, x.rows, 1);
    }
    by_rows<Real>(ledger, x.rows, rows_per_block, [&]<class R>(const RowBlock<R>& rows) {
      const std::size_t half = buckets / 2;
      Tensor<R> rotated = rows.tensor(x.heads, rounds * half, Residence::local);
      matmul_in_order<R>(ledger["hash"], rows(x), rows.whole(rotation.view()), rotated);
      for (std::size_t r = 0; r < rounds; ++r) {
        buckets_of_rotations<R>(ledger["hash"], columns(rotated.input(), r * half, half),
                                rows(bucket[r].view()));
      }
    });
    for (std::size_t r = 0; r < rounds; ++r) {
      order_by_bucket<Real>(ledger["sort"], bucket[r], buckets, orders[r]);
    }
    return orders;
  }

  /// `scores` are rows [row, ...) of the chunk that begins at place `first`. In the first chunk,
  /// which looks back to the last tokens, a token may meet itself twice.
  template <class Real>
  static void suppress_own_scores(const View<Real>& scores, const Arithmetic& arithmetic,
                                  std::size_t first, std::size_t row, std::size_t looks_back,
                                  std::size_t tokens) {
    const float lowest = std::max(-1e5F, -arithmetic.largest());
    const auto own_score = real_of<Real>(lowest, arithmetic);
    const std::size_t wraps_from = tokens - looks_back;
    const Setup setup;  // a mask that is known before any input
    for (std::size_t h = 0; h < scores.heads; ++h) {
      for (std::size_t r = 0; r < scores.rows; ++r) {
        const std::size_t place = first + row + r;
        scores(h, r, looks_back + row + r) = own_score;
        if (first == 0 && place >= wraps_from) scores(h, r, place - wraps_from) = own_score;
      }
    }
  }

 private:
  void take_rotations(std::size_t head_dim, bool has_data) {
    const auto& [file, array] = *given_rotations;
    std::vector<std::size_t> shape = array.shape;
    if (shape.size() == 2) shape.insert(shape.begin(), 1);
    if (shape.size() != 3 || shape[0] < 1 || shape[0] > most_rounds || shape[1] != head_dim ||
        shape[2] < 1 || shape[2] > most_buckets / 2) {
      throw InputError(
          file, "rotations",
          fmt::format("shape [head dim, buckets / 2] [{0}, any] or [rounds, head dim, "
                      "buckets / 2] [any, {0}, any], at most {1} rounds and {2} buckets",
                      head_dim, most_rounds, most_buckets),
          shape_text(array.shape));
    }
    demand_same("rounds", chosen_rounds, shape[0]);
    demand_same("buckets", chosen_buckets, 2 * shape[2]);
    rounds = shape[0];
    buckets = 2 * shape[2];
    origin = file;
    allocate_rotations(head_dim, has_data);
    if (!has_data) return;
    const float* number = array.data.data();
    for (std::size_t r = 0; r < rounds; ++r) {
      for (std::size_t c = 0; c < head_dim; ++c, number += shape[2]) {
        std::copy_n(number, shape[2], rotations.view().row(0, c) + r * shape[2]);
      }
    }
  }

  /// Refuses an option that says something else than the given rotations.
  void demand_same(std::string_view option, std::size_t chosen, std::size_t given) const {
    if (chosen == 0 || chosen == given) return;
    throw InputError("reformer", fmt::format("{}={}", option, chosen),
                     fmt::format("the {} of {}, or none", given, given_rotations->file),
                     fmt::format("{}", chosen));
  }

  void draw_rotations(std::size_t tokens, std::size_t head_dim, std::uint64_t seed, bool has_data) {
    if (chosen_buckets % 2 != 0) {
      throw InputError("reformer", "buckets", "an even number", fmt::format("{}", chosen_buckets));
    }
    rounds = chosen_rounds != 0 ? chosen_rounds : 2;
    buckets = chosen_buckets != 0 ? chosen_buckets
                                  : std::clamp<std::size_t>(2 * (tokens / chunk), 2,
                                                            std::min(2 * chunk, most_buckets));
    origin = fmt::format("drawn, seed {}", seed);
    allocate_rotations(head_dim, has_data);
    if (!has_data) return;
    Random random(seed);
    std::generate_n(rotations.data(), rotations.size(), [&random] { return random.normal(); });
  }

  void allocate_rotations(std::size_t head_dim, bool has_data) {
    const std::uint64_t cols = product(rounds, buckets / 2);
    rotations = has_data ? Tensor<float>(1, head_dim, cols)
                         : Tensor<float>::without_data(1, head_dim, cols);
  }
};

const Registration<Attention, Model<Reformer>> registration{
    "reformer",
    "Tokens attend inside chunks of like tokens, sorted by rounds of hashing; linear in tokens."};

}  // namespace
}  // namespace wattention
