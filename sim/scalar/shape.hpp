#pragma once

// Shape<T>: a number of which only the format is known. Kernels over it declare and compute
// nothing, tensors of it store nothing, so the price of millions of tokens takes microseconds. The
// operations exist so that kernel sources compile; none is ever run.

#include "sim/scalar/scalar.hpp"

namespace wattention {

template <class T>
class Shape {
 public:
  Shape() = default;
  template <class Value>
  requires std::is_constructible_v<T, Value>
  explicit constexpr Shape(Value /*value*/) {}

  friend constexpr auto plain(Shape) { return plain(T{}); }
  friend constexpr Shape operator+(Shape, Shape) { return {}; }
  friend constexpr Shape operator-(Shape, Shape) { return {}; }
  friend constexpr Shape operator*(Shape, Shape) { return {}; }
  friend constexpr Shape operator/(Shape, Shape) { return {}; }
  constexpr Shape& operator+=(Shape) { return *this; }
  constexpr Shape& operator-=(Shape) { return *this; }
  constexpr Shape& operator*=(Shape) { return *this; }
  constexpr Shape& operator/=(Shape) { return *this; }

  friend constexpr Shape<Sum<T>> mac(Shape<Sum<T>>, Shape, Shape) { return {}; }
  friend constexpr Shape exp(Shape) { return {}; }
  friend constexpr Shape sqrt(Shape) { return {}; }
  friend constexpr Shape erf(Shape) { return {}; }
  friend constexpr Shape tanh(Shape) { return {}; }
  friend constexpr Shape max(Shape, Shape) { return {}; }
  friend constexpr Shape min(Shape, Shape) { return {}; }
  friend constexpr Shape abs(Shape) { return {}; }
  friend constexpr bool exceeds(Shape, Shape) { return false; }
  friend constexpr bool is_positive(Shape) { return false; }
  friend constexpr Shape<Sum<T>> add_signed(Shape<Sum<T>>, bool, Shape) { return {}; }
  friend constexpr Shape doubled(Shape) { return {}; }
  friend constexpr Shape<std::int32_t> differing_bits(Shape, Shape, std::size_t) { return {}; }
  friend constexpr bool bit_at(Shape, std::size_t) { return false; }
  friend constexpr void set_bit(Shape&, std::size_t, bool) {}
};

constexpr Shape<std::int32_t> mac(Shape<std::int32_t>, Shape<std::uint8_t>, Shape<std::int8_t>) {
  return {};
}

template <class T>
struct FormatOf<Shape<T>> : FormatOf<T> {};
template <class T>
inline constexpr bool computes<Shape<T>> = false;
template <class T>
struct Rebound<Shape<T>> {
  template <class U>
  using to = Shape<U>;
};
template <class T>
struct PlainOf<Shape<T>> {
  using type = T;
};
template <class T>
struct SumOf<Shape<T>> {
  using type = Shape<Sum<T>>;
};

}  // namespace wattention
