#pragma once

// How a kernel charges and runs. It declares, in closed form, all operations of the call and the
// tensors that it reads and writes, and then computes at the left margin:
//
//     const Work<Real> work(phase, {{Op::mac, format_of<Real>, n}}, reads(a, b) + writes(out));
//     if constexpr (!computes<Real>) return;
//     for (...) ...
//
// The declaration costs a few integer additions a call. For Counted<T> the operations that follow
// are observed under the same phase until the kernel returns; for Shape<T> there are none.

#include <algorithm>
#include <initializer_list>
#include <type_traits>
#include <utility>

#include "sim/ledger/ledger.hpp"
#include "sim/scalar/counted.hpp"
#include "sim/scalar/shape.hpp"
#include "sim/tensor/bit_matrix.hpp"
#include "sim/tensor/tensor.hpp"

namespace wattention {

/// Whole bytes of `numbers` packed numbers.
inline std::uint64_t packed_bytes(std::uint64_t numbers, Format format) {
  const std::uint64_t bits = product(numbers, bits_of(format));
  return bits / 8 + (bits % 8 != 0 ? 1 : 0);
}

template <class T>
Operand operand_of(const View<T>& view, bool written) {
  constexpr Format format = format_of<std::remove_const_t<T>>;
  const std::uint64_t touched = view.elements();
  const std::uint64_t whole = std::max(touched, product(view.heads, view.head_stride));
  const bool local = view.residence == Residence::local;
  return {view.id,
          packed_bytes(touched, format),
          packed_bytes(whole, format),
          bits_of(format),
          written,
          local ? std::max<std::uint64_t>(packed_bytes(view.cols, format), 1) : 0};
}
template <class Packed>
Operand operand_of(const BitView<Packed>& view, bool written) {
  const std::uint64_t bytes = packed_bytes(view.elements(), Format::bit);
  return {view.id, bytes, packed_bytes(view.whole_elements(), Format::bit), 1, written};
}

/// Where the numbers of a view lie, where their accesses are observed.
template <class T>
void add_region(Movement& movement, const View<T>& view, bool written) {
  if constexpr (observes<std::remove_const_t<T>>) {
    movement.add_region({view.id, written, reinterpret_cast<std::uintptr_t>(view.data), view.heads,
                         view.rows, view.head_stride, view.row_stride, view.first_width,
                         view.width_step});
  }
}
template <class Packed>
void add_region(Movement& movement, const BitView<Packed>& view, bool written) {
  if constexpr (observes<std::remove_const_t<Packed>>) {
    movement.add_region({view.id, written, reinterpret_cast<std::uintptr_t>(view.data), view.heads,
                         view.rows, view.head_stride, view.words(), view.words(), 0});
  }
}

/// Bytes of the numbers of a view.
template <class ViewType>
std::uint64_t bytes_of(const ViewType& view) {
  return operand_of(view, false).bytes;
}

template <class ViewType>
void add_operand(Movement& movement, const ViewType& view, bool written) {
  const Operand operand = operand_of(view, written);
  if (operand.bytes == 0) return;
  movement.add(operand);
  add_region(movement, view, written);
}
template <class... Views>
Movement reads(const Views&... views) {
  Movement movement;
  (add_operand(movement, views, false), ...);
  return movement;
}
template <class... Views>
Movement writes(const Views&... views) {
  Movement movement;
  (add_operand(movement, views, true), ...);
  return movement;
}

/// The same of a part of a tensor, in bytes.
template <class ViewType>
Movement moves_part(const ViewType& view, std::uint64_t bytes, bool written) {
  Operand operand = operand_of(view, written);
  operand.whole_bytes = std::max(operand.whole_bytes, bytes);
  operand.bytes = bytes;
  Movement movement(operand);
  add_region(movement, view, written);
  return movement;
}

/// What out = a b moves, where every number of a is used for every column of out and every number
/// of b for every row: [h, n, k] x [g, k, m] -> [h, n, m]. Heads that share b are rows of one
/// product; a triangle is taken as the rectangle of the same area.
template <class A, class B, class Out>
Movement product_of(const A& a, const B& b, const Out& out, const Nest& nest) {
  Movement movement;
  movement.add(operand_of(a, false));
  movement.add(operand_of(b, false));
  movement.add(operand_of(out, true));
  add_region(movement, a, false);
  add_region(movement, b, false);
  add_region(movement, out, true);
  movement.set_nest(nest);
  return movement;
}
template <class A, class B, class Out>
Movement product_of(const A& a, const B& b, const View<Out>& out) {
  const std::uint64_t rows = product(out.heads / b.heads, out.rows);
  const auto area = [&](const auto& view, std::size_t of_rows) {
    return of_rows == 0 ? 0 : (view.elements() + of_rows - 1) / of_rows;
  };
  const std::size_t all_rows = product(out.heads, out.rows);
  return product_of(a, b, out, Nest{b.heads, rows, area(out, all_rows), area(a, all_rows)});
}

/// What a kernel reads. The scalar type is not deduced from it, so that tensors convert to views.
template <class Real>
using Input = View<const std::type_identity_t<Real>>;

/// A charge as Real executes it: where sums are wider than their terms, a mac is a multiplication
/// in the one format and an addition in the other.
template <class Real>
void declare(Phase& phase, const Charge& charge) {
  constexpr Format wide = format_of<Sum<Real>>;
  if (charge.op == Op::mac && charge.format == format_of<Real> && wide != format_of<Real>) {
    phase.declare({{Op::mul, charge.format, charge.count}, {Op::add, wide, charge.count}}, {});
  } else {
    phase.declare({charge}, {});
  }
}

/// What counts and accesses of a kernel that is observed are held against while it runs.
class ObservedWork {
 public:
  ObservedWork(Phase& phase, Movement movement, const KernelSource& source)
      : phase_(phase),
        movement_(std::move(movement)),
        observation_(phase.observed()),
        accesses_(movement_, source) {}
  ~ObservedWork() {
    phase_.add_access_imbalances(accesses_.imbalances());
    phase_.add_access_imbalances(phase_.undeclared_operands(movement_, accesses_.kernel()));
  }
  ObservedWork(const ObservedWork&) = delete;
  ObservedWork& operator=(const ObservedWork&) = delete;

