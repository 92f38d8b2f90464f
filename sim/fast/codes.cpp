#include <algorithm>
#include <array>
#include <vector>

#include "sim/fast/targets.hpp"
#include "sim/fast/vector_kernels.hpp"
#include "sim/threads.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/fast/codes.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sim/fast/sums_of_terms.hpp"

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

/// The codes of some rows as numbers -1 and +1, [rows, width].
void numbers_of(const Codes& codes, std::size_t head, std::size_t first, std::size_t count,
                float* to) {
  const Floats d;
  const hn::RebindToSigned<Floats> integers;
  const auto bits = hn::Shl(hn::Set(integers, 1), hn::Iota(integers, 0));
  const auto one = hn::Set(d, 1.0F);
  for (std::size_t i = 0; i < count; ++i, to += codes.width) {
    const Word* const words = codes.row(head, first + i);
    std::size_t b = 0;
    for (; b + lanes <= codes.width; b += lanes) {
      const auto word = hn::Set(
          integers, static_cast<std::int32_t>((words[b / word_bits] >> (b % word_bits)) & 0xFFU));
      const auto positive = hn::RebindMask(d, hn::TestBit(word, bits));
      hn::StoreU(hn::IfThenElse(positive, one, hn::Neg(one)), d, to + b);
    }
    for (; b < codes.width; ++b) to[b] = codes.positive(head, first + i, b) ? 1.0F : -1.0F;
  }
}

constexpr std::size_t codes_at_once = 64;

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

void SignedMatmul(const Codes& codes, const View<const float>& context, const View<float>& out) {
  std::vector<float> numbers(codes_at_once * codes.width);
  for (std::size_t h = 0; h < out.heads; ++h) {
    const std::size_t hc = head_of(h, out.heads, context.heads);
    for (std::size_t first = 0; first < out.rows; first += codes_at_once) {
      const std::size_t count = std::min(codes_at_once, out.rows - first);
      numbers_of(codes, h, first, count, numbers.data());
      combine(AddExactProduct(), {numbers.data(), codes.width, 1},
              {context.row(hc, 0), context.row_stride}, count, codes.width, out.cols,
              {out.row(h, first), out.row_stride, false});
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
HWY_EXPORT(SignedMatmul);
HWY_EXPORT(SumOfCodes);
HWY_EXPORT(CodeSimilarities);

void code_similarities(const Codes& p, const Codes& q, const View<std::int32_t>& out) {
  HWY_DYNAMIC_DISPATCH(CodeSimilarities)(p, q, out);
}
void pack_signs(const View<const float>& x, const BitView<Word>& out) {
  HWY_DYNAMIC_DISPATCH(PackSigns)(x, out);
}
void signed_outer_sum(const Codes& codes, const View<const float>& v, const View<float>& out) {
  each_part(v.heads, [&](std::size_t h) {
    HWY_DYNAMIC_DISPATCH(SignedOuterSum)(one_head(codes, h), one_head(v, h), one_head(out, h));
  });
}
void signed_matmul(const Codes& codes, const View<const float>& context, const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(SignedMatmul)(codes, context, out);
}
void sum_of_codes(const Codes& codes, const View<std::int32_t>& out) {
  each_part(codes.heads, [&](std::size_t h) {
    HWY_DYNAMIC_DISPATCH(SumOfCodes)(one_head(codes, h), one_head(out, h));
  });
}

// By tables of what each four bits of a code add: 2^4 sums of signed numbers for every four.
void signed_sum_of_integers(const Codes& codes, const View<const std::int32_t>& x,
                            std::int32_t constant, const View<std::int32_t>& out) {
  constexpr std::size_t bits_at_once = 4;
  constexpr std::size_t sums = std::size_t{1} << bits_at_once;
  const std::size_t groups = (codes.width + bits_at_once - 1) / bits_at_once;
  std::vector<std::int32_t> tables(groups * sums);
  for (std::size_t h = 0; h < out.heads; ++h) {
    const std::int32_t* const from = x.row(h / (out.heads / x.heads), 0);
    for (std::size_t g = 0; g < groups; ++g) {
      std::int32_t* const table = tables.data() + g * sums;
      const std::size_t first = g * bits_at_once;
      table[0] = 0;
      for (std::size_t b = first; b < std::min(first + bits_at_once, codes.width); ++b) {
        const std::size_t bit = std::size_t{1} << (b - first);
        for (std::size_t code = 0; code < bit; ++code) {
          table[bit + code] = table[code] + from[b];
          table[code] -= from[b];
        }
      }
    }
    for (std::size_t i = 0; i < out.rows; ++i) {
      const Word* const words = codes.row(h, i);
      std::int32_t total = constant;
      for (std::size_t g = 0; g < groups; ++g) {
        const std::size_t bit = g * bits_at_once;
        total += tables[g * sums + ((words[bit / word_bits] >> (bit % word_bits)) & (sums - 1))];
      }
      out(h, i, 0) = total;
    }
  }
}

}  // namespace wattention::fast
#endif
