#include "sim/kernels/fast/hash_codes.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "sim/kernels/fast/targets.hpp"
#include "sim/scalar/sums.hpp"
#include "sim/threads.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/kernels/fast/hash_codes.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sim/kernels/fast/vectors.hpp"

HWY_BEFORE_NAMESPACE();
namespace wattention::fast::HWY_NAMESPACE {

constexpr std::size_t group = 2 * lanes;  // tokens at a time
using Pair = std::array<Vector, 2>;       // a number of each of them

HWY_INLINE Pair load_pair(const float* from) {
  const Floats d;
  return {hn::Load(d, from), hn::Load(d, from + lanes)};
}
HWY_INLINE void store_pair(const Pair& x, float* to) {
  const Floats d;
  hn::Store(x[0], d, to);
  hn::Store(x[1], d, to + lanes);
}

/// x - a, rounded once. Of two vectors one goes where the processor multiplies and one where it
/// adds, since subtractions and additions alone would wait for each other.
HWY_INLINE Pair difference(const Pair& x, Vector a) {
#if HWY_NATIVE_FMA
  return {hn::Sub(x[0], a), hn::MulSub(x[1], hn::Set(Floats(), 1.0F), a)};
#else
  return {hn::Sub(x[0], a), hn::Sub(x[1], a)};
#endif
}

HWY_INLINE void add_square(Pair& sum, const Pair& x) {
  sum = {hn::Add(sum[0], hn::Mul(x[0], x[0])), hn::Add(sum[1], hn::Mul(x[1], x[1]))};
}
struct AddSquaredDifferences {
  HWY_INLINE void operator()(Pair& sum, const Pair& x, Vector a) const {
    add_square(sum, difference(x, a));
  }
};
struct AddTimes {
  HWY_INLINE void operator()(Pair& sum, const Pair& x, Vector a) const {
    sum = {hn::Add(sum[0], hn::Mul(x[0], a)), hn::Add(sum[1], hn::Mul(x[1], a))};
  }
};

/// Numbers k of a group of tokens.
struct Stored {
  const float* x;
  HWY_INLINE Pair operator()(std::size_t k) const { return load_pair(x + k * group); }
};
/// The same times the reciprocal of a norm, and stored for the next reader.
struct Normalised {
  float* x;
  Pair reciprocal;
  HWY_INLINE Pair operator()(std::size_t k) const {
    const Pair y = load_pair(x + k * group);
    const Pair unit{hn::Mul(y[0], reciprocal[0]), hn::Mul(y[1], reciprocal[1])};
    store_pair(unit, x + k * group);
    return unit;
  }
};

/// sums[c] = the sum over k, in order, of a term of x(k) and weights[k][c], for a few columns c.
template <std::size_t columns, class AddTerm, class X>
HWY_INLINE void sum_columns(const AddTerm& add_term, const X& x, const float* weights,
                            std::size_t stride, std::size_t inner, Pair* sums) {
  const Floats d;
  Pair in_registers[columns];
  for (std::size_t c = 0; c < columns; ++c) in_registers[c] = {hn::Zero(d), hn::Zero(d)};
  for (std::size_t k = 0; k < inner; ++k) {
    const Pair of_x = x(k);
    for (std::size_t c = 0; c < columns; ++c) {
      add_term(in_registers[c], of_x, hn::Set(d, weights[k * stride + c]));
    }
  }
  for (std::size_t c = 0; c < columns; ++c) sums[c] = in_registers[c];
}

/// The same for all columns: take(column, sum). The first of them read by `first_x`, whose
/// multiplications then run beside the sums.
template <std::size_t at_once, class AddTerm, class X, class Take>
HWY_INLINE void each_sum(const AddTerm& add_term, const X& first_x, const Stored& x,
                         const float* weights, std::size_t stride, std::size_t inner,
                         std::size_t columns, const Take& take) {
  std::size_t c = 0;
  const auto tiles_of = [&](auto tile) HWY_ATTR {
    for (; c + tile <= columns; c += tile) {
      Pair sums[tile];
      if (c == 0) {
        sum_columns<tile>(add_term, first_x, weights, stride, inner, sums);
      } else {
        sum_columns<tile>(add_term, x, weights + c, stride, inner, sums);
      }
      for (std::size_t t = 0; t < tile; ++t) take(c + t, sums[t]);
    }
  };
  tiles_of(std::integral_constant<std::size_t, at_once>());
  tiles_of(std::integral_constant<std::size_t, 2>());
  tiles_of(std::integral_constant<std::size_t, 1>());
}

/// Tokens [first, first + group) turned: out[column][token]; returns their sums of squares, in
/// order. The last token stands for those past the end.
HWY_INLINE Pair turn(const Tokens& x, std::size_t first, std::size_t cols, float* out) {
  std::array<const float*, group> rows;
  for (std::size_t t = 0; t < group; ++t) {
    rows[t] = x.data + std::min(first + t, x.count - 1) * x.stride;
  }
  Pair squares{hn::Zero(Floats()), hn::Zero(Floats())};
  std::size_t c = 0;
#if HWY_TARGET != HWY_SCALAR
  if constexpr (lanes == 8) {
    const Floats d;
    const hn::Repartition<double, Floats> pairs;
    for (; c + lanes <= cols; c += lanes) {
      for (std::size_t v = 0; v < 2; ++v) {
        // In each half: four columns (c, and c + 4) of four tokens.
        const auto quads = [&](std::size_t token, Vector* to) HWY_ATTR {
          const auto row = [&](std::size_t i)
                               HWY_ATTR { return hn::LoadU(d, rows[v * lanes + token + i] + c); };
          const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, row(0), row(1)));
          const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, row(2), row(3)));
          const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, row(0), row(1)));
          const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, row(2), row(3)));
          to[0] = hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23));
          to[1] = hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23));
          to[2] = hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23));
          to[3] = hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23));
        };
        Vector first_four[4];
        Vector last_four[4];
        quads(0, first_four);
        quads(4, last_four);
        const auto keep = [&](std::size_t column, Vector y) HWY_ATTR {
          hn::Store(y, d, out + (c + column) * group + v * lanes);
          squares[v] = hn::Add(squares[v], hn::Mul(y, y));
        };
        HWY_UNROLL(4)
        for (std::size_t i = 0; i < 4; ++i) {
          keep(i, hn::ConcatLowerLower(d, last_four[i], first_four[i]));
        }
        HWY_UNROLL(4)
        for (std::size_t i = 0; i < 4; ++i) {
          keep(4 + i, hn::ConcatUpperUpper(d, last_four[i], first_four[i]));
        }
      }
    }
  }
