#pragma once

// Work in parts that know nothing of each other, on several threads. How it is cut never depends on
// how many there are, so neither do results.
//
// Threads are oneTBB's: they are started once, with the first work that is large enough for two,
// and wait in one arena for the next. There are never more of them than processors.

#include <cstddef>
#include <cstdint>
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

/// How many threads share work of so many parts, which do so many operations together: at most
/// Threads::count(), and one where the work is too small to wake another.
std::size_t threads_for(std::size_t parts, std::uint64_t operations);

/// Calls work(part) for every part below `parts`, in any order, on threads_for(parts, operations)
/// threads. What a part calls stays on its thread. Rethrows what one of them throws.
void each_part(std::size_t parts, std::uint64_t operations,
               const std::function<void(std::size_t)>& work);

}  // namespace wattention
