#pragma once

// How a kernel charges and runs. Its first statement declares, in closed form, all operations of
// the call and the tensors that it reads and writes; its body then computes:
//
//     execute<Real>(phase, {{Op::mac, format_of<Real>, n}}, reads(a, b) + writes(out), [&] { ...
//     });
//
// The declaration costs a few integer additions a call. For Counted<T> the operations of the body
// are observed under the same phase; for Shape<T> the body does not run.

#include <initializer_list>
#include <type_traits>

#include "sim/bit_matrix.hpp"
#include "sim/counted.hpp"
#include "sim/ledger.hpp"
#include "sim/shape.hpp"
#include "sim/tensor.hpp"

namespace wattention {

inline Traffic operator+(Traffic a, const Traffic& b) { return a += b; }

/// Whole bytes of `numbers` packed numbers.
inline std::uint64_t packed_bytes(std::uint64_t numbers, Format format) {
  const std::uint64_t bits = product(numbers, bits_of(format));
  return bits / 8 + (bits % 8 != 0 ? 1 : 0);
}

template <class T>
std::uint64_t bytes_moved(const View<T>& view) {
  if (view.residence == Residence::local) return 0;
  return packed_bytes(view.elements(), format_of<std::remove_const_t<T>>);
}
template <class Packed>
std::uint64_t bytes_moved(const BitView<Packed>& view) {
  return packed_bytes(view.elements(), Format::bit);
}

template <class... Views>
Traffic reads(const Views&... views) {
  return {sum(std::uint64_t{0}, bytes_moved(views)...), 0};
}
template <class... Views>
Traffic writes(const Views&... views) {
  return {0, sum(std::uint64_t{0}, bytes_moved(views)...)};
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

template <class Real, class Body>
void execute(Phase& phase, std::initializer_list<Charge> charges, const Traffic& traffic,
             Body&& body) {
  for (const Charge& charge : charges) declare<Real>(phase, charge);
  phase.declare({}, traffic);
  if constexpr (observes<Real>) {
    const Observation observation(phase.observed());
    body();
  } else if constexpr (computes<Real>) {
    body();
  }
}

/// What a kernel demands of its arguments; throws Error where it does not hold.
inline void demand(bool holds, const char* kernel_and_demand) {
  if (!holds) throw Error(kernel_and_demand);
}

/// The head of a tensor that `heads` heads share evenly.
inline std::size_t shared_head(std::size_t head, std::size_t heads, std::size_t sharing) {
  return head / (heads / sharing);
}

}  // namespace wattention
