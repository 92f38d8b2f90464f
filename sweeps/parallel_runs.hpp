#pragma once

// Many runs on the threads of one machine. Which thread runs which changes no figure. What is done
// comes in batches, of some hundred runs or of a second, to the calling thread. A run that throws
// fails alone.

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sweeps/run_writer.hpp"
#include "sweeps/spec.hpp"

namespace wattention {

struct FinishedRun {
  std::size_t position = 0;  // in the grid
  RunResult result;
};

struct FailedRun {
  std::size_t position = 0;
  std::string message;
  bool bad_input = true;  // else something that should not happen
};

struct Batch {
  std::vector<FinishedRun> finished;
  std::vector<FailedRun> failed;
  std::size_t size() const { return finished.size() + failed.size(); }
};

using TakeBatch = std::function<void(Batch)>;

/// Executes the sweep's runs at these positions of its grid.
void run_in_parallel(const Sweep& sweep, std::span<const std::size_t> positions,
                     std::size_t threads, const TakeBatch& take);

}  // namespace wattention
