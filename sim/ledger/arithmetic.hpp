#pragma once

// The floating-point formats that a run can compute in, and its choice of one. A format is data: a
// further one is a row of `floating_formats`, and a name and a width in sim/ledger/op.hpp.
//
// e4m3 and e5m2 are the two 8-bit formats of the OCP 8-bit Floating Point Specification (OFP8),
// revision 1.0, Open Compute Project, 2023, whose conversions saturate here: what is beyond the
// largest number, infinity included, becomes that number with its sign (section 5.2.1). e4m3 has no
// infinity at all; its numbers end at 448 because the pattern above is NaN.

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "sim/ledger/op.hpp"

namespace wattention {

/// Sign, exponent and mantissa, with subnormal numbers below the smallest normal one.
struct FloatingFormat {
  Format format;
  unsigned mantissa_bits;  // written ones
  float smallest_normal;
  float largest;
  bool saturates;  // beyond the largest number; else it becomes infinite
};

inline constexpr std::array<FloatingFormat, 5> floating_formats{{
    {Format::fp32, 23, 0x1p-126F, std::numeric_limits<float>::max(), false},  // IEEE binary32
    {Format::fp16, 10, 0x1p-14F, 65504.0F, false},                            // IEEE binary16
    {Format::bf16, 7, 0x1p-126F, 0x1.fep127F, false},                         // bfloat16
    {Format::e4m3, 3, 0x1p-6F, 448.0F, true},                                 // OFP8 E4M3
    {Format::e5m2, 2, 0x1p-14F, 57344.0F, true},                              // OFP8 E5M2
}};

/// The row of a format. Throws Error where it is none of floating_formats.
constexpr const FloatingFormat& floating_format(Format format) {
  for (const FloatingFormat& row : floating_formats) {
    if (row.format == format) return row;
  }
  throw Error("arithmetic: expected a floating-point format");
}

/// The names of floating_formats, for those who ask for one.
inline std::vector<std::string> floating_format_names() {
  std::vector<std::string> all;
  all.reserve(floating_formats.size());
  for (const FloatingFormat& row : floating_formats) all.emplace_back(name_of(row.format));
  return all;
}

/// The format of that name; throws InputError for one that is none of floating_formats.
inline Format floating_format_named(std::string_view name) {
  for (const FloatingFormat& row : floating_formats) {
    if (name_of(row.format) == name) return row.format;
  }
  throw InputError("precision", one_of(floating_format_names(), name), in_quotes(name));
}

/// What sums, of products and of numbers, are kept in: fp32, as matrix units do, or the format of
/// their terms.
enum class Accumulate : std::uint8_t { fp32, same };
template <>
inline constexpr auto names_of<Accumulate> = names("fp32", "same");

/// The number format that a run computes in, and what it keeps sums in. Input and parameters are
/// rounded to the format first.
struct Arithmetic {
  Format precision = Format::fp32;  // one of floating_formats
  Accumulate accumulate = Accumulate::fp32;

  constexpr Format sums() const {
    return accumulate == Accumulate::fp32 ? Format::fp32 : precision;
  }

  /// The format itself, or the one of this arithmetic that it stands for.
  constexpr Format meant(Format format) const {
    if (format == Format::of_run) return precision;
    if (format == Format::of_sums) return sums();
    return format;
  }

  /// The smallest divisor whose reciprocal is a number of the format: of narrow ranges the smallest
  /// normal number.
  constexpr float least_divisor() const { return floating_format(precision).smallest_normal; }
  constexpr float largest() const { return floating_format(precision).largest; }

  bool operator==(const Arithmetic&) const = default;
};

}  // namespace wattention
