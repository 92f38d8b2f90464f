#include "sweeps/parallel_runs.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include "sim/error.hpp"
#include "sweeps/execute.hpp"

namespace wattention {
namespace {

constexpr std::size_t full_batch = 256;
constexpr std::size_t most_waiting = 4 * full_batch;  // before threads wait for the taker
constexpr std::chrono::seconds longest_batch{1};

class Runs {
 public:
  Runs(const Sweep& sweep, std::span<const std::size_t> positions)
      : sweep_(sweep), positions_(positions) {}

  void work() {
    while (const auto position = next()) {
      std::optional<FailedRun> failed;
      std::optional<RunResult> result;
      try {
        result = execute(sweep_, sweep_.items[*position].configuration);
      } catch (const InputError& error) {
        failed = FailedRun{*position, error.what()};
      } catch (const std::bad_alloc&) {
        failed = FailedRun{
            *position, "memory: expected a run that fits this machine, found one that does not"};
      } catch (const std::exception& error) {
        constexpr bool bad_input = false;
        failed = FailedRun{*position, error.what(), bad_input};
      }
      std::unique_lock lock(mutex_);
      room_.wait(lock, [this] { return batch_.size() < most_waiting || stopped_; });
      if (result) batch_.finished.push_back({*position, std::move(*result)});
      if (failed) batch_.failed.push_back(std::move(*failed));
      ++done_;
      ready_.notify_one();
    }
  }

  /// What is done since the last call; empty at the end.
  Batch take() {
    std::unique_lock lock(mutex_);
    const auto all_done = [this] { return done_ == positions_.size(); };
    ready_.wait_for(lock, longest_batch, [&] { return batch_.size() >= full_batch || all_done(); });
    ready_.wait(lock, [&] { return batch_.size() > 0 || all_done(); });
    room_.notify_all();
    return std::exchange(batch_, {});
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    next_ = positions_.size();
    room_.notify_all();
  }

 private:
  std::optional<std::size_t> next() {
    const std::size_t i = next_++;
    if (i >= positions_.size()) return std::nullopt;
    return positions_[i];
  }

  const Sweep& sweep_;
  std::span<const std::size_t> positions_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::condition_variable ready_, room_;
  Batch batch_;
  std::size_t done_ = 0;
  bool stopped_ = false;
};

}  // namespace

void run_in_parallel(const Sweep& sweep, std::span<const std::size_t> positions,
                     std::size_t threads, const TakeBatch& take) {
  Runs runs(sweep, positions);
  std::vector<std::jthread> workers;
  for (std::size_t t = 0; t < std::min(threads, positions.size()); ++t) {
    workers.emplace_back([&runs] { runs.work(); });
  }
  try {
    for (std::size_t taken = 0; taken < positions.size();) {
      Batch batch = runs.take();
      taken += batch.size();
      if (batch.size() > 0) take(std::move(batch));
    }
  } catch (...) {
    runs.stop();
    throw;
  }
}

}  // namespace wattention
