#pragma once

// Work on a few rows at a time, charged as the whole that it is.
//
// An attention states its algorithm over whole tensors; holding them would take memory O(N^2).
// by_rows runs the same body twice over: once with Shape scalars and all rows, which declares
// operations and traffic of the algorithm; then block by block of rows, which computes and, for
// Counted scalars, is observed. So what was declared as a whole is checked against what the blocks
// truly did. Blocks that know nothing of each other, and heads, may run on several threads:
// by_independent_rows.

#include <algorithm>
#include <type_traits>

#include "sim/kernels/work.hpp"
#include "sim/threads.hpp"

namespace wattention {

/// The rows that a body works on, of all heads or of one, and the scalar type that it works in.
template <class R>
class RowBlock {
 public:
  using Real = R;

  RowBlock(std::size_t first, std::size_t count) : first_(first), count_(count) {}
  RowBlock(std::size_t first, std::size_t count, std::size_t head, std::size_t all_heads)
      : first_(first), count_(count), head_(head), all_heads_(all_heads) {}

  std::size_t first() const { return first_; }
  std::size_t count() const { return count_; }
  /// How many of a tensor's heads the block sees: one of them where it works on one head.
  std::size_t heads(std::size_t of_tensor) const {
    return all_heads_ == 0 ? of_tensor : std::min<std::size_t>(of_tensor, 1);
  }

  /// These rows of a tensor.
  template <class T>
  auto operator()(const View<T>& view) const {
    return whole(view).slice(first_, count_);
  }
  template <class Packed>
  auto operator()(const BitView<Packed>& view) const {
    return whole(view).slice(first_, count_);
  }

  /// All rows of a tensor that every block uses.
  template <class T>
  auto whole(const View<T>& view) const {
    return of_head(as_real(view, std::type_identity<T>{}));
  }
  template <class Packed>
  auto whole(const BitView<Packed>& view) const {
    return of_head(as_real(view, std::type_identity<Packed>{}));
  }

  /// A tensor with a row for each of these rows.
  Tensor<R> tensor(std::size_t heads, std::size_t cols, Residence residence) const {
    return Tensor<R>(this->heads(heads), count_, cols, residence);
  }

 private:
  /// The head that the block works on, or the one that it shares with others.
  template <class ViewType>
  ViewType of_head(ViewType view) const {
    if (all_heads_ == 0 || view.heads == 0) return view;
    view.data += shared_head(head_, all_heads_, view.heads) * view.head_stride;
    view.heads = 1;
    return view;
  }

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
  std::size_t head_ = 0;
  std::size_t all_heads_ = 0;  // 0: the block works on all of them
};

/// Rows of so many numbers that stay near the processor: 16 to 64.
inline std::size_t rows_in_cache(std::size_t numbers_in_row) {
  constexpr std::size_t numbers_in_cache = 131072;  // half a mebibyte of float
  constexpr std::size_t step = 16;
  const std::size_t rows = numbers_in_cache / std::max<std::size_t>(numbers_in_row, 1);
  return std::clamp<std::size_t>(rows / step * step, step, 64);
}

/// Calls body(first, count) for blocks of rows that read nothing that another writes: where Real is
/// the machine's own float on as many threads as all their operations are worth, else one after the
/// other.
template <class Real, class Body>
void each_block(std::size_t rows, std::size_t rows_per_block, std::uint64_t operations,
                const Body& body) {
  const std::size_t blocks = rows / rows_per_block + (rows % rows_per_block != 0 ? 1 : 0);
  const auto block = [&](std::size_t b) {
    const std::size_t first = b * rows_per_block;
    body(first, std::min(rows_per_block, rows - first));
  };
  if constexpr (std::is_same_v<Real, float>) {
    each_part(blocks, operations, block);
  } else {
    for (std::size_t b = 0; b < blocks; ++b) block(b);
  }
}

/// Calls body(RowBlock<Shape>) for all rows, then body(RowBlock<Real>) for each block of them, one
/// after the other.
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

/// How many operations have been declared, of all phases, formats and kinds.
inline std::uint64_t operations_of(const Ledger& ledger) {
  std::uint64_t operations = 0;
  for (const Phase& phase : ledger.phases()) {
    phase.declared().for_each(
        [&](Op, Format, std::uint64_t count) { operations = sum(operations, count); });
  }
  return operations;
}

/// The same where blocks of rows and heads read nothing that another writes: where Real is the
/// machine's own float each head of each block is a part of its own, and parts run on as many
/// threads as the operations are worth that the whole declared.
template <class Real, class Body>
void by_independent_rows(Ledger& ledger, std::size_t heads, std::size_t rows,
                         std::size_t rows_per_block, const Body& body) {
  if constexpr (std::is_same_v<Real, float>) {
    const std::size_t blocks = rows / rows_per_block + (rows % rows_per_block != 0 ? 1 : 0);
    const std::size_t parts = product(heads, blocks);
    const bool may_spread = parts > 1 && Threads::count() > 1;
    const std::uint64_t before = may_spread ? operations_of(ledger) : 0;
    body(RowBlock<Shape<float>>(0, rows));
    const std::uint64_t operations = may_spread ? operations_of(ledger) - before : 0;
    const Ledger::Undeclared undeclared(ledger);
    each_part(parts, operations, [&](std::size_t part) {
      const std::size_t first = part % blocks * rows_per_block;
      body(RowBlock<float>(first, std::min(rows_per_block, rows - first), part / blocks, heads));
    });
  } else {
    by_rows<Real>(ledger, rows, rows_per_block, body);
  }
}

}  // namespace wattention
