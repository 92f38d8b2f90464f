// Performer: FAVOR+, positive random features of softmax (Choromanski et al., Rethinking Attention
// with Performers, ICLR 2021, eqs. 5 to 7, and section 2.4 for orthogonal features)
//
//     y = x / d^(1/4),  f(x) = (exp(W y - ||y||^2 / 2 - t) + epsilon) / sqrt(m)
//     out_i = f(q_i)^T (sum_j f(k_j) v_j^T) / <f(q_i), sum_j f(k_j)>
//
// t is a query's largest projection, and for keys the largest over all heads, tokens and features;
// it cancels but for epsilon. q [H, N, d], k [G, M, d], v [G, M, e], W [m, d] -> [H, N, e], G
// divides H. Operations O((N + M) (d m + m e)) a head: d m + m e macs, m exponentials and d macs of
// the norm for a query and for a key, m macs of the normaliser a query. The keys' t is known only
// after all projections, so these are written and read, [G, M, m] and norms [G, M], rather than
// computed twice; all else lives for a block of rows. Memory O(G M m).

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "models/attention.hpp"
#include "models/linear_attention.hpp"
#include "sim/names.hpp"
#include "sim/random.hpp"

namespace wattention {
namespace {

/// Takes from `row` its components along the `count` orthonormal rows of `basis`, and normalises
/// what is left; false where that is next to nothing.
bool orthonormalise(const std::vector<double>& basis, std::size_t count, double* row,
                    std::size_t dim) {
  for (std::size_t b = 0; b < count; ++b) {
    const double* const direction = basis.data() + b * dim;
    double along = 0.0;
    for (std::size_t c = 0; c < dim; ++c) along += row[c] * direction[c];
    for (std::size_t c = 0; c < dim; ++c) row[c] -= along * direction[c];
  }
  double squares = 0.0;
  for (std::size_t c = 0; c < dim; ++c) squares += row[c] * row[c];
  constexpr double least = 1e-6;
  if (squares < least) return false;
  for (std::size_t c = 0; c < dim; ++c) row[c] /= std::sqrt(squares);
  return true;
}

/// Columns [1, d, m]: orthogonal in blocks of d, each as long as a normal vector of d numbers.
Tensor<float> draw_projection(std::size_t features, std::size_t dim, std::uint64_t seed) {
  Random random(seed);
  Tensor<float> columns(1, dim, features);
  std::vector<double> basis(dim * std::min(features, dim));
  for (std::size_t f = 0; f < features; ++f) {
    const std::size_t place = f % dim;
    double* const row = basis.data() + place * dim;
    do {
      std::generate_n(row, dim, [&random] { return static_cast<double>(random.normal()); });
    } while (!orthonormalise(basis, place, row, dim));
    double squares = 0.0;
    for (std::size_t c = 0; c < dim; ++c) {
      const auto number = static_cast<double>(random.normal());
      squares += number * number;
    }
    for (std::size_t c = 0; c < dim; ++c) {
      columns(0, c, f) = static_cast<float>(std::sqrt(squares) * row[c]);
    }
  }
  return columns;
}

struct Performer {
  static constexpr std::array<std::string_view, 5> phases{"projection", "features", "context",
                                                          "normaliser", "output"};
  static constexpr std::size_t rows_per_block = 64;

  std::size_t features = 0;
  double epsilon = 1e-4;
  std::size_t count = 0;  // of features, for this input
  std::optional<NamedTensor> given;
  Tensor<float> projection;  // columns: [1, d, m]
  std::string origin;

  void bind(Options& options) {
    options.integer(
        "features", features, 0, 65536,
        "Number of random features. 0 is d ln d, the paper's (266 for d = 64), or as many "
        "as the given projection has.");
    options.number("epsilon", epsilon, 1e-12, 1.0,
                   "Number that is added to every feature; the released code has 1e-4.");
    options.tensor("projection", given, "Random features, [features, head dim].");
  }

