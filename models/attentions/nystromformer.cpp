// Nystroemformer: softmax through landmarks (Xiong et al., Nystromformer: A Nystrom-Based Algorithm
// for Approximating Self-Attention, AAAI 2021, eqs. 11 to 14; the convolution of the values that
// the paper adds to the output only where its kernels are given)
//
//     F = softmax(Q K~^T / sqrt(d)),  A = softmax(Q~ K~^T / sqrt(d)),  B = softmax(Q~ K^T /
//     sqrt(d)) out = (F Z) (B V),   Z <- Z (13 I - AZ (15 I - AZ (7 I - AZ))) / 4 tends to A^+
//
// Q~, K~ are l landmarks, means of consecutive tokens (segments differ by one token at most where l
// does not divide their number); Z starts at A^T / (largest row sum * largest column sum), where
// A > 0 needs no magnitudes. The iteration is computed as -Z (X (X (X - 7 I) + 15 I) - 13 I) / 4
// with X = A Z, the same numbers, so that only diagonals are added to.
//
// q [H, N, d], k [G, M, d], v [G, M, e] -> [H, N, e], G divides H. Macs a head: N (l d + l^2 + l e)
// + M (l d + l e) + l^2 d + 4 l^3 an iteration: linear in tokens, with a constant part that small
// inputs notice. The algorithm writes and reads F, F Z [H, N, l] and B [H, l, M]; this execution
// holds them for a block of rows. Memory O(H (64 M + l (d + e + l))).

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/attention.hpp"
#include "sim/kernels/landmarks.hpp"
#include "sim/kernels/row_blocks.hpp"
#include "sim/kernels/rows.hpp"
#include "sim/kernels/windows.hpp"

namespace wattention {
namespace {

struct Nystromformer {
  static constexpr std::array<std::string_view, 5> phases{"landmarks", "scores", "softmax",
                                                          "pseudo-inverse", "output"};
  static constexpr std::size_t rows_per_block = 64;
  static constexpr std::size_t published_landmarks = 64;

  std::size_t landmarks = 0;
  std::size_t iterations = 6;
  std::size_t count = 0;  // of landmarks, for this input
  std::optional<NamedTensor> given_convolution;
  Tensor<float> convolution;  // [H, 1, kernel], or no head

  void bind(Options& options) {
    options.integer(
        "landmarks", landmarks, 0, 65536,
        fmt::format("Number of landmarks. 0 is {}, the paper's, or as many as there are "
                    "tokens where there are fewer.",
                    published_landmarks));
    options.integer("iterations", iterations, 1, 1000,
                    "Number of iterations of the pseudo-inverse.");
    options.tensor(
        "convolution", given_convolution,
        "Kernels, [heads, odd number], of the convolution of the values over tokens that "
        "the paper adds to the output (33 numbers there). Without them there is none.");
  }

  void prepare(const Qkv<float>& x, const Parameters& /*parameters*/) {
    const std::size_t tokens = std::min(x.queries(), x.keys());
    if (landmarks > tokens) {
      throw InputError("nystromformer", fmt::format("landmarks={}", landmarks),
                       fmt::format("at most {}, one for every query and key", tokens),
                       fmt::format("{} queries and {} keys", x.queries(), x.keys()));
    }
    take_convolution(x);
    count = landmarks != 0 ? landmarks : std::min(published_landmarks, tokens);
  }

  void take_convolution(const Qkv<float>& x) {
    if (!given_convolution) return;
    const auto& [file, array] = *given_convolution;
    const bool fits =
        array.shape.size() == 2 && array.shape[0] == x.heads() && array.shape[1] % 2 == 1;
    if (!fits) {
      throw InputError(file, "convolution",
                       fmt::format("shape [heads, kernel] [{}, an odd number]", x.heads()),
                       shape_text(array.shape));
    }
    if (x.queries() != x.keys()) {
      throw InputError("nystromformer", "convolution",
                       fmt::format("as many keys as queries ({})", x.queries()),
                       fmt::format("{} keys", x.keys()));
    }
    convolution =
        converted<float>(View<const float>(array.data.data(), array.shape[0], 1, array.shape[1]));
  }

  std::vector<std::string> notes() const {
    return {fmt::format("landmarks: {}; convolution of the values: {}", count,
                        given_convolution ? given_convolution->file : "none")};
  }

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    const float factor = 1.0F / std::sqrt(static_cast<float>(x.head_dim()));
    Tensor<Real> few_queries(x.heads(), count, x.head_dim());
    Tensor<Real> few_keys(x.k.heads, count, x.head_dim());
    segment_means<Real>(ledger["landmarks"], x.q, few_queries);
    segment_means<Real>(ledger["landmarks"], x.k, few_keys);
    const Tensor<Real> landmark_keys = transposed(few_keys.view());  // [G, d, l]

    Tensor<Real> a(x.heads(), count, count);
    scaled_matmul<Real>(ledger["scores"], few_queries, landmark_keys, factor, a);
    softmax_rows<Real>(ledger["softmax"], a);
    const Tensor<Real> z = pseudo_inverse<Real>(a, ledger["pseudo-inverse"]);

    const Tensor<Real> keys = transposed(x.k);  // [G, d, M]
    Tensor<Real> landmark_values(x.heads(), count, x.value_dim());
    softmax_attention_over<Real>(ledger, few_queries, keys, x.v, factor, landmark_values);

    Tensor<Real> out(x.heads(), x.queries(), x.value_dim());
    by_independent_rows<Real>(
        ledger, x.heads(), x.queries(), rows_per_block, [&]<class R>(const RowBlock<R>& rows) {
          Tensor<R> f = rows.tensor(x.heads(), count, Residence::memory);  // [H, rows, l]
          Tensor<R> fz = rows.tensor(x.heads(), count, Residence::memory);
          scaled_matmul<R>(ledger["scores"], rows(x.q), rows.whole(landmark_keys.view()), factor,
                           f);
          softmax_rows<R>(ledger["softmax"], f);
          matmul<R>(ledger["output"], f, rows.whole(z.view()), fz);
          matmul<R>(ledger["output"], fz, rows.whole(landmark_values.input()), rows(out.view()));
        });
    if (convolution.heads() != 0) {
      const Tensor<Real> kernels = converted<Real>(convolution.view(), ledger.arithmetic());
      add_convolved_tokens<Real>(ledger["output"], x.v, kernels, out);
    }
    return out;
  }

  /// Z [H, l, l] after the iterations.
  template <class Real>
  Tensor<Real> pseudo_inverse(const Tensor<Real>& a, Phase& phase) const {
    const auto matrices = [&] { return Tensor<Real>(a.heads(), a.rows(), a.cols()); };
    Tensor<Real> z = matrices();
    Tensor<Real> next_z = matrices();
    Tensor<Real> x = matrices();
    Tensor<Real> y = matrices();
    Tensor<Real> xy = matrices();
    start_of_inverse<Real>(phase, a, z);
    for (std::size_t i = 0; i < iterations; ++i) {
      matmul<Real>(phase, a, z, x);
      add_identity<Real>(phase, x, -7.0F, y);
      matmul<Real>(phase, x, y, xy);
      add_identity<Real>(phase, xy, 15.0F, xy);
      matmul<Real>(phase, x, xy, y);
      add_identity<Real>(phase, y, -13.0F, y);
      scaled_matmul<Real>(phase, z, y, -0.25F, next_z);
      std::swap(z, next_z);
    }
    return z;
  }
};

const Registration<Attention, Model<Nystromformer>> registration{
    "nystromformer", "Softmax through landmarks; linear in tokens."};

}  // namespace
}  // namespace wattention