 private:
  Phase& phase_;
  Movement movement_;
  Observation observation_;
  KernelAccesses accesses_;
};

struct UnobservedWork {
  UnobservedWork(Phase& /*phase*/, const Movement& /*movement*/, const KernelSource& /*source*/) {}
};

/// One call of a kernel: declares what it does and moves and, where accesses are observed, holds
/// what happens while it lives against that, under the name of the function that makes it.
template <class Real>
class [[nodiscard]] Work {
 public:
  Work(Phase& phase, std::initializer_list<Charge> charges, const Movement& movement,
       const char* kernel = __builtin_FUNCTION(), const char* file = __builtin_FILE(),
       unsigned line = __builtin_LINE())
      : observed_(declared(phase, charges, movement), movement, {kernel, file, line}) {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

 private:
  static Phase& declared(Phase& phase, std::initializer_list<Charge> charges,
                         const Movement& movement) {
    for (const Charge& charge : charges) declare<Real>(phase, charge);
    phase.declare({}, movement);
    return phase;
  }

  [[no_unique_address]] std::conditional_t<observes<Real>, ObservedWork, UnobservedWork> observed_;
};

/// What a kernel demands of its arguments; throws Error where it does not hold.
inline void demand(bool holds, const char* kernel_and_demand) {
  if (!holds) throw Error(kernel_and_demand);
}

/// The head of a tensor that `heads` heads share evenly.
inline std::size_t shared_head(std::size_t head, std::size_t heads, std::size_t sharing) {
  return head / (heads / sharing);
}

}  // namespace wattention
