// Linformer: keys and values compressed along the sequence (Wang et al., Linformer: Self-Attention
// with Linear Complexity, 2020, eq. 7)
//
//     out = softmax(Q (E K)^T / sqrt(d)) (F V)
//
// E, F [r, M] are learned for one number of keys and shared by all heads; without files they are
// drawn, normal / sqrt(r). q [H, N, d], k [G, M, d], v [G, M, e] -> [H, N, e], G divides H.
// Operations O(r (N + M) (d + e)) a head: r (d + e) macs a key to compress, r (d + e) macs, r
// scalings, exponentials and divisions a query. Like softmax attention, the algorithm writes and
// reads scores and weights, here [H, N, r]; this execution holds them for a block of rows. Memory
// O(r M) for the projections, O(G r (d + e)) for compressed keys and values.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/attention.hpp"
#include "sim/kernels/landmarks.hpp"
#include "sim/kernels/windows.hpp"
#include "sim/random.hpp"

namespace wattention {
namespace {

struct Linformer {
  static constexpr std::array<std::string_view, 4> phases{"compression", "scores", "softmax",
                                                          "output"};

  static constexpr std::size_t published_rank = 256;

  std::size_t rank = 0;
  std::size_t left = 0;  // keys and values, for this input
  std::optional<NamedTensor> given_for_keys;
  std::optional<NamedTensor> given_for_values;
  Tensor<float> project_k;  // [1, r, M]
  Tensor<float> project_v;
  std::string origin;

  void bind(Options& options) {
    options.integer("rank", rank, 0, 65536,
                    fmt::format("Number of keys and values that are left. 0 is {}, the paper's, or "
                                "all where there are fewer, or as many as the given projections "
                                "have.",
                                published_rank));
    options.tensor("project_k", given_for_keys, "Projection of the keys, [rank, keys].");
    options.tensor("project_v", given_for_values, "Projection of the values, [rank, keys].");
  }

  void prepare(const Qkv<float>& x, const Parameters& parameters) {
    if (given_for_keys.has_value() != given_for_values.has_value()) {
      throw InputError("linformer", "projections", "both project_k and project_v, or neither",
                       given_for_keys ? "project_k alone" : "project_v alone");
    }
    if (given_for_keys) {
      const auto& shape = given_for_keys->array.shape;
      if (shape.size() != 2 || shape[0] == 0 || shape[1] != x.keys()) {
        throw InputError(given_for_keys->file, "project_k",
                         fmt::format("shape [rank, keys] [any, {}]", x.keys()), shape_text(shape));
      }
      if (given_for_values->array.shape != shape) {
        throw InputError(given_for_values->file, "project_v",
                         fmt::format("project_k's shape {}", shape_text(shape)),
                         shape_text(given_for_values->array.shape));
      }
      if (rank != 0 && rank != shape[0]) {
        throw InputError("linformer", fmt::format("rank={}", rank),
                         fmt::format("the {} of {}, or none", shape[0], given_for_keys->file),
                         fmt::format("{}", rank));
      }
      left = shape[0];
      project_k = projection_from(given_for_keys->array);
      project_v = projection_from(given_for_values->array);
      origin = fmt::format("{}, {}", given_for_keys->file, given_for_values->file);
      return;
    }
    origin = fmt::format("drawn, seed {}", parameters.seed);
    left = rank != 0 ? rank : std::min(published_rank, x.keys());
    if (x.k.data == nullptr) {
      project_k = Tensor<float>::without_data(1, left, x.keys());
      project_v = Tensor<float>::without_data(1, left, x.keys());
      return;
    }
    Random random(parameters.seed);
    project_k = drawn_projection(x.keys(), random);
    project_v = drawn_projection(x.keys(), random);
  }

  static Tensor<float> projection_from(const Array& array) {
    return converted<float>(
        View<const float>(array.data.data(), 1, array.shape[0], array.shape[1]));
  }

  Tensor<float> drawn_projection(std::size_t keys, Random& random) const {
    const float factor = 1.0F / std::sqrt(static_cast<float>(left));
    Tensor<float> projection(1, left, keys);
    std::generate_n(projection.data(), projection.size(), [&] { return factor * random.normal(); });
    return projection;
  }

  std::vector<std::string> notes() const {
    return {fmt::format("projections: {}, rank {}", origin, left)};
  }

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    const float factor = 1.0F / std::sqrt(static_cast<float>(x.head_dim()));
    Tensor<Real> compressed_keys(x.k.heads, left, x.head_dim());
    Tensor<Real> values(x.v.heads, left, x.value_dim());
    project_tokens<Real>(ledger["compression"],
                         converted<Real>(project_k.view(), ledger.arithmetic()), x.k,
                         compressed_keys);
    project_tokens<Real>(ledger["compression"],
                         converted<Real>(project_v.view(), ledger.arithmetic()), x.v, values);
    const Tensor<Real> keys = transposed(compressed_keys.view());  // [G, d, r]

    Tensor<Real> out(x.heads(), x.queries(), x.value_dim());
    softmax_attention_over<Real>(ledger, x.q, keys, values, factor, out);
    return out;
  }
};

const Registration<Attention, Model<Linformer>> registration{
    "linformer", "Projects keys and values along the sequence; linear in tokens."};

}  // namespace
}  // namespace wattention
