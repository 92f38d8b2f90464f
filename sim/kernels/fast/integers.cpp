#include <algorithm>
#include <array>
#include <vector>

#include "sim/kernels/fast/targets.hpp"
#include "sim/kernels/fast/vector_kernels.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/kernels/fast/integers.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sim/kernels/fast/vectors.hpp"

HWY_BEFORE_NAMESPACE();
namespace wattention::fast::HWY_NAMESPACE {

using Integers = hn::RebindToSigned<Floats>;
using IntegerVector = hn::Vec<Integers>;

#if HWY_TARGET != HWY_SCALAR
/// Two 8-bit integers as the 16-bit halves of one of 32.
HWY_INLINE std::int32_t pair_of(std::int32_t low, std::int32_t high) {
  return static_cast<std::int32_t>((static_cast<std::uint32_t>(high) << 16U) |
                                   (static_cast<std::uint32_t>(low) & 0xFFFFU));
}

/// Rows of a in pairs of columns, [rows, pairs]; a column more of zeros where they are odd.
template <class A>
void pair_columns(const View<const A>& a, std::size_t head, std::vector<std::int32_t>& to) {
  const std::size_t pairs = (a.cols + 1) / 2;
  to.resize(a.rows * pairs);
  for (std::size_t i = 0; i < a.rows; ++i) {
    const A* const row = a.row(head, i);
    std::int32_t* const out = to.data() + i * pairs;
    for (std::size_t p = 0; p < a.cols / 2; ++p) out[p] = pair_of(row[2 * p], row[2 * p + 1]);
    if (a.cols % 2 != 0) out[pairs - 1] = pair_of(row[a.cols - 1], 0);
  }
}

/// Rows of b in pairs, by panels of a vector of columns: [panels, pairs, lanes].
void pair_rows(const View<const std::int8_t>& b, std::size_t head, std::vector<std::int32_t>& to) {
  const Integers d;
  const hn::Rebind<std::int8_t, Integers> bytes;
  const std::size_t pairs = (b.rows + 1) / 2;
  const std::size_t panels = (b.cols + lanes - 1) / lanes;
  to.assign(panels * pairs * lanes, 0);
  const auto low_half = hn::Set(d, 0xFFFF);
  for (std::size_t p = 0; p < pairs; ++p) {
    const std::int8_t* const low = b.row(head, 2 * p);
    const bool alone = 2 * p + 1 == b.rows;
    const std::int8_t* const high = alone ? low : b.row(head, 2 * p + 1);
    std::size_t c = 0;
    for (; c + lanes <= b.cols; c += lanes) {
      auto pair = hn::And(hn::PromoteTo(d, hn::LoadU(bytes, low + c)), low_half);
      if (!alone) {
        const auto of_high = hn::PromoteTo(d, hn::LoadU(bytes, high + c));
        pair = hn::Or(pair, hn::ShiftLeft<16>(of_high));
      }
      hn::StoreU(pair, d, to.data() + (c / lanes * pairs + p) * lanes);
    }
    for (; c < b.cols; ++c) {
      to[(c / lanes * pairs + p) * lanes + c % lanes] = pair_of(low[c], alone ? 0 : high[c]);
    }
  }
}

/// A few rows of a in pairs times two panels of b.
template <std::size_t rows>
HWY_INLINE void multiply_pairs(const std::int32_t* a, const std::int32_t* b, std::size_t pairs,
                               IntegerVector (*out)[2]) {
  const Integers d;
  const hn::Repartition<std::int16_t, Integers> shorts;
  IntegerVector sums[rows][2];
  IntegerVector more[rows][2];
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < 2; ++j) sums[i][j] = more[i][j] = hn::Zero(d);
  }
  for (std::size_t p = 0; p < pairs; ++p) {
    const auto b0 = hn::BitCast(shorts, hn::LoadU(d, b + p * lanes));
    const auto b1 = hn::BitCast(shorts, hn::LoadU(d, b + (pairs + p) * lanes));
    for (std::size_t i = 0; i < rows; ++i) {
      const auto of_a = hn::BitCast(shorts, hn::Set(d, a[i * pairs + p]));
      sums[i][0] = hn::ReorderWidenMulAccumulate(d, of_a, b0, sums[i][0], more[i][0]);
      sums[i][1] = hn::ReorderWidenMulAccumulate(d, of_a, b1, sums[i][1], more[i][1]);
    }
  }
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      out[i][j] = hn::RearrangeToOddPlusEven(sums[i][j], more[i][j]);
    }
  }
}

