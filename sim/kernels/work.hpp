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
#include "sim/scalar/rounded.hpp"
#include "sim/scalar/shape.hpp"
#include "sim/tensor/bit_matrix.hpp"
#include "sim/tensor/tensor.hpp"

namespace wattention {

template <class T>
Operand operand_of(const View<T>& view, bool written) {
  const std::uint64_t touched = view.elements();
  const std::uint64_t whole = std::max(touched, product(view.heads, view.head_stride));
  const bool local = view.residence == Residence::local;
  return {view.id, touched,
          whole,   format_of<std::remove_const_t<T>>,
          written, local ? std::max<std::uint64_t>(view.cols, 1) : 0};
}
template <class Packed>
Operand operand_of(const BitView<Packed>& view, bool written) {
  return {view.id, view.elements(), view.whole_elements(), Format::bit, written, 0};
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

/// Bytes of packed numbers in the arithmetic of a run.
template <class T>
std::uint64_t bytes_of(const Arithmetic& arithmetic, std::uint64_t numbers) {
  return packed_bytes(numbers, arithmetic.meant(format_of<T>));
}
/// Bytes of the numbers of a view.
template <class ViewType>
std::uint64_t bytes_of_view(const Arithmetic& arithmetic, const ViewType& view) {
  Operand operand = operand_of(view, false);
  operand.find_bytes(arithmetic);
  return operand.bytes;
}

template <class ViewType>
void add_operand(Movement& movement, const ViewType& view, bool written) {
  const Operand operand = operand_of(view, written);
  if (operand.numbers == 0) return;
  movement.add(operand);
  add_region(movement, view, written);
}
/// Tensors and bit matrices by their views, views as they are.
template <class T>
const View<T>& view_of(const View<T>& view) {
  return view;
}
template <class Packed>
const BitView<Packed>& view_of(const BitView<Packed>& view) {
  return view;
}
template <class Owner>
auto view_of(const Owner& owner) {
  return owner.view();
}

/// What a kernel reads: views, tensors or bit matrices.
template <class... Tensors>
Movement reads(const Tensors&... tensors) {
  Movement movement;
  (add_operand(movement, view_of(tensors), false), ...);
  return movement;
}
/// What it writes.
template <class... Tensors>
Movement writes(const Tensors&... tensors) {
  Movement movement;
  (add_operand(movement, view_of(tensors), true), ...);
  return movement;
}

/// What is read or written of so many numbers of a tensor.
template <class ViewType>
Movement moves_part(const ViewType& view, std::uint64_t numbers, bool written) {
  Operand operand = operand_of(view, written);
  operand.whole_numbers = std::max(operand.whole_numbers, numbers);
  operand.numbers = numbers;
  Movement movement(operand);
  add_region(movement, view, written);
  return movement;
}

/// What out = a b moves, where every number of a is used for every column of out and every number
/// of b for every row: [h, n, k] x [g, k, m] -> [h, n, m]. Heads that share b are rows of one
/// product; a triangle is taken as the rectangle of the same area.
template <class A, class B, class Out>
Movement product_of(const A& a, const B& b, const Out& out, const LoopNest& nest) {
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
  return product_of(a, b, out, LoopNest{b.heads, rows, area(out, all_rows), area(a, all_rows)});
}

/// What a kernel reads. The scalar type is not deduced from it, so that tensors convert to views.
template <class Real>
using Input = View<const std::type_identity_t<Real>>;

/// A charge as Real executes it: where sums are wider than their terms, a mac is a multiplication
/// in the one format and an addition in the other.
template <class Real>
void declare(Phase& phase, const Charge& charge) {
  const Format terms = phase.arithmetic().meant(format_of<Real>);
  const Format sums = phase.arithmetic().meant(format_of<Sum<Real>>);
  if (charge.op == Op::mac && charge.format == format_of<Real> && sums != terms) {
    phase.declare({{Op::mul, terms, charge.count}, {Op::add, sums, charge.count}});
  } else {
    phase.declare({charge});
  }
}

/// What counts and accesses of a kernel that is observed are held against while it runs.
class ObservedWork {
 public:
  ObservedWork(Phase& phase, Movement movement, const KernelSource& source)
      : phase_(phase),
        movement_(std::move(movement)),
        observation_(phase.observed()),
        accesses_(movement_, phase.arithmetic(), source) {
    movement_.find_bytes(phase.arithmetic());
  }
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
  /// Every charge is executed `times` times.
  Work(Phase& phase, std::initializer_list<Charge> charges, const Movement& movement,
       std::uint64_t times = 1, const char* kernel = __builtin_FUNCTION(),
       const char* file = __builtin_FILE(), unsigned line = __builtin_LINE())
      : arithmetic_(phase.arithmetic()),
        observed_(declared(phase, charges, movement, times), movement, {kernel, file, line}) {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  const Arithmetic& arithmetic() const { return arithmetic_; }
  /// Any number, an integer say, in the arithmetic of the run: no operation.
  template <class Number>
  Real real(Number x) const {
    return real_of<Real>(x, arithmetic_);
  }
  template <class Number>
  Sum<Real> sum(Number x) const {
    return real_of<Sum<Real>>(x, arithmetic_);
  }

 private:
  static Phase& declared(Phase& phase, std::initializer_list<Charge> charges,
                         const Movement& movement, std::uint64_t times) {
    for (const Charge& charge : charges) {
      declare<Real>(phase, {charge.op, charge.format, product(charge.count, times)});
    }
    phase.declare({}, movement);
    return phase;
  }

  Arithmetic arithmetic_;
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
