#include "sim/threads.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace wattention;

namespace {

constexpr std::uint64_t much = std::uint64_t{1} << 40;  // operations: enough for all threads

/// The threads that two parts run on, each of which waits so long for the other to begin.
std::set<std::thread::id> threads_of_two_parts(std::uint64_t operations,
                                               std::chrono::seconds patience) {
  std::atomic<int> begun{0};
  std::mutex adding;
  std::set<std::thread::id> threads;
  each_part(2, operations, [&](std::size_t) {
    ++begun;
    const auto until = std::chrono::steady_clock::now() + patience;
    while (begun < 2 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    const std::lock_guard lock(adding);
    threads.insert(std::this_thread::get_id());
  });
  return threads;
}

}  // namespace

TEST_CASE("Every part is done once, however many threads there are") {
  for (const std::size_t count : {1U, 2U, 3U, 8U}) {
    const Threads threads(count);
    for (const std::size_t parts : {0U, 1U, 2U, 7U, 1000U}) {
      std::vector<std::atomic<int>> done(parts);
      each_part(parts, much, [&](std::size_t part) { ++done[part]; });
      for (const std::atomic<int>& times : done) CHECK(times == 1);
    }
  }
}

TEST_CASE("Work that is large enough runs on several threads, small work on the caller's") {
  const Threads two(2);
  CHECK(threads_of_two_parts(1000, std::chrono::seconds(0)) ==
        std::set{std::this_thread::get_id()});
  if (std::thread::hardware_concurrency() > 1) {
    CHECK(threads_of_two_parts(much, std::chrono::seconds(10)).size() == 2);
  }
}

TEST_CASE("Threads share work by its parts and its operations, as far as they are allowed") {
  CHECK(threads_for(100, much) == 1);  // where nothing is said
  const Threads four(4);
  CHECK(threads_for(100, much) == 4);
  CHECK(threads_for(3, much) == 3);
  CHECK(threads_for(1, much) == 1);
  CHECK(threads_for(0, much) == 0);
  CHECK(threads_for(100, 0) == 1);
  CHECK(threads_for(100, 100'000) == 1);
  std::size_t before = 1;
  for (std::uint64_t operations = 1; operations < much; operations *= 2) {
    CHECK(threads_for(100, operations) >= before);
    before = threads_for(100, operations);
  }
}

TEST_CASE("What a part calls stays on its thread") {
  const Threads two(2);
  std::atomic<int> elsewhere{0};
  each_part(8, much, [&](std::size_t) {
    const auto own = std::this_thread::get_id();
    if (Threads::count() != 1) ++elsewhere;
    each_part(8, much, [&](std::size_t) {
      if (std::this_thread::get_id() != own) ++elsewhere;
    });
  });
  CHECK(elsewhere == 0);
  CHECK(Threads::count() == 2);
}

TEST_CASE("What a part throws reaches the caller, and later work is done") {
  const Threads two(2);
  for (const std::uint64_t operations : {std::uint64_t{0}, much}) {
    CHECK_THROWS_WITH(each_part(100, operations,
                                [](std::size_t part) {
                                  if (part == 17) throw std::runtime_error("part 17");
                                }),
                      "part 17");
    std::atomic<int> done{0};
    each_part(100, operations, [&](std::size_t) { ++done; });
    CHECK(done == 100);
    CHECK(Threads::count() == 2);
  }
}