HWY_INLINE void store_columns(IntegerVector x, std::size_t count, std::int32_t* to) {
  const Integers d;
  if (count >= lanes) {
    hn::StoreU(x, d, to);
    return;
  }
  HWY_ALIGN std::array<std::int32_t, lanes> all;
  hn::Store(x, d, all.data());
  std::copy_n(all.data(), count, to);
}

#endif

template <class A>
void multiply_integers(const View<const A>& a, const View<const std::int8_t>& b,
                       const View<std::int32_t>& out) {
#if HWY_TARGET == HWY_SCALAR
  for (std::size_t h = 0; h < out.heads; ++h) {
    const std::size_t hb = head_of(h, out.heads, b.heads);
    for (std::size_t i = 0; i < out.rows; ++i) {
      std::fill_n(out.row(h, i), out.cols, 0);
      for (std::size_t k = 0; k < a.cols; ++k) {
        for (std::size_t j = 0; j < out.cols; ++j) out(h, i, j) += a(h, i, k) * b(hb, k, j);
      }
    }
  }
#else
  const std::size_t pairs = (a.cols + 1) / 2;
  std::vector<std::int32_t> of_a;
  std::vector<std::int32_t> of_b;
  std::size_t packed_head = b.heads;
  for (std::size_t h = 0; h < out.heads; ++h) {
    const std::size_t hb = head_of(h, out.heads, b.heads);
    pair_columns(a, h, of_a);
    if (hb != packed_head) {
      pair_rows(b, hb, of_b);
      of_b.resize(of_b.size() + pairs * lanes);  // panels go two by two
      packed_head = hb;
    }
    for (std::size_t c = 0; c < out.cols; c += 2 * lanes) {
      const std::int32_t* const panels = of_b.data() + c * pairs;
      std::size_t i = 0;
      const auto rows_of = [&](auto rows) HWY_ATTR {
        for (; i + rows <= out.rows; i += rows) {
          IntegerVector tile[rows][2];
          multiply_pairs<rows>(of_a.data() + i * pairs, panels, pairs, tile);
          for (std::size_t r = 0; r < rows; ++r) {
            std::int32_t* const to = out.row(h, i + r) + c;
            store_columns(tile[r][0], out.cols - c, to);
            if (c + lanes < out.cols) store_columns(tile[r][1], out.cols - c - lanes, to + lanes);
          }
        }
      };
      rows_of(std::integral_constant<std::size_t, 4>());
      rows_of(std::integral_constant<std::size_t, 1>());
    }
  }
#endif
}

void MultiplySigned(const View<const std::int8_t>& a, const View<const std::int8_t>& b,
                    const View<std::int32_t>& out) {
  multiply_integers(a, b, out);
}
void MultiplyUnsigned(const View<const std::uint8_t>& a, const View<const std::int8_t>& b,
                      const View<std::int32_t>& out) {
  multiply_integers(a, b, out);
}

