#include <algorithm>
#include <array>
#include <vector>

#include "sim/kernels/fast/targets.hpp"
#include "sim/kernels/fast/vector_kernels.hpp"
#include "sim/threads.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/kernels/fast/codes.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sim/kernels/fast/sums_of_terms.hpp"

HWY_BEFORE_NAMESPACE();
namespace wattention::fast::HWY_NAMESPACE {

Word signs_of(const float* x, std::size_t count) {
  const Floats d;
  Word word = 0;
  std::size_t c = 0;
  for (; c + lanes <= count; c += lanes) {
    std::uint8_t bits = 0;
    hn::StoreMaskBits(d, hn::Gt(hn::LoadU(d, x + c), hn::Zero(d)), &bits);
    word |= static_cast<Word>(bits) << c;
  }
  for (; c < count; ++c) word |= static_cast<Word>(x[c] > 0.0F) << c;
  return word;
}

void PackSigns(const View<const float>& x, const BitView<Word>& out) {
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      for (std::size_t w = 0; w < out.words(); ++w) {
        out.row(h, i)[w] |= signs_of(x.row(h, i) + w * word_bits, out.used_bits(w));
      }
    }
  }
}

constexpr std::size_t half_word = 32;
constexpr std::size_t codes_at_once = 64;

/// Bits [first, first + 32) of a code; `first` is a multiple of 32.
HWY_INLINE std::uint32_t half_of(const Word* code, std::size_t first) {
  return static_cast<std::uint32_t>(code[first / word_bits] >> (first % word_bits));
}

/// The codes of some rows as numbers -1 and +1, [rows, width].
void numbers_of(const Codes& codes, std::size_t head, std::size_t first, std::size_t count,
                float* to) {
  const Floats d;
  const hn::RebindToUnsigned<Floats> bits;
  const auto one = hn::BitCast(bits, hn::Set(d, 1.0F));
  const auto sign = hn::Set(bits, 0x80000000U);
  const std::size_t words = codes.words();
  std::size_t b = 0;
  for (; b + lanes <= codes.width; b += lanes) {
    const std::size_t place = b % half_word;
    const auto to_sign =
        hn::Sub(hn::Set(bits, static_cast<std::uint32_t>(31 - place)), hn::Iota(bits, 0));
    const Word* code = codes.row(head, first);
    for (std::size_t i = 0; i < count; ++i, code += words) {
      const auto half = hn::Set(bits, half_of(code, b - place));
      const auto negative = hn::AndNot(hn::Shl(half, to_sign), sign);
      hn::StoreU(hn::BitCast(d, hn::Or(one, negative)), d, to + i * codes.width + b);
    }
  }
  for (; b < codes.width; ++b) {
    for (std::size_t i = 0; i < count; ++i) {
      to[i * codes.width + b] = codes.positive(head, first + i, b) ? 1.0F : -1.0F;
    }
  }
}

void SignedOuterSum(const Codes& codes, const View<const float>& v, const View<float>& out) {
  std::vector<float> numbers(codes_at_once * codes.width);
  for (std::size_t h = 0; h < v.heads; ++h) {
    for (std::size_t b = 0; b < out.rows; ++b) std::fill_n(out.row(h, b), out.cols, 0.0F);
    for (std::size_t first = 0; first < v.rows; first += codes_at_once) {
      const std::size_t count = std::min(codes_at_once, v.rows - first);
      numbers_of(codes, h, first, count, numbers.data());
      combine(AddExactProduct(), {numbers.data(), 1, codes.width}, {v.row(h, first), v.row_stride},
              codes.width, count, v.cols, {out.row(h, 0), out.row_stride, true});
    }
  }
}

