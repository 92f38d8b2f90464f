// LSH attention, one round, not causal (Kitaev et al., Reformer: The Efficient Transformer, ICLR
// 2020, section 2 and eq. 3)
//
//     bucket(x) = argmax [x R, -x R],   R [d, buckets / 2]
//     out_i = sum_j p_ij v_j,   p_i = softmax_j(<x_i, x_j / ||x_j||> / sqrt(d)),   j seen by i
//
// Queries and keys are one tensor x [H, N, d] (keys that differ are ignored, and a note says so); v
// [H, N, e] -> [H, N, e]. Tokens are sorted by (bucket, position) and cut into chunks of c; a chunk
// sees itself and the chunk before it, the first one the last c tokens, and a token that is seen
// twice counts twice. The score of a token with itself is replaced by -1e5. Operations O(H N (d
// buckets + 2 c (d + e))): d macs for each rotation, buckets - 1 comparisons, 2 N + buckets - 1
// integer additions of a counting sort, then softmax attention over at most 2 c keys. No count
// depends on the data: every chunk but the last is full. It writes buckets, order, sorted x, keys
// and v, and scores and weights [H, N, 2 c]; memory O(H N).

#include <fmt/format.h>

#include <limits>

#include "models/attention.hpp"
#include "sim/bucket_kernels.hpp"
#include "sim/random.hpp"
#include "sim/window_kernels.hpp"

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

  std::size_t chunk = 64;
  std::size_t buckets = 16;
  std::optional<NamedTensor> given_rotations;
  Tensor<float> rotations;  // [1, d, buckets / 2]
  std::string origin;
  bool ignores_keys = false;

  void bind(Options& options) {
    options.integer("chunk", chunk, 1, 1048576, "tokens of a chunk; the last may have fewer");
    options.integer("buckets", buckets, 2, most_buckets,
                    "buckets, an even number; twice the columns of rotations that are given");
    options.tensor("rotations", given_rotations, "[head dim, buckets / 2]; else normal by seed");
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
    if (given_rotations) {
      take_rotations(x.head_dim(), x.q.data != nullptr);
    } else {
      draw_rotations(x.head_dim(), parameters.seed, x.q.data != nullptr);
    }
  }

  std::vector<std::string> notes() const {
    std::vector<std::string> notes{"rotations: " + origin};
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
    const Tensor<Integer<Real>> order = sorted_tokens<Real>(x.q, ledger);  // [H, N, 1]

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
    for (std::size_t first = 0; first < tokens; first += chunk) {
      const std::size_t count = std::min(chunk, tokens - first);
      const std::size_t seen = looks_back + count;
      softmax_attention_over<Real>(
          ledger, queries.view().slice(first, count), columns(key_columns.view(), first, seen),
          values.tensor.view().slice(first, seen), factor, sorted_out.view().slice(first, count),
          [&](const View<Real>& scores, std::size_t row) {
            suppress_own_scores(scores, first, row, looks_back, tokens);
          });
    }
    Tensor<Real> out(heads, tokens, x.value_dim());
    scatter_rows<Real>(ledger["output"], sorted_out, order, out);
    return out;
  }

  /// The tokens of each head by (bucket, position).
  template <class Real>
  Tensor<Integer<Real>> sorted_tokens(const View<const Real>& x, Ledger& ledger) const {
    const Tensor<Real> rotation = converted<Real>(rotations.view());
    Tensor<Integer<Real>> bucket(x.heads, x.rows, 1);
    by_rows<Real>(ledger, x.rows, rows_per_block, [&](const auto& rows) {
      using R = typename std::remove_cvref_t<decltype(rows)>::Real;
      Tensor<R> rotated = rows.tensor(x.heads, buckets / 2, Residence::local);
      matmul_in_order<R>(ledger["hash"], rows(x), rows.whole(rotation.view()), rotated);
      buckets_of_rotations<R>(ledger["hash"], rotated, rows(bucket.view()));
    });
    Tensor<Integer<Real>> order(x.heads, x.rows, 1);
    order_by_bucket<Real>(ledger["sort"], bucket, buckets, order);
    return order;
  }

  /// `scores` are rows [row, ...) of the chunk that begins at place `first`. In the first chunk,
  /// which looks back to the last tokens, a token may meet itself twice.
  template <class Real>
  static void suppress_own_scores(const View<Real>& scores, std::size_t first, std::size_t row,
                                  std::size_t looks_back, std::size_t tokens) {
    constexpr float lowest_of_fp16 = -65504.0F;
    const Real own_score(format_of<Real> == Format::fp16 ? lowest_of_fp16 : -1e5F);
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
    const std::size_t half = array.shape.size() == 2 ? array.shape[1] : 0;
    const std::vector<std::size_t> fitting{head_dim,
                                           std::clamp<std::size_t>(half, 1, most_buckets / 2)};
    if (array.shape != fitting) {
      throw InputError(file, "rotations",
                       fmt::format("shape [head dim, buckets / 2] {}", shape_text(fitting)),
                       shape_text(array.shape));
    }
    buckets = 2 * half;
    origin = file;
    allocate_rotations(head_dim, has_data);
    if (has_data) std::ranges::copy(array.data, rotations.data());
  }

  void draw_rotations(std::size_t head_dim, std::uint64_t seed, bool has_data) {
    if (buckets % 2 != 0) {
      throw InputError("reformer", "buckets", "an even number", fmt::format("{}", buckets));
    }
    origin = fmt::format("drawn, seed {}", seed);
    allocate_rotations(head_dim, has_data);
    if (!has_data) return;
    Random random(seed);
    std::generate_n(rotations.data(), rotations.size(), [&random] { return random.normal(); });
  }

  void allocate_rotations(std::size_t head_dim, bool has_data) {
    rotations = has_data ? Tensor<float>(1, head_dim, buckets / 2)
                         : Tensor<float>::without_data(1, head_dim, buckets / 2);
  }
};

const Registration<Attention, Model<Reformer>> registration{
    "reformer", "tokens attend inside chunks of like tokens, sorted by one round of hashing (the paper "
                "shows up to 8), linear in tokens"};

}  // namespace
}  // namespace wattention