/// nearest_code of factor * x.
template <class Code>
void codes_between(const View<const float>& x, std::size_t head, float factor, float least,
                   float most, const View<Code>& codes) {
  const Floats d;
  const Integers integers;
  const hn::Rebind<Code, Integers> bytes;
  constexpr float to_integer = 0x1.8p23F;
  const auto shift = hn::Set(d, to_integer);
  const auto highest = hn::Set(d, most);
  const auto lowest = hn::Set(d, least);
  const auto by = hn::Set(d, factor);
  for (std::size_t i = 0; i < x.rows; ++i) {
    const float* const from = x.row(head, i);
    Code* const to = codes.row(head, i);
    for (std::size_t c = 0; c < x.cols; c += lanes) {
      const std::size_t count = std::min(lanes, x.cols - c);
      const auto number = count == lanes ? hn::LoadU(d, from + c) : load_some(from + c, count);
      auto code = hn::Mul(number, by);
      code = hn::IfThenElse(hn::Lt(code, highest), code, highest);
      code = hn::IfThenElse(hn::Gt(code, lowest), code, lowest);
      code = hn::Sub(hn::Add(code, shift), shift);
      const auto narrow = hn::DemoteTo(bytes, hn::ConvertTo(integers, code));
      if (count == lanes) {
        hn::StoreU(narrow, bytes, to + c);
      } else {
        HWY_ALIGN std::array<Code, lanes> all;
        hn::Store(narrow, bytes, all.data());
        std::copy_n(all.data(), count, to + c);
      }
    }
  }
}

void SignedCodes(const View<const float>& x, std::size_t head, float factor,
                 const View<std::int8_t>& codes) {
  codes_between(x, head, factor, -127.0F, 127.0F, codes);
}
void UnsignedCodes(const View<const float>& x, std::size_t head, float factor,
                   const View<std::uint8_t>& codes) {
  codes_between(x, head, factor, 0.0F, 255.0F, codes);
}

void ScaledIntegers(const View<const std::int32_t>& x, const View<const float>& factor,
                    const View<float>& out) {
  const Floats d;
  const Integers integers;
  for (std::size_t h = 0; h < out.heads; ++h) {
    const float of_head = factor(head_of(h, out.heads, factor.heads), 0, 0);
    const auto by = hn::Set(d, of_head);
    for (std::size_t i = 0; i < out.rows; ++i) {
      const std::int32_t* const from = x.row(h, i);
      float* const to = out.row(h, i);
      std::size_t c = 0;
      for (; c + lanes <= out.cols; c += lanes) {
        hn::StoreU(hn::Mul(by, hn::ConvertTo(d, hn::LoadU(integers, from + c))), d, to + c);
      }
      for (; c < out.cols; ++c) to[c] = of_head * static_cast<float>(from[c]);
    }
  }
}

}  // namespace wattention::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wattention::fast {

HWY_EXPORT(MultiplySigned);
HWY_EXPORT(MultiplyUnsigned);
HWY_EXPORT(SignedCodes);
HWY_EXPORT(UnsignedCodes);
HWY_EXPORT(ScaledIntegers);

void integer_matmul(const View<const std::int8_t>& a, const View<const std::int8_t>& b,
                    const View<std::int32_t>& out) {
  HWY_DYNAMIC_DISPATCH(MultiplySigned)(a, b, out);
}
void integer_matmul(const View<const std::uint8_t>& a, const View<const std::int8_t>& b,
                    const View<std::int32_t>& out) {
  HWY_DYNAMIC_DISPATCH(MultiplyUnsigned)(a, b, out);
}
void nearest_codes(const View<const float>& x, std::size_t head, float factor,
                   const View<std::int8_t>& codes) {
  HWY_DYNAMIC_DISPATCH(SignedCodes)(x, head, factor, codes);
}
void nearest_codes(const View<const float>& x, std::size_t head, float factor,
                   const View<std::uint8_t>& codes) {
  HWY_DYNAMIC_DISPATCH(UnsignedCodes)(x, head, factor, codes);
}
void scaled_integers(const View<const std::int32_t>& x, const View<const float>& factor,
                     const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(ScaledIntegers)(x, factor, out);
}

}  // namespace wattention::fast
#endif
