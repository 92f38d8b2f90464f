#pragma once

// One sweep on the ranks that mpirun started (Boost.MPI): rank 0 gives out runs and stores what
// comes back, the others compute. A batch of results travels as a small database of its own, the
// form in which rank 0 stores it anyway. MPI is initialised here and nowhere else.

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "sweeps/parallel_runs.hpp"

namespace wattention {

/// Whether mpirun started this process with company.
bool started_by_mpirun();

class Cluster {
 public:
  /// Throws Error where Wattention was built without MPI.
  Cluster();
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  bool coordinates() const;  // rank 0
  std::size_t workers() const;

  /// Rank 0's text, on every rank.
  std::string shared(std::string text);

  /// On rank 0, once `shared` is done: gives every position to a worker and takes what comes back.
  /// Throws Error where a rank cannot work.
  void give_out(std::span<const std::size_t> positions, const TakeBatch& take);

  /// On the others: asks for runs until there are none. `load` reads the sweep that they
  /// are of; what it throws ends the sweep on rank 0.
  void work(std::size_t threads, const std::function<Sweep()>& load);

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace wattention
