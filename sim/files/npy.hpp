#pragma once

// NumPy's .npy files, versions 1.0 and 2.0, of little-endian float32 in C order; integers are read
// too, as token ids.
//
// Layout: "\x93NUMPY", the version (2 bytes), the length of the header (2 or 4 bytes), the header
// (a Python dict with descr, fortran_order and shape), the numbers. Every field is checked against
// the size of the file before anything is allocated; sizes are at least 1, bytes after the numbers
// are an error, numbers may be infinite or NaN. Damaged files throw InputError with the place.
// Source: numpy.lib.format.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "sim/tensor/array.hpp"
#include "sim/tensor/tensor.hpp"

namespace wattention {

/// A tensor in a file: a view together with what keeps it alive. Copies share the numbers.
class NpyTensor {
 public:
  NpyTensor(const View<const float>& view, std::shared_ptr<const void> owner)
      : owner_(std::move(owner)), view_(view) {}

  const View<const float>& view() const { return view_; }

 private:
  std::shared_ptr<const void> owner_;
  View<const float> view_;
};

/// [heads, tokens, dim], directly over the mapped file; copied only where the numbers are not
/// aligned in it.
NpyTensor load_npy(const std::string& path);

/// Any rank from 0 to 8, copied.
Array load_npy_array(const std::string& path);

/// int32, int64 or uint8, any rank from 0 to 8, copied; the numbers fit 32 bits with a sign.
IntegerArray load_npy_integers(const std::string& path);

/// The same from bytes in memory; `file` is the name for messages.
IntegerArray parse_npy_integers(std::span<const std::byte> bytes, std::string_view file);
Array parse_npy(std::span<const std::byte> bytes, std::string_view file);

/// A version 1.0 file, byte for byte what numpy.save writes. The view is rectangular.
std::string npy_bytes(const View<const float>& view);
std::string npy_bytes(const Array& array);

}  // namespace wattention
