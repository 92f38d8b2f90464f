#pragma once

// Work in parts that know nothing of each other, on several threads. How it is cut never depends on
// how many there are, so neither do results.

#include <cstddef>
#include <functional>

namespace wattention {

/// How many threads this thread's work may spread over while it lives; one where nothing is said.
class [[nodiscard]] Threads {
 public:
  explicit Threads(std::size_t count) : before_(allowed()) { allowed() = count; }
  ~Threads() { allowed() = before_; }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

  static std::size_t count() { return allowed(); }

 private:
  static std::size_t& allowed();

  std::size_t before_;
};

/// Calls work(part) for every part below `parts`, in any order, several at a time. Rethrows what
/// one of them throws.
void each_part(std::size_t parts, const std::function<void(std::size_t)>& work);

}  // namespace wattention
