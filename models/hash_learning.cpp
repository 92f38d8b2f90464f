#include "models/hash_learning.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

#include "sim/kernels/hash_learning.hpp"
#include "sim/kernels/pair_labels.hpp"

namespace wattention {
namespace {

/// The one row `row` of each head, [h, 1, cols].
template <class T>
View<T> row_of(const View<T>& x, std::size_t row) {
  return x.slice(row, 1);
}

template <class Real>
void copy(const View<const Real>& from, const View<Real>& to) {
  for (std::size_t h = 0; h < from.heads; ++h) {
    for (std::size_t i = 0; i < from.rows; ++i) {
      std::copy_n(from.row(h, i), from.cols, to.row(h, i));
    }
  }
}

template <class Real>
BitMatrix<PackedBits<Real>> signs_of(Phase& phase, const View<const Real>& projection) {
  BitMatrix<PackedBits<Real>> signs(projection.heads, 1, projection.cols);
  pack_signs<Real>(phase, projection, signs.view());
  return signs;
}

/// What learning keeps of one sequence of n tokens.
template <class Real>
class Sequence {
 public:
  Sequence(const View<const float>& tokens, const View<const Real>& anchors, std::size_t bits,
           std::size_t top, Ledger& ledger)
      : bits_(bits),
        kernel_(tokens.heads, tokens.rows, anchors.cols),
        mean_(tokens.heads, 1, anchors.cols),
        learnt_(tokens.heads, bits, tokens.rows) {
    const Tensor<Real> x = converted<Real>(tokens);
    Tensor<Real> unit(x.heads(), x.rows(), x.cols());
    normalise_rows<Real>(ledger["normalise"], x, unit);

    Phase& phase = ledger["kernel"];
    Tensor<Real> factor(x.heads(), 1, 1);
    squared_distances<Real>(phase, unit, anchors, kernel_);
    mean_of_head<Real>(phase, kernel_, factor);
    gaussian_factor<Real>(phase, factor, factor);
    gaussian<Real>(phase, kernel_, factor, kernel_);
    means_of_rows<Real>(phase, transposed(kernel_.view()), mean_);
    subtract_from_rows<Real>(phase, mean_, kernel_);
    columns_ = transposed(kernel_.view());

    labels_ = pair_labels<Real>(ledger["labels"], unit, top);
  }

  std::size_t tokens() const { return kernel_.rows(); }
  const Tensor<Real>& mean() const { return mean_; }

  /// factor / (2 b) times the gradient of y^T S y, y = 2 sigmoid(K c) - 1, by c: [h, 1, m].
  void gradient(Phase& phase, const View<const Real>& coefficients, float factor,
                const View<Real>& out) const {
    const Tensor<Real> z = project(phase, coefficients);
    Tensor<Real> y(z.heads(), 1, tokens());
    Tensor<Real> slope(z.heads(), 1, tokens());
    Tensor<Real> weights(z.heads(), 1, tokens());
    Tensor<Real> sums(z.heads(), 1, count_);
    relaxed_signs<Real>(phase, z, y, slope);
    label_products<Real>(phase, labels_, y, weights);
    signed_sums<Real>(phase, learnt(), y, 2.0F / static_cast<float>(bits_), sums);
    subtract_signed<Real>(phase, learnt(), sums, weights);
    multiply_by<Real>(phase, slope, weights);
    scaled_matmul_in_order<Real>(phase, weights, kernel_, factor, out);
  }

  BitMatrix<PackedBits<Real>> signs(Phase& phase, const View<const Real>& coefficients) const {
    return signs_of<Real>(phase, project(phase, coefficients));
  }

  /// factor * -(y^T S y), summed over heads, [1, 1, 1].
  void loss(Phase& phase, const Codes<Real>& y, float factor, const View<Real>& out) const {
    Tensor<Integer<Real>> agreement(y.heads, 1, 1);
    Tensor<Integer<Real>> dots(y.heads, 1, count_);
    agreement_of_pairs<Real>(phase, labels_, y, agreement);
    code_similarities<Real>(phase, y, learnt(), dots);
    sign_loss<Real>(phase, agreement, dots, bits_, factor, out);
  }

  /// S -= y y^T
  void learn(const Codes<Real>& y) {
    for (std::size_t h = 0; h < y.heads; ++h) {
      std::copy_n(y.row(h, 0), y.words(), learnt_.view().row(h, count_));
    }
    ++count_;
  }

 private:
  Codes<Real> learnt() const { return learnt_.view().slice(0, count_); }