/// The sum of signed integers of each code of a block, and a constant: a code in each lane.
void signed_sums(const Codes& codes, std::size_t head, std::size_t first, std::size_t count,
                 const std::int32_t* x, std::int32_t constant, float* to) {
  const hn::RebindToSigned<Floats> integers;
  HWY_ALIGN std::array<std::int32_t, codes_at_once> halves{};
  HWY_ALIGN std::array<std::int32_t, codes_at_once> sums;
  std::int32_t of_no_bit = constant;
  for (std::size_t b = 0; b < codes.width; ++b) of_no_bit -= x[b];
  std::fill_n(sums.data(), sums.size(), of_no_bit);
  for (std::size_t from = 0; from < codes.width; from += half_word) {
    for (std::size_t i = 0; i < count; ++i) {
      halves[i] = static_cast<std::int32_t>(half_of(codes.row(head, first + i), from));
    }
    for (std::size_t i = 0; i < codes_at_once; i += lanes) {
      const auto half = hn::Load(integers, halves.data() + i);
      auto sum = hn::Load(integers, sums.data() + i);
      auto bit = hn::Set(integers, 1);
      for (std::size_t b = from; b < std::min(from + half_word, codes.width); ++b) {
        const auto once = hn::IfThenElseZero(hn::TestBit(half, bit), hn::Set(integers, x[b]));
        sum = hn::Add(sum, hn::Add(once, once));
        bit = hn::Add(bit, bit);
      }
      hn::Store(sum, integers, sums.data() + i);
    }
  }
  for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<float>(sums[i]);
}

/// Rows as whole vectors, where they have fewer columns than a vector has lanes.
class Wide {
 public:
  Wide(const View<const float>& x, std::size_t head, std::size_t first, std::size_t count)
      : data_(x.row(head, first)), stride_(x.row_stride) {
    if (x.cols >= lanes) return;
    copy_.resize(count * lanes);
    for (std::size_t i = 0; i < count; ++i) {
      std::copy_n(x.row(head, first + i), x.cols, copy_.data() + i * lanes);
    }
    data_ = copy_.data();
    stride_ = lanes;
  }
  const float* data() const { return data_; }
  std::size_t stride() const { return stride_; }

 private:
  std::vector<float> copy_;
  const float* data_;
  std::size_t stride_;
};

void OutputOfCodes(const Codes& codes, const View<const float>& context,
                   const View<const std::int32_t>& sums, std::int32_t constant, float factor,
                   const View<const float>& added, const View<float>& out) {
  const Floats d;
  const auto by = hn::Set(d, factor);
  const bool narrow = out.cols < lanes;
  const std::size_t cols = std::max(out.cols, lanes);
  std::vector<float> numbers(codes_at_once * codes.width);
  std::vector<float> narrow_out(narrow ? codes_at_once * lanes : 0);
  std::array<float, codes_at_once> divisors;
  std::array<float, codes_at_once> reciprocals;
  for (std::size_t h = 0; h < out.heads; ++h) {
    const std::size_t hc = head_of(h, out.heads, context.heads);
    const Wide of_context(context, hc, 0, context.rows);
    for (std::size_t first = 0; first < out.rows; first += codes_at_once) {
      const std::size_t count = std::min(codes_at_once, out.rows - first);
      const Wide of_added(added, head_of(h, out.heads, added.heads), first, count);
      float* const to = narrow ? narrow_out.data() : out.row(h, first);
      const std::size_t to_stride = narrow ? lanes : out.row_stride;
      numbers_of(codes, h, first, count, numbers.data());
      signed_sums(codes, h, first, count, sums.row(hc, 0), constant, divisors.data());
      for (std::size_t i = 0; i < count; ++i) reciprocals[i] = 1.0F / divisors[i];
      const auto columns = [&](auto vectors, std::size_t c) HWY_ATTR {
        combine_columns<decltype(vectors)::value>(
            AddExactProduct(), {numbers.data(), codes.width, 1},
            {of_context.data() + c, of_context.stride()}, count, codes.width,
            {to + c, to_stride, false},
            [&](Vector sum, std::size_t row, std::size_t column) HWY_ATTR {
              const auto x = hn::LoadU(d, of_added.data() + row * of_added.stride() + c + column);
              return hn::Mul(hn::Add(sum, hn::Mul(by, x)), hn::Set(d, reciprocals[row]));
            });
      };
      std::size_t c = 0;
      for (; c + 2 * lanes <= cols; c += 2 * lanes) {
        columns(std::integral_constant<std::size_t, 2>(), c);
      }
      for (; c < cols; c += lanes) {  // the last vector may overlap the one before
        columns(std::integral_constant<std::size_t, 1>(), std::min(c, cols - lanes));
      }
      for (std::size_t i = 0; narrow && i < count; ++i) {
        std::copy_n(to + i * lanes, out.cols, out.row(h, first + i));
      }
    }
  }
}

