// Vectors of floats and what is done with them along a row. Compiled once for each set of
// instructions, as Highway does it: the guard toggles.

#if defined(WATTENTION_FAST_VECTORS) == defined(HWY_TARGET_TOGGLE)
#ifdef WATTENTION_FAST_VECTORS
#undef WATTENTION_FAST_VECTORS
#else
#define WATTENTION_FAST_VECTORS
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "sim/scalar/exponential.hpp"

HWY_BEFORE_NAMESPACE();
namespace wattention::fast::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::CappedTag<float, 8>;
using Vector = hn::Vec<Floats>;
constexpr std::size_t lanes = hn::MaxLanes(Floats());

HWY_INLINE std::size_t head_of(std::size_t head, std::size_t heads, std::size_t sharing) {
  return head / (heads / sharing);
}

/// The first `count` lanes.
HWY_INLINE void store_some(Vector x, std::size_t count, float* to) {
  HWY_ALIGN std::array<float, lanes> all;
  hn::Store(x, Floats(), all.data());
  std::copy_n(all.data(), count, to);
}
HWY_INLINE Vector load_some(const float* from, std::size_t count) {
  HWY_ALIGN std::array<float, lanes> all{};
  std::copy_n(from, count, all.data());
  return hn::Load(Floats(), all.data());
}

/// to[c] = f(from[c] ...) for all columns, perhaps in place. The last vector overlaps the one
/// before it, so its input is read before that is written.
template <class F, class... From>
HWY_INLINE void each_column(std::size_t cols, float* to, const F& f, const From*... from) {
  const Floats d;
  if (cols < lanes) {
    store_some(f(load_some(from, cols)...), cols, to);
    return;
  }
  const std::size_t last = cols - lanes;
  const auto at_end = f(hn::LoadU(d, from + last)...);
  for (std::size_t c = 0; c < last; c += lanes) hn::StoreU(f(hn::LoadU(d, from + c)...), d, to + c);
  hn::StoreU(at_end, d, to + last);
}

/// Vectors that go through a long chain of operations side by side, since each one waits for the
/// step before.
constexpr std::size_t side_by_side = 4;
struct Several {
  Vector x[side_by_side];
  std::size_t column[side_by_side];  // of the first lane
};
template <class Step>
HWY_INLINE void each_of(const Step& step) {
  HWY_UNROLL(4)
  for (std::size_t i = 0; i < side_by_side; ++i) step(i);
}

/// to[c] = f(from[c]) for all columns, perhaps in place, where f changes Several. The last vector
/// overlaps the one before it, so its input is read before that is written.
template <class F>
HWY_INLINE void several_columns(std::size_t cols, const float* from, float* to, const F& f) {
  const Floats d;
  Several v;
  if (cols < lanes) {
    each_of([&](std::size_t i) HWY_ATTR {
      v.x[i] = load_some(from, cols);
      v.column[i] = 0;
    });
    f(v, cols);
    store_some(v.x[0], cols, to);
    return;
  }
  const std::size_t last = cols - lanes;
  const auto at_end = hn::LoadU(d, from + last);
  std::size_t c = 0;
  for (; c + side_by_side * lanes <= last; c += side_by_side * lanes) {
    each_of([&](std::size_t i) HWY_ATTR {
      v.column[i] = c + i * lanes;
      v.x[i] = hn::LoadU(d, from + v.column[i]);
    });
    f(v, lanes);
    each_of([&](std::size_t i) HWY_ATTR { hn::StoreU(v.x[i], d, to + v.column[i]); });
  }
  for (bool ended = false; !ended; c += side_by_side * lanes) {
    each_of([&](std::size_t i) HWY_ATTR {
      const std::size_t column = c + i * lanes;
      v.column[i] = std::min(column, last);
      v.x[i] = column < last ? hn::LoadU(d, from + column) : at_end;
    });
    f(v, lanes);
    each_of([&](std::size_t i) HWY_ATTR { hn::StoreU(v.x[i], d, to + v.column[i]); });
    ended = c + (side_by_side - 1) * lanes >= last;
  }
}

