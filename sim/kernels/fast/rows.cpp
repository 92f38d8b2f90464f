#include <algorithm>
#include <array>
#include <cmath>

#include "sim/kernels/fast/targets.hpp"
#include "sim/kernels/fast/vector_kernels.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/kernels/fast/rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sim/kernels/fast/vectors.hpp"

HWY_BEFORE_NAMESPACE();
namespace wattention::fast::HWY_NAMESPACE {

float largest_of(const float* row, std::size_t width) {
  const Floats d;
  std::size_t c = 0;
  auto top = hn::Set(d, row[0]);
  auto other_top = top;
  for (; c + 2 * lanes <= width; c += 2 * lanes) {
    top = hn::Max(top, hn::LoadU(d, row + c));
    other_top = hn::Max(other_top, hn::LoadU(d, row + c + lanes));
  }
  float largest = hn::GetLane(hn::MaxOfLanes(d, hn::Max(top, other_top)));
  for (; c < width; ++c) largest = std::max(largest, row[c]);
  return largest;
}

/// In place: exp(x - top) of a row whose numbers are not above `top`.
void exponentials_of_row(float* row, std::size_t width, float top) {
  const auto shift = hn::Set(Floats(), top);
  several_columns(width, row, row, [&](Several& v, std::size_t) HWY_ATTR {
    each_of([&](std::size_t i) HWY_ATTR { v.x[i] = hn::Sub(v.x[i], shift); });
    exponentiate(v);
  });
}

/// One division, then multiplications.
void divide_row(const float* from, float divisor, std::size_t cols, float* to) {
  const auto reciprocal = hn::Set(Floats(), 1.0F / divisor);
  each_column(
      cols, to, [&](Vector x) HWY_ATTR { return hn::Mul(x, reciprocal); }, from);
}

void ExponentiateRows(const View<float>& x) {
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      float* const row = x.row(h, i);
      exponentials_of_row(row, x.width(i), largest_of(row, x.width(i)));
    }
  }
}

void RunningExponentials(const View<float>& scores, bool first_tile, const View<float>& top,
                         const View<float>& correction) {
  for (std::size_t h = 0; h < scores.heads; ++h) {
    for (std::size_t i = 0; i < scores.rows; ++i) {
      float* const row = scores.row(h, i);
      float& highest = top(h, i, 0);
      const float of_tile = largest_of(row, scores.cols);
      const float raised = first_tile ? of_tile : std::max(highest, of_tile);
      exponentials_of_row(row, scores.cols, raised);
      if (!first_tile) correction(h, i, 0) = exponential(highest - raised);
      highest = raised;
    }
  }
}

void SoftmaxRows(const View<float>& x) {
  for (std::size_t h = 0; h < x.heads; ++h) {
    each_group(x.row(h, 0), x.row_stride, x.rows,
               [&](const Rows& rows, std::size_t first, std::size_t count) HWY_ATTR {
                 for (std::size_t i = first; i < first + count; ++i) {
                   float* const row = x.row(h, i);
                   exponentials_of_row(row, x.width(i), largest_of(row, x.width(i)));
                 }
                 const std::size_t common = x.width(first);
                 RowSums sums = sums_in_order(rows, common,
                                              [](auto sum, auto y, std::size_t)
                                                  HWY_ATTR { return hn::Add(sum, y); });
                 for (std::size_t i = 0; i < count; ++i) {
                   float* const row = x.row(h, first + i);
                   const std::size_t width = x.width(first + i);
                   for (std::size_t c = common; c < width; ++c) sums[i] += row[c];
                   divide_row(row, sums[i], width, row);
                 }
               });
  }
}

void NormaliseRows(const View<const float>& x, const View<float>& out) {
  for (std::size_t h = 0; h < x.heads; ++h) {
    each_group(x.row(h, 0), x.row_stride, x.rows,
               [&](const Rows& rows, std::size_t first, std::size_t count) HWY_ATTR {
                 const RowSums squares =
                     sums_in_order(rows, x.cols, [](auto sum, auto y, std::size_t) HWY_ATTR {
                       return hn::Add(sum, hn::Mul(y, y));
                     });
                 for (std::size_t i = 0; i < count; ++i) {
                   divide_row(rows[i], std::max(std::sqrt(squares[i]), 1e-12F), x.cols,
                              out.row(h, first + i));
                 }
               });
  }
}

