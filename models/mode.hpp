#pragma once

// How something is run, and the scalar type that serves each way.

#include <cstdint>

#include "sim/kernels/work.hpp"
#include "sim/ledger/ledger.hpp"
#include "sim/scalar/counted.hpp"
#include "sim/scalar/rounded.hpp"
#include "sim/scalar/shape.hpp"

namespace wattention {

/// execute: numbers are computed. audit: every operation is observed. estimate: sizes alone.
enum class Mode : std::uint8_t { execute, audit, estimate };
template <>
inline constexpr auto names_of<Mode> = names("execute", "audit", "estimate");

/// Calls run.operator()<Real>() with the scalar type of a mode and an arithmetic, and tells the
/// ledger which arithmetic that is. In fp32 execute and audit take the machine's own float, which
/// rounds nothing and is the faster one.
template <class Run>
auto in_mode(Mode mode, const Arithmetic& arithmetic, Ledger& ledger, const Run& run) {
  ledger.set_arithmetic(arithmetic);
  const bool narrow = arithmetic.precision != Format::fp32;
  if (mode == Mode::estimate) return run.template operator()<Shape<Rounded>>();
  if (mode == Mode::audit) {
    const Observation strays(ledger.strays());
    const StrayAccesses accesses;
    ledger.observe();
    auto result = narrow ? run.template operator()<Counted<Rounded>>()
                         : run.template operator()<Counted<float>>();
    ledger.add_stray_accesses(accesses.imbalances());
    return result;
  }
  return narrow ? run.template operator()<Rounded>() : run.template operator()<float>();
}

/// The numbers of any arithmetic; of sizes, the sizes. What is float stays what it is.
template <class Real>
Tensor<float> as_floats(Tensor<Real> x) {
  if constexpr (std::is_same_v<Real, float>) {
    return x;
  } else if constexpr (computes<Real>) {
    return converted<float>(x.input());
  } else {
    Tensor<float> sizes = Tensor<float>::without_data(x.heads(), x.rows(), x.cols());
    sizes.set_id(x.view().id);
    return sizes;
  }
}

}  // namespace wattention