  /// K c, [h, 1, n]
  Tensor<Real> project(Phase& phase, const View<const Real>& coefficients) const {
    Tensor<Real> z(coefficients.heads, 1, tokens());
    matmul_in_order<Real>(phase, coefficients, columns_, z);
    return z;
  }

  std::size_t bits_;
  Tensor<Real> kernel_;   // K [h, n, m]
  Tensor<Real> columns_;  // K^T
  Tensor<Real> mean_;     // [h, 1, m]
  PairLabels labels_;
  BitMatrix<PackedBits<Real>> learnt_;  // y of the bits so far, [h, bits, n]
  std::size_t count_ = 0;
};

template <class Real>
using Sequences = std::vector<Sequence<Real>>;

/// Nesterov SGD on the relaxed loss, from `start` [h, 1, m].
template <class Real>
Tensor<Real> descend(Phase& phase, const Sequences<Real>& sequences, const View<const Real>& start,
                     const LearningOptions& options) {
  Tensor<Real> coefficients = converted<Real>(start);
  Tensor<Real> velocity(start.heads, 1, start.cols);
  Tensor<Real> gradient(start.heads, 1, start.cols);
  Tensor<Real> of_sequence(start.heads, 1, start.cols);
  const std::size_t heads_of_all = start.heads * sequences.size();
  for (std::size_t i = 0; i < options.iterations; ++i) {
    for (std::size_t s = 0; s < sequences.size(); ++s) {
      const auto pairs = static_cast<float>(heads_of_all * sequences[s].tokens());
      sequences[s].gradient(phase, coefficients, -2.0F / pairs,
                            s == 0 ? gradient.view() : of_sequence.view());
      if (s > 0) add_to_rows<Real>(phase, of_sequence, gradient);
    }
    nesterov_step<Real>(phase, gradient, options.rate, options.momentum, i == 0, velocity,
                        coefficients);
  }
  return coefficients;
}

template <class Real>
struct Judged {
  std::vector<BitMatrix<PackedBits<Real>>> signs;  // of each sequence, [h, 1, n]
  Tensor<Real> loss;                               // the mean over heads and sequences, [1, 1, 1]
};

template <class Real>
Judged<Real> judge(Phase& phase, const Sequences<Real>& sequences,
                   const View<const Real>& coefficients, std::size_t bits) {
  Judged<Real> judged{{}, Tensor<Real>(1, 1, 1)};
  Tensor<Real> of_sequence(1, 1, 1);
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    const Sequence<Real>& sequence = sequences[s];
    judged.signs.push_back(sequence.signs(phase, coefficients));
    const auto terms = static_cast<float>(coefficients.heads * sequences.size() * bits) *
                       static_cast<float>(sequence.tokens());
    sequence.loss(phase, std::as_const(judged.signs[s]).view(), 1.0F / terms,
                  s == 0 ? judged.loss.view() : of_sequence.view());
    if (s > 0) add_to_rows<Real>(phase, of_sequence, judged.loss);
  }
  return judged;
}

template <class Real>
bool lower(Phase& phase, const Tensor<Real>& loss, const Tensor<Real>& than) {
  const Work<Real> work(phase, {{Op::compare, format_of<Real>, 1}},
                        reads(loss.view(), than.view()));
  return exceeds(than(0, 0, 0), loss(0, 0, 0));
}

/// The mean kernel over the sequences, each as much as any other.
template <class Real>
Tensor<float> mean_of(Phase& phase, const Sequences<Real>& sequences) {
  Tensor<Real> mean = converted<Real>(sequences.front().mean().view());
  for (std::size_t s = 1; s < sequences.size(); ++s) {
    add_to_rows<Real>(phase, sequences[s].mean(), mean);
  }
  if (sequences.size() > 1)
    scaled<Real>(phase, mean, 1.0F / static_cast<float>(sequences.size()), mean);
  return converted<float>(mean.input());
}

}  // namespace

void demand_learnable(const View<const float>& x, const LearningOptions& options,
                      const std::string& name) {
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
  const std::size_t labels_of_token = std::min(options.top, x.rows) * 2 + 1;
  if (x.rows > most / labels_of_token) {
    throw InputError(name, "tokens",
                     fmt::format("at most {} tokens for int32 sums of {} labels each",
                                 most / labels_of_token, labels_of_token - 1),
                     fmt::format("{}", x.rows));
  }
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      for (std::size_t c = 0; c < x.cols; ++c) {
        if (std::isfinite(x(h, i, c))) continue;
        throw InputError(name, fmt::format("number [{}, {}, {}]", h, i, c), "a finite number",
                         fmt::format("{}", x(h, i, c)));
      }
    }
  }
}

