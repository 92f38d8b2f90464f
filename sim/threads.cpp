#include "sim/threads.hpp"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>

namespace wattention {
namespace {

/// A thread takes part only where it gets at least so many operations. Waking one that sleeps takes
/// about 20 us, and the fastest kernels do 100 operations a nanosecond: less work may be done
/// before the other thread comes (docs/performance.md).
constexpr std::uint64_t least_operations_a_thread = 2'000'000;

}  // namespace

std::size_t& Threads::allowed() {
  thread_local std::size_t count = 1;
  return count;
}

std::size_t threads_for(std::size_t parts, std::uint64_t operations) {
  const std::uint64_t worth_waking =
      std::max<std::uint64_t>(operations / least_operations_a_thread, 1);
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(worth_waking, std::min(Threads::count(), parts)));
}

void each_part(std::size_t parts, std::uint64_t operations,
               const std::function<void(std::size_t)>& work) {
  const std::size_t threads = threads_for(parts, operations);
  if (threads <= 1) {
    for (std::size_t part = 0; part < parts; ++part) work(part);
    return;
  }
  std::atomic<std::size_t> next{0};
  const auto take_parts = [&](std::size_t /*thread*/) {
    const Threads no_more(1);
    try {
      for (std::size_t part = next++; part < parts; part = next++) work(part);
    } catch (...) {
      next = parts;
      throw;
    }
  };
  static tbb::task_arena arena;
  arena.execute(
      [&] { tbb::parallel_for(std::size_t{0}, threads, take_parts, tbb::simple_partitioner()); });
}

}  // namespace wattention