/// -1 for every bit that is not set, +1 for every one that is.
void SumOfCodes(const Codes& codes, const View<std::int32_t>& out) {
  const hn::RebindToSigned<Floats> d;
  const auto bits = hn::Shl(hn::Set(d, 1), hn::Iota(d, 0));
  for (std::size_t h = 0; h < codes.heads; ++h) {
    for (std::size_t first = 0; first < codes.width; first += lanes) {
      auto positive = hn::Zero(d);
      for (std::size_t j = 0; j < codes.rows; ++j) {
        const Word word = codes.row(h, j)[first / word_bits] >> (first % word_bits);
        const auto set = hn::TestBit(hn::Set(d, static_cast<std::int32_t>(word & 0xFFU)), bits);
        positive = hn::Sub(positive, hn::VecFromMask(d, set));
      }
      HWY_ALIGN std::array<std::int32_t, lanes> counts;
      hn::Store(positive, d, counts.data());
      for (std::size_t b = first; b < std::min(first + lanes, codes.width); ++b) {
        out(h, 0, b) = 2 * counts[b - first] - static_cast<std::int32_t>(codes.rows);
      }
    }
  }
}

void CodeSimilarities(const Codes& p, const Codes& q, const View<std::int32_t>& out) {
  const auto width = static_cast<std::int32_t>(p.width);
  for (std::size_t h = 0; h < out.heads; ++h) {
    const std::size_t hq = head_of(h, out.heads, q.heads);
    for (std::size_t i = 0; i < out.rows; ++i) {
      std::int32_t* const to = out.row(h, i);
      const Word* const a = p.row(h, i);
      for (std::size_t j = 0; j < out.cols; ++j) {
        const Word* const b = q.row(hq, j);
        std::int32_t different = 0;
        for (std::size_t w = 0; w < p.words(); ++w) different += __builtin_popcountll(a[w] ^ b[w]);
        to[j] = width - 2 * different;
      }
    }
  }
}

}  // namespace wattention::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wattention::fast {

namespace {

template <class ViewType>
ViewType one_head(ViewType view, std::size_t head) {
  view.data += head * view.head_stride;
  view.heads = 1;
  return view;
}

}  // namespace

HWY_EXPORT(PackSigns);
HWY_EXPORT(SignedOuterSum);
HWY_EXPORT(OutputOfCodes);
HWY_EXPORT(SumOfCodes);
HWY_EXPORT(CodeSimilarities);

void code_similarities(const Codes& p, const Codes& q, const View<std::int32_t>& out) {
  HWY_DYNAMIC_DISPATCH(CodeSimilarities)(p, q, out);
}
void pack_signs(const View<const float>& x, const BitView<Word>& out) {
  HWY_DYNAMIC_DISPATCH(PackSigns)(x, out);
}
void signed_outer_sum(const Codes& codes, const View<const float>& v, const View<float>& out) {
  each_part(v.heads, product(v.elements(), codes.width), [&](std::size_t h) {
    HWY_DYNAMIC_DISPATCH(SignedOuterSum)(one_head(codes, h), one_head(v, h), one_head(out, h));
  });
}
void output_of_codes(const Codes& codes, const View<const float>& context,
                     const View<const std::int32_t>& sums, std::int32_t constant, float factor,
                     const View<const float>& added, const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(OutputOfCodes)(codes, context, sums, constant, factor, added, out);
}
void sum_of_codes(const Codes& codes, const View<std::int32_t>& out) {
  each_part(codes.heads, codes.elements(), [&](std::size_t h) {
    HWY_DYNAMIC_DISPATCH(SumOfCodes)(one_head(codes, h), one_head(out, h));
  });
}

}  // namespace wattention::fast
#endif
