#pragma once

// Work on a few rows at a time, charged as the whole that it is.
//
// An attention states its algorithm over whole tensors; holding them would take memory O(N^2).
// by_rows runs the same body twice over: once with Shape scalars and all rows, which declares
// operations and traffic of the algorithm; then block by block of rows, which computes and, for
// Counted scalars, is observed. So what was declared as a whole is checked against what the blocks
// truly did.

#include <algorithm>
#include <type_traits>

#include "sim/execute.hpp"

namespace wattention {

/// The rows that a body works on, and the scalar type that it works in.
template <class R>
class RowBlock {
 public:
  using Real = R;

  RowBlock(std::size_t first, std::size_t count) : first_(first), count_(count) {}

  std::size_t first() const { return first_; }
  std::size_t count() const { return count_; }

  /// These rows of a tensor.
  template <class T>
  auto operator()(const View<T>& view) const {
    return whole(view).slice(first_, count_);
  }
  template <class Packed>
  auto operator()(const BitView<Packed>& view) const {
    return whole(view).slice(first_, count_);
  }

  /// A tensor that every block uses.
  template <class T>
  auto whole(const View<T>& view) const {
    return as_real(view, std::type_identity<T>{});
  }
  template <class Packed>
  auto whole(const BitView<Packed>& view) const {
    return as_real(view, std::type_identity<Packed>{});
  }

  /// A tensor with a row for each of these rows.
  Tensor<R> tensor(std::size_t heads, std::size_t cols, Residence residence) const {
    return Tensor<R>(heads, count_, cols, residence);
  }

 private:
  template <class ViewType, class T>
  auto as_real(const ViewType& view, std::type_identity<T>) const {
    using To = typename Rebound<R>::template to<Plain<std::remove_const_t<T>>>;
    using ConstTo = std::conditional_t<std::is_const_v<T>, const To, To>;
    if constexpr (std::is_same_v<T, ConstTo>) {
      return view;
    } else {
      return shape_as<ConstTo>(view);
    }
  }

  std::size_t first_;
  std::size_t count_;
};

/// Calls body(RowBlock<Shape>) for all rows, then body(RowBlock<Real>) for each block of them.
template <class Real, class Body>
void by_rows(Ledger& ledger, std::size_t rows, std::size_t rows_per_block, const Body& body) {
  body(RowBlock<Shape<Plain<Real>>>(0, rows));
  if constexpr (computes<Real>) {
    const Ledger::Undeclared undeclared(ledger);
    for (std::size_t first = 0; first < rows; first += rows_per_block) {
      body(RowBlock<Real>(first, std::min(rows_per_block, rows - first)));
    }
  }
}

}  // namespace wattention