#endif
  for (; c < cols; ++c) {
    for (std::size_t t = 0; t < group; ++t) out[c * group + t] = rows[t][c];
    add_square(squares, load_pair(out + c * group));
  }
  return squares;
}

HWY_INLINE Pair sum_of_squares_of(const float* x, std::size_t cols) {
  Pair sum{hn::Zero(Floats()), hn::Zero(Floats())};
  for (std::size_t c = 0; c < cols; ++c) add_square(sum, load_pair(x + c * group));
  return sum;
}

/// Squared distances [anchor][token] of tokens [column][token], which are normalised in place.
HWY_INLINE void distances_of(const HashOfHead& hash, float* x, const Pair& squares, float* out) {
  const Floats d;
  const auto smallest = hn::Set(d, 1e-12F);
  const auto one = hn::Set(d, 1.0F);
  const Normalised unit{x,
                        {hn::Div(one, hn::Max(hn::Sqrt(squares[0]), smallest)),
                         hn::Div(one, hn::Max(hn::Sqrt(squares[1]), smallest))}};
  if (hash.anchor_norms == nullptr) {
    each_sum<5>(AddSquaredDifferences(), unit, Stored{x}, hash.of_anchors, hash.anchor_stride,
                hash.dim, hash.anchors,
                [&](std::size_t j, const Pair& sum) HWY_ATTR { store_pair(sum, out + j * group); });
    return;
  }
  for (std::size_t k = 0; k < hash.dim; ++k) unit(k);
  const Pair of_x = sum_of_squares_of(x, hash.dim);
  const auto two = hn::Set(d, 2.0F);
  each_sum<5>(AddTimes(), Stored{x}, Stored{x}, hash.of_anchors, hash.anchor_stride, hash.dim,
              hash.anchors, [&](std::size_t j, const Pair& product) HWY_ATTR {
                const auto of_anchor = hn::Set(d, hash.anchor_norms[j]);
                store_pair({hn::Add(hn::Sub(of_x[0], hn::Mul(two, product[0])), of_anchor),
                            hn::Add(hn::Sub(of_x[1], hn::Mul(two, product[1])), of_anchor)},
                           out + j * group);
              });
}

