#pragma once

// One run of a sweep, done as `wattention compare` and `wattention network` do it.

#include "sweeps/run_writer.hpp"
#include "sweeps/spec.hpp"

namespace wattention {

/// Throws as these do. Safe on several threads.
RunResult execute(const Sweep& sweep, const Configuration& configuration);

}  // namespace wattention
