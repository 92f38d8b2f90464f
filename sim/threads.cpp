#include "sim/threads.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace wattention {

std::size_t& Threads::allowed() {
  thread_local std::size_t count = 1;
  return count;
}

void each_part(std::size_t parts, const std::function<void(std::size_t)>& work) {
  const std::size_t threads = std::min(Threads::count(), parts);
  if (threads <= 1) {
    for (std::size_t part = 0; part < parts; ++part) work(part);
    return;
  }
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failing;
  const auto take_parts = [&] {
    const Threads no_more(1);
    try {
      for (std::size_t part = next++; part < parts; part = next++) work(part);
    } catch (...) {
      const std::lock_guard lock(failing);
      failure = std::current_exception();
      next = parts;
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t t = 1; t < threads; ++t) others.emplace_back(take_parts);
    take_parts();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace wattention