/// pairwise_sum of n numbers of each token.
Pair pairwise_sum_of(const float* x, std::size_t n) {
  constexpr std::size_t summed_in_order = 64;
  if (n > summed_in_order) {
    const std::size_t half = std::bit_floor(n - 1);
    const Pair a = pairwise_sum_of(x, half);
    const Pair b = pairwise_sum_of(x + half * group, n - half);
    return {hn::Add(a[0], b[0]), hn::Add(a[1], b[1])};
  }
  Pair sum = load_pair(x);
  for (std::size_t i = 1; i < n; ++i) {
    const Pair y = load_pair(x + i * group);
    sum = {hn::Add(sum[0], y[0]), hn::Add(sum[1], y[1])};
  }
  return sum;
}

/// Distances [group of tokens][anchor][token], and the sum of each token's.
void KeepDistances(const HashOfHead& hash, const Tokens& x, float* distances, float* sums,
                   float* scratch) {
  HWY_ALIGN std::array<float, group> of_group;
  for (std::size_t first = 0; first < x.count; first += group, distances += hash.anchors * group) {
    const Pair squares = turn(x, first, hash.dim, scratch);
    distances_of(hash, scratch, squares, distances);
    store_pair(pairwise_sum_of(distances, hash.anchors), of_group.data());
    std::copy_n(of_group.data(), std::min(group, x.count - first), sums + first);
  }
}

HWY_INLINE void centred_gaussian_of(const HashOfHead& hash, const float* distances, float* kernel) {
  const Floats d;
  const auto factor = hn::Set(d, hash.factor);
  const auto gaussian = [&](const std::array<std::size_t, side_by_side / 2>& anchors) HWY_ATTR {
    Several v;
    Vector mean[side_by_side];
    std::size_t place[side_by_side];
    each_of([&](std::size_t i) HWY_ATTR {
      place[i] = anchors[i / 2] * group + i % 2 * lanes;
      mean[i] = hn::Set(d, hash.mean[anchors[i / 2]]);
      v.x[i] = hn::Mul(factor, hn::Load(d, distances + place[i]));
    });
    exponentiate(v);
    each_of([&](std::size_t i)
                HWY_ATTR { hn::Store(hn::Sub(v.x[i], mean[i]), d, kernel + place[i]); });
  };
  std::size_t j = 0;
  for (; j + 2 <= hash.anchors; j += 2) gaussian({j, j + 1});
  if (j < hash.anchors) gaussian({j, j});
}

/// Where the projections of a group's kernels are above zero, a word of `words` each token.
HWY_INLINE void signs_of(const HashOfHead& hash, const float* kernel, std::size_t count,
                         Word* codes) {
  constexpr std::size_t half_word = 32;
  const Floats d;
  const hn::RebindToUnsigned<Floats> bits;
  for (std::size_t first = 0; first < hash.bits; first += half_word) {
    std::array<hn::Vec<decltype(bits)>, 2> half{hn::Zero(bits), hn::Zero(bits)};
    each_sum<4>(AddTimes(), Stored{kernel}, Stored{kernel}, hash.of_coefficients + first,
                hash.coefficient_stride, hash.anchors, std::min(half_word, hash.bits - first),
                [&](std::size_t b, const Pair& projection) HWY_ATTR {
                  const auto bit = hn::Set(bits, std::uint32_t{1} << b);
                  for (std::size_t i = 0; i < 2; ++i) {
                    const auto positive = hn::RebindMask(bits, hn::Gt(projection[i], hn::Zero(d)));
                    half[i] = hn::Or(half[i], hn::IfThenElseZero(positive, bit));
                  }
                });
    HWY_ALIGN std::array<std::uint32_t, group> of_tokens;
    hn::Store(half[0], bits, of_tokens.data());
    hn::Store(half[1], bits, of_tokens.data() + lanes);
    Word* const to = codes + first / word_bits;
    for (std::size_t t = 0; t < count; ++t) {
      if (first % word_bits == 0) {
        to[t * hash.words] = of_tokens[t];
      } else {
        to[t * hash.words] |= static_cast<Word>(of_tokens[t]) << half_word;
      }
    }
  }
}

void CodesOfDistances(const HashOfHead& hash, const float* distances, std::size_t count,
                      Word* codes, float* scratch) {
  for (std::size_t first = 0; first < count; first += group, distances += hash.anchors * group) {
    centred_gaussian_of(hash, distances, scratch);
    signs_of(hash, scratch, std::min(group, count - first), codes + first * hash.words);
  }
}

