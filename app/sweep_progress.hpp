#pragma once

// How far a sweep is, on stderr: a bar in place on a terminal, elsewhere a line now and then.

#include <chrono>
#include <cstddef>
#include <string>

namespace wattention {

/// "850 ms", "12 s", "3 min 20 s", "2 h 5 min"
std::string duration_text(double seconds);

/// "[#####.....] 1234 of 2468, 617/s, 2 s left"
std::string progress_text(std::size_t done, std::size_t all, double seconds);

class SweepProgress {
 public:
  explicit SweepProgress(std::size_t all);
  void add(std::size_t done);
  /// Takes the bar away.
  void end() const;
  double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;

  std::size_t all_;
  std::size_t done_ = 0;
  bool terminal_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

}  // namespace wattention
