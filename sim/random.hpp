#pragma once

// Random numbers that are the same on every machine: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014),
// and normal numbers as the exact integer sum of twelve 16-bit uniforms (Irwin-Hall: mean 0,
// variance 1, never beyond +-6), so that no mathematics library has a say.

#include <cstdint>

namespace wattention {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  /// Uniform in [0, bound), bound > 0; the bias is below bound / 2^64.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

  float normal() {
    constexpr std::uint64_t every_other_field = 0x0000ffff0000ffffU;
    std::uint64_t pair_of_sums = 0;
    for (int draw = 0; draw < 3; ++draw) {
      const std::uint64_t fields = next();
      pair_of_sums += (fields & every_other_field) + ((fields >> 16U) & every_other_field);
    }
    const auto total =
        static_cast<std::int32_t>((pair_of_sums & 0xffffffffU) + (pair_of_sums >> 32U));
    constexpr std::int32_t twice_mean = 12 * 65535;
    return static_cast<float>(2 * total - twice_mean) / 131072.0F;
  }

 private:
  std::uint64_t state_;
};

}  // namespace wattention
