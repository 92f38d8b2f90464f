#pragma once

// Tensors of rank 3, [heads, rows, cols], row-major. `Tensor` owns, `View` does not. A tensor of
// Shape<T> has sizes only and stores nothing. Sizes are checked products.
//
// A view may be triangular: row r then has `first_width + r` columns (causal attention).
// A tensor may be local: it is passed on between fused kernels, a block of rows at a time, in the
// memory where they run, and comes from and goes to no other as long as a row of it fits there.
// Every tensor has an identity from birth, wherever it came from.

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "sim/ledger/movement.hpp"
#include "sim/ledger/op.hpp"
#include "sim/scalar/scalar.hpp"
#include "sim/tensor/block_pool.hpp"

namespace wattention {

enum class Residence : std::uint8_t { memory, local };

template <class T>
struct View {
  T* data = nullptr;
  std::size_t heads = 0;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t head_stride = 0;
  std::size_t row_stride = 0;
  std::size_t first_width = 0;  // columns of row 0
  std::size_t width_step = 0;   // 0: rectangular, 1: each row has one column more
  Residence residence = Residence::memory;
  std::uint64_t id = 0;  // of the tensor; a layout or a conversion of it keeps the id

  View() = default;
  View(T* data_, std::size_t heads_, std::size_t rows_, std::size_t cols_)
      : data(data_),
        heads(heads_),
        rows(rows_),
        cols(cols_),
        head_stride(product(rows_, cols_)),
        row_stride(cols_),
        first_width(cols_),
        id(fresh_tensor_id()) {}
  template <class Mutable, class = std::enable_if_t<std::is_same_v<const Mutable, T>>>
  // NOLINTNEXTLINE(google-explicit-constructor): implicit, as for std::span
  View(const View<Mutable>& other)
      : data(other.data),
        heads(other.heads),
        rows(other.rows),
        cols(other.cols),
        head_stride(other.head_stride),
        row_stride(other.row_stride),
        first_width(other.first_width),
        width_step(other.width_step),
        residence(other.residence),
        id(other.id) {}

  /// Throws Error where accesses are observed and the view has no such head or row.
  T* row(std::size_t head, std::size_t r) const {
    if constexpr (observes<std::remove_const_t<T>>) {
      if (head >= heads || r >= rows) refuse_index({head, r, 0}, {heads, rows, cols});
    }
    return data + head * head_stride + r * row_stride;
  }
  /// Throws Error where accesses are observed and the view has no such number.
  T& operator()(std::size_t head, std::size_t r, std::size_t c) const {
    if constexpr (observes<std::remove_const_t<T>>) {
      if (c >= width(r)) refuse_index({head, r, c}, {heads, rows, cols});
    }
    return row(head, r)[c];
  }

  /// Columns of row r.
  std::size_t width(std::size_t r) const { return first_width + width_step * r; }
  bool triangular() const { return width_step != 0; }

  /// Numbers in the view; of a triangular one, those inside the triangle.
  std::uint64_t elements() const {
    if (!triangular()) return product(heads, rows, cols);
    const std::uint64_t growth =
        rows % 2 == 0 ? product(rows / 2, rows - 1) : product(rows, (rows - 1) / 2);
    return product(heads, sum(product(rows, first_width), growth));
  }

  /// Rows [first, first + count).
  View slice(std::size_t first, std::size_t count) const {
    View part = *this;
    if (data != nullptr) part.data += first * row_stride;
    part.rows = count;
    part.first_width = width(first);
    return part;
  }

  /// The lower triangle: row r keeps its first `width_of_first_row + r` columns.
  View triangle(std::size_t width_of_first_row) const {
    View part = *this;
    part.first_width = width_of_first_row;
    part.width_step = 1;
    return part;
  }
};

template <class T>
class Tensor {
 public:
  Tensor() = default;
  Tensor(std::size_t heads, std::size_t rows, std::size_t cols,
         Residence residence = Residence::memory)
      : view_(nullptr, heads, rows, cols) {
    view_.residence = residence;
    const std::uint64_t size = product(heads, rows, cols);
    if constexpr (computes<T>) {
      storage_ = allocate<T>(size);
      view_.data = storage_.get();
    }
    if constexpr (observes<T>) {
      ObservedStorage& storage = *observed_storage(view_.data);
      storage.tensor = view_.id;
      storage.shape = {heads, rows, cols};
      storage.format = format_of<T>;
    }
  }