  void prepare(const Qkv<float>& x, const Parameters& parameters) {
    const auto dim = static_cast<double>(x.head_dim());
    count = features != 0 ? features
                          : std::max<std::size_t>(
                                1, static_cast<std::size_t>(std::llround(dim * std::log(dim))));
    if (given) {
      const Array& array = given->array;
      if (array.shape.size() != 2 || array.shape[0] == 0 || array.shape[1] != x.head_dim()) {
        throw InputError(given->file, "projection",
                         fmt::format("shape [features, head dim] [any, {}]", x.head_dim()),
                         shape_text(array.shape));
      }
      if (features != 0 && features != array.shape[0]) {
        throw InputError("performer", fmt::format("features={}", features),
                         fmt::format("the {} of {}, or none", array.shape[0], given->file),
                         fmt::format("{}", features));
      }
      count = array.shape[0];
      projection = transposed(View<const float>(array.data.data(), 1, count, x.head_dim()));
      origin = given->file;
    } else if (x.k.data == nullptr) {
      projection = Tensor<float>::without_data(1, x.head_dim(), count);
    } else {
      projection = draw_projection(count, x.head_dim(), parameters.seed);
    }
    if (!given) origin = fmt::format("drawn orthogonal, seed {}", parameters.seed);
  }

  std::vector<std::string> notes() const {
    return {fmt::format("projection: {}, {} features", origin, count)};
  }

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    const float factor = 1.0F / std::sqrt(std::sqrt(static_cast<float>(x.head_dim())));
    const auto least_feature = static_cast<float>(epsilon);
    const auto directions = converted<Real>(projection.view(), ledger.arithmetic());
    const auto project = [&]<class R>(const RowBlock<R>& rows, const View<const Real>& tokens,
                                      auto projections, auto half_norms) {
      Tensor<R> y = rows.tensor(tokens.heads, tokens.cols, Residence::local);
      scaled<R>(ledger["projection"], rows(tokens), factor, y);
      half_squared_norms<R>(ledger["features"], y, half_norms);
      matmul<R>(ledger["projection"], y, rows.whole(directions.view()), projections);
    };

    Tensor<Real> of_keys(x.k.heads, x.keys(), count);
    Tensor<Real> norms_of_keys(x.k.heads, x.keys(), 1);
    Tensor<Real> top(1, 1, 1);
    if constexpr (computes<Real>) {
      const Setup setup;
      top(0, 0, 0) = real_of<Real>(-std::numeric_limits<float>::infinity(), ledger.arithmetic());
    }
    by_rows<Real>(ledger, x.keys(), rows_per_block, [&]<class R>(const RowBlock<R>& rows) {
      const auto projections = rows(of_keys.view());
      project(rows, x.k, projections, rows(norms_of_keys.view()));
      View<const R> still_near = projections;
      still_near.residence = Residence::local;
      raise_to_maximum<R>(ledger["features"], still_near, rows.whole(top.view()));
    });

    return linear_attention<Real>(
        x, count, ledger,
        [&]<class R>(const RowBlock<R>& rows, auto out) {
          positive_features<R>(ledger["features"], rows(of_keys.view()), rows(norms_of_keys.view()),
                               rows.whole(top.view()), least_feature, out);
        },
        [&]<class R>(const RowBlock<R>& rows, auto out) {
          Tensor<R> projections = rows.tensor(x.heads(), count, Residence::local);
          Tensor<R> half_norms = rows.tensor(x.heads(), 1, Residence::local);
          Tensor<R> highest = rows.tensor(x.heads(), 1, Residence::local);
          project(rows, x.q, projections.view(), half_norms.view());
          row_maxima<R>(ledger["features"], projections, highest);
          positive_features<R>(ledger["features"], projections, half_norms, highest, least_feature,
                               out);
        });
  }
};

const Registration<Attention, Model<Performer>> registration{
    "performer", "Positive random features of softmax (FAVOR+); linear in tokens."};

}  // namespace
}  // namespace wattention