void CodesOfTokens(const HashOfHead& hash, const Tokens& x, Word* codes, float* scratch) {
  float* const kernel = scratch + hash.dim * group;
  for (std::size_t first = 0; first < x.count; first += group) {
    const Pair squares = turn(x, first, hash.dim, scratch);
    distances_of(hash, scratch, squares, kernel);
    centred_gaussian_of(hash, kernel, kernel);
    signs_of(hash, kernel, std::min(group, x.count - first), codes + first * hash.words);
  }
}

}  // namespace wattention::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wattention::fast {

HWY_EXPORT(KeepDistances);
HWY_EXPORT(CodesOfDistances);
HWY_EXPORT(CodesOfTokens);

namespace {

constexpr std::size_t rows_per_part = 512;
constexpr std::size_t most_in_group = 16;
static_assert(rows_per_part % most_in_group == 0);

}  // namespace

void hash_codes(const View<const float>& x, const Hash& hash, const BitView<Word>& codes) {
  const View<const float>& anchors = hash.anchors;
  const bool brings_sigma = hash.factor.heads != 0;
  const std::size_t blocks = (x.rows + rows_per_part - 1) / rows_per_part;
  const std::size_t kept_rows = brings_sigma ? 0 : blocks * rows_per_part;

  const std::uint64_t of_distance = 2 * anchors.rows;  // a subtraction and a mac for every number
  const std::uint64_t of_codes = codes.width;          // a mac for every bit
  const Allocation<float> distances = allocate<float>(product(x.heads, kept_rows, anchors.cols));
  const Allocation<float> sums = allocate<float>(product(x.heads, kept_rows));
  std::vector<float> factors(x.heads);

  const auto hash_of = [&](std::size_t h) {
    const std::size_t g = h / (x.heads / anchors.heads);
    return HashOfHead{anchors.rows,
                      anchors.cols,
                      codes.width,
                      codes.words(),
                      anchors.row(g, 0),
                      anchors.row_stride,
                      hash.anchor_norms.heads != 0 ? hash.anchor_norms.row(g, 0) : nullptr,
                      hash.coefficients.row(g, 0),
                      hash.coefficients.row_stride,
                      hash.mean.row(g, 0),
                      factors[h]};
  };
  const std::uint64_t pairs = product(x.heads, x.rows, anchors.cols);  // of a token and an anchor
  const auto each_block_of_tokens = [&](std::uint64_t operations_a_pair, const auto& work) {
    const std::uint64_t operations = product(pairs, operations_a_pair);
    each_part(product(x.heads, blocks), operations, [&](std::size_t part) {
      const std::size_t h = part / blocks;
      const std::size_t first = part % blocks * rows_per_part;
      const Tokens tokens{x.row(h, first), x.row_stride, std::min(rows_per_part, x.rows - first)};
      const Allocation<float> scratch =
          allocate<float>((anchors.rows + anchors.cols) * most_in_group);
      work(hash_of(h), tokens, h, first, scratch.get());
    });
  };

  if (brings_sigma) {
    for (std::size_t h = 0; h < x.heads; ++h) {
      factors[h] = hash.factor(h / (x.heads / hash.factor.heads), 0, 0);
    }
    each_block_of_tokens(
        of_distance + of_codes, [&](const HashOfHead& of_head, const Tokens& tokens, std::size_t h,
                                    std::size_t first, float* scratch) {
          HWY_DYNAMIC_DISPATCH(CodesOfTokens)(of_head, tokens, codes.row(h, first), scratch);
        });
    return;
  }
  const auto kept = [&](std::size_t h, std::size_t first) {
    return distances.get() + (h * kept_rows + first) * anchors.cols;
  };
  each_block_of_tokens(of_distance, [&](const HashOfHead& of_head, const Tokens& tokens,
                                        std::size_t h, std::size_t first, float* scratch) {
    HWY_DYNAMIC_DISPATCH(KeepDistances)
    (of_head, tokens, kept(h, first), sums.get() + h * kept_rows + first, scratch);
  });
  for (std::size_t h = 0; h < x.heads; ++h) {
    const auto count = static_cast<float>(x.rows * anchors.cols);
    const float sigma = pairwise_sum(sums.get() + h * kept_rows, x.rows) / count;
    factors[h] = -1.0F / (2.0F * std::max(sigma, 1e-12F));
  }
  each_block_of_tokens(of_codes, [&](const HashOfHead& of_head, const Tokens& tokens, std::size_t h,
                                     std::size_t first, float* scratch) {
    HWY_DYNAMIC_DISPATCH(CodesOfDistances)
    (of_head, kept(h, first), tokens.count, codes.row(h, first), scratch);
  });
}

}  // namespace wattention::fast
#endif