  /// Sizes alone, for a tensor that is only estimated.
  static Tensor without_data(std::size_t heads, std::size_t rows, std::size_t cols) {
    Tensor tensor;
    tensor.view_ = View<T>(nullptr, heads, rows, cols);
    return tensor;
  }

  /// The same data in another layout or format: `id` is that tensor's.
  void set_id(std::uint64_t id) {
    view_.id = id;
    if constexpr (observes<T>) observed_storage(view_.data)->tensor = id;
  }

  View<T> view() { return view_; }
  View<const T> view() const { return view_; }
  View<const T> input() const { return view_; }
  operator View<T>() { return view_; }              // NOLINT(google-explicit-constructor)
  operator View<const T>() const { return view_; }  // NOLINT(google-explicit-constructor)

  std::size_t heads() const { return view_.heads; }
  std::size_t rows() const { return view_.rows; }
  std::size_t cols() const { return view_.cols; }
  std::size_t size() const { return heads() * rows() * cols(); }
  T* data() { return view_.data; }
  const T* data() const { return view_.data; }
  T& operator()(std::size_t head, std::size_t row, std::size_t col) {
    return view_(head, row, col);
  }
  const T& operator()(std::size_t head, std::size_t row, std::size_t col) const {
    return view_(head, row, col);
  }

 private:
  Allocation<T> storage_;
  View<T> view_;
};

/// The same sizes, traffic and triangle under another scalar type, without data.
template <class To, class From>
View<To> shape_as(const View<From>& from) {
  View<To> to(nullptr, from.heads, from.rows, from.cols);
  to.first_width = from.first_width;
  to.width_step = from.width_step;
  to.residence = from.residence;
  to.head_stride = from.head_stride;
  to.row_stride = from.row_stride;
  to.id = from.id;
  return to;
}

/// A copy with every number converted to the arithmetic of a run; of a view without data, or to
/// Shape, the sizes alone.
template <class To, class From>
Tensor<To> converted(const View<From>& from, const Arithmetic& arithmetic) {
  Tensor<To> to(from.heads, from.rows, from.cols, from.residence);
  to.set_id(from.id);
  if constexpr (computes<To>) {
    const Setup setup;
    for (std::size_t h = 0; h < from.heads; ++h) {
      for (std::size_t r = 0; r < from.rows; ++r) {
        for (std::size_t c = 0; c < from.cols; ++c) {
          to(h, r, c) = real_of<To>(from(h, r, c), arithmetic);
        }
      }
    }
  }
  return to;
}

/// The same where the arithmetic is fp32 whatever the run.
template <class To, class From>
Tensor<To> converted(const View<From>& from) {
  static_assert(std::is_arithmetic_v<Plain<To>>, "a number of the run needs its arithmetic");
  return converted<To>(from, Arithmetic{});
}

/// A tensor of the machine's numbers in the arithmetic of a run, for as long as it lives: the
/// tensor itself for float, else a copy, sizes alone for Shape.
template <class Real>
class InArithmetic {
 public:
  InArithmetic(const Tensor<float>& tensor, const Arithmetic& arithmetic) {
    if constexpr (std::is_same_v<Real, float>) {
      view_ = tensor.view();
    } else {
      copy_ = converted<Real>(tensor.view(), arithmetic);
      view_ = copy_.input();
    }
  }
  operator View<const Real>() const { return view_; }  // NOLINT(google-explicit-constructor)
  const View<const Real>& view() const { return view_; }

 private:
  Tensor<Real> copy_;
  View<const Real> view_;
};

/// [heads, rows, cols] -> [heads, cols, rows]. Moves data only: it is a layout, not an operation.
template <class T>
Tensor<std::remove_const_t<T>> transposed(const View<T>& from) {
  Tensor<std::remove_const_t<T>> to(from.heads, from.cols, from.rows, from.residence);
  to.set_id(from.id);
  if constexpr (computes<std::remove_const_t<T>>) {
    const Setup setup;
    constexpr std::size_t tile = 16;
    for (std::size_t h = 0; h < from.heads; ++h) {
      for (std::size_t r0 = 0; r0 < from.rows; r0 += tile) {
        const std::size_t r1 = std::min(r0 + tile, from.rows);
        for (std::size_t c = 0; c < from.cols; ++c) {
          for (std::size_t r = r0; r < r1; ++r) to(h, c, r) = from(h, r, c);
        }
      }
    }
  }
  return to;
}

}  // namespace wattention