void LayerNorm(const View<const float>& x, const View<const float>& weight,
               const View<const float>& bias, float epsilon, const View<float>& out) {
  const Floats d;
  const auto count = static_cast<float>(x.cols);
  const float* const w = weight.row(0, 0);
  const float* const b = bias.row(0, 0);
  RowSums nothing;
  nothing.fill(-0.0F);  // the sum of one number is that number, whatever its sign
  for (std::size_t h = 0; h < x.heads; ++h) {
    each_group(x.row(h, 0), x.row_stride, x.rows,
               [&](const Rows& rows, std::size_t first, std::size_t rows_of_group) HWY_ATTR {
                 const auto add = [](auto sum, auto y, std::size_t)
                                      HWY_ATTR { return hn::Add(sum, y); };
                 const auto add_square = [](auto sum, auto y, std::size_t)
                                             HWY_ATTR { return hn::Add(sum, hn::Mul(y, y)); };
                 const RowSums sums = sums_in_order(rows, x.cols, add, nothing);
                 Rows differences;
                 for (std::size_t i = 0; i < rows.size(); ++i) {
                   float* const to = out.row(h, first + std::min(i, rows_of_group - 1));
                   differences[i] = to;
                   if (i >= rows_of_group) continue;
                   const auto mean = hn::Set(d, sums[i] / count);
                   each_column(
                       x.cols, to, [&](Vector y) HWY_ATTR { return hn::Sub(y, mean); }, rows[i]);
                 }
                 const RowSums squares = sums_in_order(differences, x.cols, add_square);
                 for (std::size_t i = 0; i < rows_of_group; ++i) {
                   const auto scale = hn::Set(d, 1.0F / std::sqrt(squares[i] / count + epsilon));
                   each_column(
                       x.cols, out.row(h, first + i),
                       [&](Vector y, Vector by, Vector added)
                           HWY_ATTR { return hn::Add(added, hn::Mul(hn::Mul(y, scale), by)); },
                       differences[i], w, b);
                 }
               });
  }
}

/// One tile of scores, see running_softmax in sim/kernels/running_softmax.hpp.
void RunningSoftmaxTile(const View<float>& scores, bool first_tile, const View<float>& top,
                        const View<float>& total, const View<float>& correction) {
  for (std::size_t h = 0; h < scores.heads; ++h) {
    each_group(scores.row(h, 0), scores.row_stride, scores.rows,
               [&](const Rows& rows, std::size_t first, std::size_t count) HWY_ATTR {
                 RowSums before{};
                 for (std::size_t i = 0; i < count; ++i) {
                   float* const row = scores.row(h, first + i);
                   float& highest = top(h, first + i, 0);
                   const float of_tile = largest_of(row, scores.cols);
                   const float raised = first_tile ? of_tile : std::max(highest, of_tile);
                   exponentials_of_row(row, scores.cols, raised);
                   if (!first_tile) {
                     const float by = exponential(highest - raised);
                     correction(h, first + i, 0) = by;
                     before[i] = total(h, first + i, 0) * by;
                   }
                   highest = raised;
                 }
                 const RowSums sums = sums_in_order(
                     rows, scores.cols,
                     [](auto sum, auto y, std::size_t) HWY_ATTR { return hn::Add(sum, y); },
                     before);
                 for (std::size_t i = 0; i < count; ++i) total(h, first + i, 0) = sums[i];
               });
  }
}

void PositiveFeatures(const View<const float>& projections, const View<const float>& half_norms,
                      const View<const float>& top, float least, float factor,
                      const View<float>& out) {
  const Floats d;
  const auto smallest = hn::Set(d, least);
  const auto by = hn::Set(d, factor);
  for (std::size_t h = 0; h < out.heads; ++h) {
    for (std::size_t i = 0; i < out.rows; ++i) {
      const float highest = top(top.heads == 1 ? 0 : h, top.rows == 1 ? 0 : i, 0);
      const auto shift = hn::Set(d, half_norms(h, i, 0) + highest);
      several_columns(out.cols, projections.row(h, i), out.row(h, i),
                      [&](Several& v, std::size_t) HWY_ATTR {
                        each_of([&](std::size_t j) HWY_ATTR { v.x[j] = hn::Sub(v.x[j], shift); });
                        exponentiate(v);
                        each_of([&](std::size_t j)
                                    HWY_ATTR { v.x[j] = hn::Mul(by, hn::Add(v.x[j], smallest)); });
                      });
    }
  }
}

void RowMaxima(const View<const float>& x, const View<float>& out) {
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) out(h, i, 0) = largest_of(x.row(h, i), x.cols);
  }
}

template <class Divisor>
void divide_each_row(const View<const float>& x, const View<const Divisor>& divisors,
                     const View<float>& out) {
  for (std::size_t h = 0; h < out.heads; ++h) {
    for (std::size_t i = 0; i < out.rows; ++i) {
      divide_row(x.row(h, i), static_cast<float>(divisors(h, i, 0)), out.cols, out.row(h, i));
    }
  }
}

void DivideRows(const View<const float>& x, const View<const float>& divisors,
                const View<float>& out) {
  divide_each_row(x, divisors, out);
}
void DivideRowsByIntegers(const View<const float>& x, const View<const std::int32_t>& divisors,
                          const View<float>& out) {
  divide_each_row(x, divisors, out);
}

