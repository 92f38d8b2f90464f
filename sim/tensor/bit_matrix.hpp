#pragma once

// Packed binary codes, [heads, rows, width]: bit 1 stands for +1, bit 0 for -1. Each row starts at
// a word; bits past the width are 0. In traffic a row takes `width` bits. Word is the packed word
// of a scalar type: PackedBits<Real>.

#include <algorithm>
#include <type_traits>

#include "sim/ledger/movement.hpp"
#include "sim/ledger/op.hpp"
#include "sim/scalar/scalar.hpp"
#include "sim/tensor/block_pool.hpp"

namespace wattention {

template <class Packed>
struct BitView {
  Packed* data = nullptr;
  std::size_t heads = 0;
  std::size_t rows = 0;
  std::size_t width = 0;
  std::size_t head_stride = 0;
  std::size_t whole_rows = 0;  // of the matrix that this is a slice of
  std::uint64_t id = 0;        // of the matrix

  BitView() = default;
  BitView(Packed* data_, std::size_t heads_, std::size_t rows_, std::size_t width_)
      : data(data_),
        heads(heads_),
        rows(rows_),
        width(width_),
        whole_rows(rows_),
        id(fresh_tensor_id()) {
    head_stride = product(rows, words());
  }
  template <class Mutable, class = std::enable_if_t<std::is_same_v<const Mutable, Packed>>>
  // NOLINTNEXTLINE(google-explicit-constructor): implicit, as for std::span
  BitView(const BitView<Mutable>& other)
      : data(other.data),
        heads(other.heads),
        rows(other.rows),
        width(other.width),
        head_stride(other.head_stride),
        whole_rows(other.whole_rows),
        id(other.id) {}

  std::size_t words() const { return width / word_bits + (width % word_bits != 0 ? 1 : 0); }
  std::uint64_t elements() const { return product(heads, rows, width); }
  std::uint64_t whole_elements() const { return product(heads, whole_rows, width); }
  /// Throws Error where accesses are observed and the view has no such head or row.
  Packed* row(std::size_t head, std::size_t r) const {
    if constexpr (observes<std::remove_const_t<Packed>>) {
      if (head >= heads || r >= rows) refuse_index({head, r, 0}, {heads, rows, width});
    }
    return data + head * head_stride + r * words();
  }
  bool positive(std::size_t head, std::size_t r, std::size_t bit) const {
    return bit_at(row(head, r)[bit / word_bits], bit % word_bits);
  }
  /// Bits of word w that belong to the code.
  std::size_t used_bits(std::size_t w) const { return std::min(word_bits, width - w * word_bits); }

  BitView slice(std::size_t first, std::size_t count) const {
    BitView part = *this;
    if (data != nullptr) part.data += first * words();
    part.rows = count;
    return part;
  }
};

template <class Packed>
class BitMatrix {
 public:
  BitMatrix(std::size_t heads, std::size_t rows, std::size_t width)
      : view_(nullptr, heads, rows, width) {
    const std::uint64_t size = product(heads, rows, view_.words());
    if constexpr (computes<Packed>) {
      storage_ = allocate<Packed>(size);
      const Setup setup;
      std::fill_n(storage_.get(), size, Packed(0));
      view_.data = storage_.get();
    }
    if constexpr (observes<Packed>) {
      ObservedStorage& storage = *observed_storage(view_.data);
      storage.tensor = view_.id;
      storage.shape = {heads, rows, width};
      storage.row_bits = width;
      std::ranges::fill(storage.written_in, 0U);  // bits past the width are, codes are not
    }
  }

  /// The same codes under another scalar type: `id` is theirs.
  void set_id(std::uint64_t id) {
    view_.id = id;
    if constexpr (observes<Packed>) observed_storage(view_.data)->tensor = id;
  }

  BitView<Packed> view() { return view_; }
  BitView<const Packed> view() const { return view_; }

 private:
  Allocation<Packed> storage_;
  BitView<Packed> view_;
};

template <class To, class From>
BitView<To> shape_as(const BitView<From>& from) {
  BitView<To> to(nullptr, from.heads, from.rows, from.width);
  to.whole_rows = from.whole_rows;
  to.id = from.id;
  return to;
}

}  // namespace wattention
