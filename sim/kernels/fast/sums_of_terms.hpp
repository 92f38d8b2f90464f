// out_ij = the sum over k, in order, of a term of a_ik and b_kj, in tiles whose sums stay in
// registers; what is stored may be a function of the sum. Compiled once for each set of
// instructions.

#if defined(WATTENTION_FAST_SUMS_OF_TERMS) == defined(HWY_TARGET_TOGGLE)
#ifdef WATTENTION_FAST_SUMS_OF_TERMS
#undef WATTENTION_FAST_SUMS_OF_TERMS
#else
#define WATTENTION_FAST_SUMS_OF_TERMS
#endif

#include <algorithm>
#include <type_traits>
#include <vector>

#include "sim/kernels/fast/vectors.hpp"

HWY_BEFORE_NAMESPACE();
namespace wattention::fast::HWY_NAMESPACE {

struct AddProduct {  // rounded twice, as mac
  static constexpr std::size_t most_rows = 6;
  template <class V>
  HWY_INLINE V operator()(V sum, V a, V b) const {
    return hn::Add(sum, hn::Mul(a, b));
  }
};
struct AddExactProduct {
  static constexpr std::size_t most_rows = 6;
  template <class V>
  HWY_INLINE V operator()(V sum, V a, V b) const {
    return hn::MulAdd(a, b, sum);
  }
};
struct AddSquaredDifference {
  static constexpr std::size_t most_rows = 4;
  template <class V>
  HWY_INLINE V operator()(V sum, V a, V b) const {
    const auto difference = hn::Sub(a, b);
    return hn::Add(sum, hn::Mul(difference, difference));
  }
};

struct SubtractDistance {
  static constexpr std::size_t most_rows = 6;
  template <class V>
  HWY_INLINE V operator()(V sum, V a, V b) const {
    return hn::Sub(sum, hn::Abs(hn::Sub(a, b)));
  }
};

/// a: number (i, k) at data[i * row + k * inner].
struct Left {
  const float* data;
  std::size_t row;
  std::size_t inner;
};
struct Right {
  const float* data;
  std::size_t row;
};
struct Sums {
  float* data;
  std::size_t row;
  bool grow;  // from what they are, else from zero
};

/// What is stored of the sums of a row from a column on: they themselves.
struct AsTheyAre {
  HWY_INLINE Vector operator()(Vector sum, std::size_t /*row*/, std::size_t /*column*/) const {
    return sum;
  }
};

template <std::size_t rows, std::size_t vectors, class AddTerm, class Finish>
HWY_INLINE void combine_tile(const AddTerm& add_term, Left a, Right b, std::size_t inner, Sums out,
                             const Finish& finish) {
  const Floats d;
  Vector sums[rows][vectors];
  HWY_UNROLL(8)
  for (std::size_t i = 0; i < rows; ++i) {
    HWY_UNROLL(2)
    for (std::size_t j = 0; j < vectors; ++j) {
      sums[i][j] = out.grow ? hn::LoadU(d, out.data + i * out.row + j * lanes) : hn::Zero(d);
    }
  }
  for (std::size_t k = 0; k < inner; ++k) {
    Vector of_b[vectors];
    HWY_UNROLL(2)
    for (std::size_t j = 0; j < vectors; ++j) {
      of_b[j] = hn::LoadU(d, b.data + k * b.row + j * lanes);
    }
    HWY_UNROLL(8)
    for (std::size_t i = 0; i < rows; ++i) {
      const auto of_a = hn::Set(d, a.data[i * a.row + k * a.inner]);
      HWY_UNROLL(2)
      for (std::size_t j = 0; j < vectors; ++j) {
        sums[i][j] = add_term(sums[i][j], of_a, of_b[j]);
      }
    }
  }
  HWY_UNROLL(8)
  for (std::size_t i = 0; i < rows; ++i) {
    HWY_UNROLL(2)
    for (std::size_t j = 0; j < vectors; ++j) {
      hn::StoreU(finish(sums[i][j], i, j * lanes), d, out.data + i * out.row + j * lanes);
    }
  }
}

/// All rows of a few vectors of columns, in tiles whose sums stay in registers.
template <std::size_t vectors, class AddTerm, class Finish = AsTheyAre>
void combine_columns(const AddTerm& add_term, Left a, Right b, std::size_t rows, std::size_t inner,
                     Sums out, const Finish& finish = Finish()) {
  std::size_t i = 0;
  const auto tiles_of = [&](auto tile) HWY_ATTR {
    for (; i + tile <= rows; i += tile) {
      combine_tile<tile, vectors>(add_term, {a.data + i * a.row, a.row, a.inner}, b, inner,
                                  {out.data + i * out.row, out.row, out.grow},
                                  [&](Vector sum, std::size_t row, std::size_t column)
                                      HWY_ATTR { return finish(sum, i + row, column); });
    }
  };
  tiles_of(std::integral_constant<std::size_t, AddTerm::most_rows>());
  tiles_of(std::integral_constant<std::size_t, 4>());
  tiles_of(std::integral_constant<std::size_t, 1>());
}

/// Fewer columns than a vector has lanes, by way of whole vectors.
template <class AddTerm>
void combine_few_columns(const AddTerm& add_term, Left a, Right b, std::size_t rows,
                         std::size_t inner, std::size_t cols, Sums out) {
  std::vector<float> whole(inner * lanes, 0.0F);
  std::vector<float> sums(rows * lanes, 0.0F);
  for (std::size_t k = 0; k < inner; ++k) {
    std::copy_n(b.data + k * b.row, cols, whole.data() + k * lanes);
  }
  for (std::size_t i = 0; out.grow && i < rows; ++i) {
    std::copy_n(out.data + i * out.row, cols, sums.data() + i * lanes);
  }
  combine_columns<1>(add_term, a, {whole.data(), lanes}, rows, inner,
                     {sums.data(), lanes, out.grow});
  for (std::size_t i = 0; i < rows; ++i) {
    std::copy_n(sums.data() + i * lanes, cols, out.data + i * out.row);
  }
}

/// One column, a row in each lane.
template <class AddTerm>
void combine_column(const AddTerm& add_term, Left a, Right b, std::size_t rows, std::size_t inner,
                    Sums out) {
  each_group(a.data, a.row, rows, [&](const Rows& group, std::size_t first, std::size_t count) {
    const RowSums sums = sums_in_order(group, inner, [&](auto sum, auto x, std::size_t k) HWY_ATTR {
      return add_term(sum, x, hn::Set(hn::DFromV<decltype(x)>(), b.data[k * b.row]));
    });
    for (std::size_t i = 0; i < count; ++i) out.data[(first + i) * out.row] = sums[i];
  });
}

template <class AddTerm>
void combine(const AddTerm& add_term, Left a, Right b, std::size_t rows, std::size_t inner,
             std::size_t cols, Sums out) {
  std::size_t first = 0;
  const auto next = [&](auto vectors) {
    combine_columns<decltype(vectors)::value>(add_term, a, {b.data + first, b.row}, rows, inner,
                                              {out.data + first, out.row, out.grow});
    first += vectors * lanes;
  };
  while (first + 2 * lanes <= cols) next(std::integral_constant<std::size_t, 2>());
  if (first + lanes <= cols) next(std::integral_constant<std::size_t, 1>());
  if (first == cols) return;
  if (first + 1 == cols && a.inner == 1 && !out.grow) {
    combine_column(add_term, a, {b.data + first, b.row}, rows, inner,
                   {out.data + first, out.row, out.grow});
    return;
  }
  if (cols >= lanes && !out.grow) {  // once more, the same sums for those that overlap
    first = cols - lanes;
    next(std::integral_constant<std::size_t, 1>());
    return;
  }
  combine_few_columns(add_term, a, {b.data + first, b.row}, rows, inner, cols - first,
                      {out.data + first, out.row, out.grow});
}

}  // namespace wattention::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