void AddScaled(const View<const float>& x, float factor, const View<float>& out) {
  const auto by = hn::Set(Floats(), factor);
  for (std::size_t h = 0; h < out.heads; ++h) {
    const std::size_t hx = head_of(h, out.heads, x.heads);
    for (std::size_t i = 0; i < out.rows; ++i) {
      each_column(
          out.cols, out.row(h, i),
          [&](Vector to, Vector from) HWY_ATTR { return hn::Add(to, hn::Mul(by, from)); },
          static_cast<const float*>(out.row(h, i)), x.row(hx, i));
    }
  }
}

void EluFeatures(const View<const float>& x, const View<float>& out) {
  const auto zero = hn::Zero(Floats());
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      several_columns(x.cols, x.row(h, i), out.row(h, i), [&](Several& v, std::size_t) HWY_ATTR {
        Vector positive[side_by_side];
        each_of([&](std::size_t j) HWY_ATTR {
          // As max and min of sim/scalar/scalar.hpp have it: a NaN stays one.
          positive[j] = hn::IfThenElse(hn::Lt(v.x[j], zero), zero, v.x[j]);
          v.x[j] = hn::IfThenElse(hn::Lt(zero, v.x[j]), zero, v.x[j]);
        });
        exponentiate(v);
        each_of([&](std::size_t j) HWY_ATTR { v.x[j] = hn::Add(positive[j], v.x[j]); });
      });
    }
  }
}

void CentredGaussian(const View<const float>& distances, const View<const float>& factor,
                     const View<const float>& mean, const View<float>& out) {
  for (std::size_t h = 0; h < out.heads; ++h) {
    const auto g = hn::Set(Floats(), factor(head_of(h, out.heads, factor.heads), 0, 0));
    const float* const centre = mean.row(head_of(h, out.heads, mean.heads), 0);
    for (std::size_t i = 0; i < out.rows; ++i) {
      const auto gaussian = [&](Several& v, std::size_t count) HWY_ATTR {
        each_of([&](std::size_t j) HWY_ATTR { v.x[j] = hn::Mul(g, v.x[j]); });
        exponentiate(v);
        each_of([&](std::size_t j) HWY_ATTR {
          const float* const m = centre + v.column[j];
          v.x[j] = hn::Sub(v.x[j], count < lanes ? load_some(m, count) : hn::LoadU(Floats(), m));
        });
      };
      several_columns(out.cols, distances.row(h, i), out.row(h, i), gaussian);
    }
  }
}

}  // namespace wattention::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wattention::fast {

HWY_EXPORT(ExponentiateRows);
HWY_EXPORT(RunningExponentials);
HWY_EXPORT(SoftmaxRows);
HWY_EXPORT(NormaliseRows);
HWY_EXPORT(LayerNorm);
HWY_EXPORT(RunningSoftmaxTile);
HWY_EXPORT(PositiveFeatures);
HWY_EXPORT(RowMaxima);
HWY_EXPORT(DivideRows);
HWY_EXPORT(DivideRowsByIntegers);
HWY_EXPORT(AddScaled);
HWY_EXPORT(EluFeatures);
HWY_EXPORT(CentredGaussian);

void exponentiate_rows(const View<float>& x) { HWY_DYNAMIC_DISPATCH(ExponentiateRows)(x); }
void running_exponentials(const View<float>& scores, bool first_tile, const View<float>& top,
                          const View<float>& correction) {
  HWY_DYNAMIC_DISPATCH(RunningExponentials)(scores, first_tile, top, correction);
}
void softmax_rows(const View<float>& x) { HWY_DYNAMIC_DISPATCH(SoftmaxRows)(x); }
void normalise_rows(const View<const float>& x, const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(NormaliseRows)(x, out);
}
void layer_norm(const View<const float>& x, const View<const float>& weight,
                const View<const float>& bias, float epsilon, const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(LayerNorm)(x, weight, bias, epsilon, out);
}
void running_softmax(const View<float>& scores, bool first_tile, const View<float>& top,
                     const View<float>& total, const View<float>& correction) {
  HWY_DYNAMIC_DISPATCH(RunningSoftmaxTile)(scores, first_tile, top, total, correction);
}
void positive_features(const View<const float>& projections, const View<const float>& half_norms,
                       const View<const float>& top, float least, float factor,
                       const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(PositiveFeatures)(projections, half_norms, top, least, factor, out);
}
void row_maxima(const View<const float>& x, const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(RowMaxima)(x, out);
}
void divide_rows(const View<const float>& x, const View<const float>& divisors,
                 const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(DivideRows)(x, divisors, out);
}
void divide_rows(const View<const float>& x, const View<const std::int32_t>& divisors,
                 const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(DivideRowsByIntegers)(x, divisors, out);
}
void add_scaled(const View<const float>& x, float factor, const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(AddScaled)(x, factor, out);
}
void elu_features(const View<const float>& x, const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(EluFeatures)(x, out);
}
void centred_gaussian(const View<const float>& distances, const View<const float>& factor,
                      const View<const float>& mean, const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(CentredGaussian)(distances, factor, mean, out);
}

}  // namespace wattention::fast
#endif