template <class Real>
LearnedHash learn_hash_from(std::span<const View<const float>> sequences,
                            const HashFunctions& start, const LearningOptions& options,
                            const LearningProgress& progress) {
  static_assert(std::is_same_v<Sum<Real>, Real>, "learning keeps sums in the format of its terms");
  demand(!sequences.empty(), "learn_hash: expected a sequence, found none");
  for (const View<const float>& x : sequences) {
    demand(x.heads == start.anchors.heads() && x.cols == start.anchors.rows(),
           "learn_hash: expected sequences with the heads and the head dim of the anchors");
    demand_learnable(x, options, "hash learning");
  }
  const std::size_t bits = start.bits();
  LearnedHash learned{{}, {}, Ledger{"normalise", "kernel", "labels", "optimise", "judge"}};
  Ledger& ledger = learned.ledger;
  const Observation strays(ledger.strays());

  const auto anchors = converted<Real>(start.anchors.view());
  Tensor<Real> coefficients = converted<Real>(transposed(start.coefficients.view()).input());
  Sequences<Real> all;
  all.reserve(sequences.size());
  for (const View<const float>& x : sequences) {
    all.emplace_back(x, anchors.view(), bits, options.top, ledger);
  }

  for (std::size_t r = 0; r < bits; ++r) {
    const View<Real> own = row_of(coefficients.view(), r);
    const Tensor<Real> optimised = descend<Real>(ledger["optimise"], all, own, options);
    Phase& phase = ledger["judge"];
    const Judged<Real> before = judge<Real>(phase, all, own, bits);
    const Judged<Real> after = judge<Real>(phase, all, optimised, bits);
    const bool improved = lower(phase, after.loss, before.loss);
    const Judged<Real>& kept = improved ? after : before;
    if (improved) copy<Real>(optimised, own);
    for (std::size_t s = 0; s < all.size(); ++s) all[s].learn(kept.signs[s].view());

    learned.losses.push_back({plain(before.loss(0, 0, 0)), plain(after.loss(0, 0, 0)),
                              plain(kept.loss(0, 0, 0)), improved});
    if (progress) progress(r, learned.losses.back());
  }

  learned.functions.anchors = converted<float>(start.anchors.view());
  learned.functions.coefficients = converted<float>(transposed(coefficients.view()).input());
  learned.functions.mean = mean_of<Real>(ledger["kernel"], all);
  return learned;
}

template LearnedHash learn_hash_from<float>(std::span<const View<const float>>,
                                            const HashFunctions&, const LearningOptions&,
                                            const LearningProgress&);
template LearnedHash learn_hash_from<Counted<float>>(std::span<const View<const float>>,
                                                     const HashFunctions&, const LearningOptions&,
                                                     const LearningProgress&);

LearnedHash learn_hash(std::span<const View<const float>> sequences, const LearningOptions& options,
                       const LearningProgress& progress) {
  demand(!sequences.empty(), "learn_hash: expected a sequence, found none");
  const HashFunctions start =
      draw_hash_start(sequences, options.anchors, options.bits, options.seed);
  return learn_hash_from<float>(sequences, start, options, progress);
}

HashFunctions learn_hash_functions(std::span<const View<const float>> sequences,
                                   std::size_t anchors, std::size_t bits, std::uint64_t seed) {
  std::string origin =
      sequences.size() == 1
          ? fmt::format("learned on the input's keys, seed {}", seed)
          : fmt::format("learned on the keys of {} inputs, seed {}", sequences.size(), seed);
  if (sequences.front().data == nullptr) {
    HashFunctions sizes = draw_hash_functions(sequences, anchors, bits, seed);
    sizes.origin = std::move(origin);
    return sizes;
  }
  LearningOptions options;
  options.bits = bits;
  options.anchors = anchors;
  options.seed = seed;
  LearnedHash learned = learn_hash(sequences, options);
  const OpCounts counts = learned.ledger.declared();
  const std::uint64_t macs = counts.total(Op::mac);
  const auto improved = std::ranges::count_if(learned.losses, &BitLoss::improved);
  learned.functions.origin = fmt::format(
      "{}, which improved {} of {} bits and took {} multiplications, {} additions and {} "
      "exponentials that are not in these counts",
      origin, improved, bits, sum(counts.total(Op::mul), macs), sum(counts.total(Op::add), macs),
      counts.total(Op::exp));
  return std::move(learned.functions);
}

}  // namespace wattention