/// exponential(x) of numbers that are not above 88.
HWY_INLINE void exponentiate(Several& v) {
  using C = ExponentialConstants;
  const Floats d;
  const hn::RebindToSigned<Floats> integers;
  const auto to_biased = hn::Set(d, C::to_integer + C::exponent_bias);
  Vector power[side_by_side];
  Vector r[side_by_side];
  Vector y[side_by_side];
  each_of([&](std::size_t i) HWY_ATTR {
    const auto shifted = hn::Add(hn::Mul(v.x[i], hn::Set(d, C::per_ln2)), to_biased);
    power[i] = hn::BitCast(d, hn::ShiftLeft<C::mantissa_bits>(hn::BitCast(integers, shifted)));
    const auto n = hn::Sub(shifted, to_biased);
    r[i] = hn::Sub(hn::Sub(v.x[i], hn::Mul(n, hn::Set(d, C::ln2_high))),
                   hn::Mul(n, hn::Set(d, C::ln2_low)));
  });
  each_of([&](std::size_t i) HWY_ATTR {
    const auto times_r_plus = [&](float a, float b) HWY_ATTR {
      return hn::Add(hn::Mul(hn::Set(d, a), r[i]), hn::Set(d, b));
    };
    const auto square = hn::Mul(r[i], r[i]);
    y[i] = hn::Add(hn::Mul(times_r_plus(C::p[0], C::p[1]), square), times_r_plus(C::p[2], C::p[3]));
    y[i] = hn::Add(hn::Mul(y[i], square), times_r_plus(C::p[4], C::p[5]));
    y[i] = hn::Add(hn::Add(hn::Mul(y[i], square), r[i]), hn::Set(d, 1.0F));
    const auto underflows = hn::Lt(v.x[i], hn::Set(d, C::lowest));
    v.x[i] = hn::IfThenZeroElse(underflows, hn::Mul(y[i], power[i]));
  });
}

/// Sums over each row, in order, from `sums` on, where add(sum, x, column) adds a term. Four rows
/// are turned, a lane each, and there are several such groups since the additions of one wait for
/// each other.
constexpr std::size_t groups_of_four = 4;
using Rows = std::array<const float*, 4 * groups_of_four>;
using RowSums = std::array<float, 4 * groups_of_four>;

template <class F>
HWY_INLINE RowSums sums_in_order(const Rows& rows, std::size_t cols, const F& add,
                                 RowSums sums = {}) {
  const Floats d;
  std::size_t c = 0;
  if constexpr (lanes >= 4) {
    const hn::CappedTag<float, 4> four;
    hn::Vec<decltype(four)> sum[groups_of_four];
    for (std::size_t g = 0; g < groups_of_four; ++g) sum[g] = hn::LoadU(four, sums.data() + 4 * g);
    for (; c + lanes <= cols; c += lanes) {
      HWY_ALIGN std::array<float, 4 * groups_of_four * lanes> turned;  // [group, column, row]
      for (std::size_t g = 0; g < groups_of_four; ++g) {
        const auto load = [&](std::size_t i) HWY_ATTR { return hn::LoadU(d, rows[4 * g + i] + c); };
        hn::StoreInterleaved4(load(0), load(1), load(2), load(3), d, turned.data() + 4 * lanes * g);
      }
      for (std::size_t l = 0; l < lanes; ++l) {
        HWY_UNROLL(4)
        for (std::size_t g = 0; g < groups_of_four; ++g) {
          const auto x = hn::Load(four, turned.data() + 4 * (lanes * g + l));
          sum[g] = add(sum[g], x, c + l);
        }
      }
    }
    for (std::size_t g = 0; g < groups_of_four; ++g) hn::StoreU(sum[g], four, sums.data() + 4 * g);
  }
  const hn::CappedTag<float, 1> one;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t rest = c; rest < cols; ++rest) {
      sums[i] = hn::GetLane(add(hn::Set(one, sums[i]), hn::Set(one, rows[i][rest]), rest));
    }
  }
  return sums;
}

/// Calls work(rows, first, count) for groups of rows; the last group repeats its last row.
template <class Work>
HWY_INLINE void each_group(const float* first_row, std::size_t row_stride, std::size_t row_count,
                           const Work& work) {
  Rows rows;
  for (std::size_t first = 0; first < row_count; first += rows.size()) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i] = first_row + std::min(first + i, row_count - 1) * row_stride;
    }
    work(rows, first, std::min(rows.size(), row_count - first));
  }
}

}  // namespace wattention::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
