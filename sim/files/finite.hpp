#pragma once

// Numbers that are infinite or NaN, in tensors that come from files and in results.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/tensor/array.hpp"
#include "sim/tensor/tensor.hpp"

namespace wattention {

struct Nonfinite {
  std::uint64_t count = 0;
  std::string first;  // "nan at [0, 3, 5]"; empty where there is none
};

/// One pass over the numbers. A view without data has none.
Nonfinite nonfinite_in(const View<const float>& x);
Nonfinite nonfinite_in(const Array& x);

/// Throws InputError with the first place where a number of an input is infinite or NaN.
void demand_finite(const View<const float>& x, const std::string& file);
void demand_finite(const Array& x, const std::string& file);
/// The same of a trained parameter, which is never allowed to hold such a number.
void demand_finite_parameter(const Array& x, const std::string& file, const std::string& tensor);

}  // namespace wattention
