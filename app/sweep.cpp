#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include "app/commands.hpp"
#include "app/sweep_progress.hpp"
#include "app/terminal.hpp"
#include "sim/error.hpp"
#include "sim/version.hpp"
#include "sweeps/cluster.hpp"
#include "sweeps/execute.hpp"
#include "sweeps/parallel_runs.hpp"

namespace wattention {
namespace {

struct SweepCommand {
  std::string spec;
  std::string database;
  std::optional<std::size_t> threads;
  bool dry_run = false;

  /// All cores, or of each rank one.
  std::size_t thread_count(bool on_ranks) const {
    if (threads) return *threads;
    return on_ranks ? 1 : std::max(1U, std::thread::hardware_concurrency());
  }
};

std::vector<std::size_t> missing_from(const Sweep& sweep,
                                      const std::unordered_set<std::string>& there) {
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < sweep.items.size(); ++i) {
    if (!there.contains(sweep.items[i].key)) missing.push_back(i);
  }
  return missing;
}

/// Stores batches, shows progress, and remembers what failed.
class Collector {
 public:
  Collector(const Sweep& sweep, Database& database, std::size_t all)
      : sweep_(sweep), writer_(database), progress_(all) {}

  void take(const Batch& batch) {
    std::vector<RunWriter::Stored> rows;
    rows.reserve(batch.finished.size());
    for (const FinishedRun& run : batch.finished) {
      const Sweep::Item& item = sweep_.items[run.position];
      rows.push_back({{item.key, text_of(item.configuration), run.position, version,
                       sweep_.table_ids.at(item.configuration.table)},
                      &run.result});
    }
    std::ranges::sort(rows, {}, [](const auto& row) { return row.identity.position; });
    writer_.store(rows);
    stored_ += rows.size();
    for (const FailedRun& failed : batch.failed) {
      ++failures_;
      if (!first_ || failed.position < first_->position) first_ = failed;
    }
    progress_.add(batch.size());
  }

  /// Says what was done; throws where runs failed.
  void end(std::size_t there, const std::string& database) {
    progress_.end();
    const double seconds = progress_.seconds();
    fmt::print(
        "{} runs: {} were there, {} done in {}{}; {}\n", sweep_.items.size(), there, stored_,
        duration_text(seconds),
        stored_ == 0 ? "" : fmt::format(" ({:.0f}/s)", static_cast<double>(stored_) / seconds),
        database);
    std::fflush(stdout);
    if (!first_) return;
    const std::string message = fmt::format(
        "{}: {} of {} runs failed, first {}: {}", sweep_.file, failures_, sweep_.items.size(),
        text_of(sweep_.items[first_->position].configuration), first_->message);
    if (first_->bad_input) throw InputError(message);
    throw Error(message);
  }

 private:
  const Sweep& sweep_;
  RunWriter writer_;
  SweepProgress progress_;
  std::size_t stored_ = 0;
  std::size_t failures_ = 0;
  std::optional<FailedRun> first_;
};

/// Seconds that a run takes, from timing some that are spread over those missing; stores nothing.
struct Timing {
  std::size_t runs = 0;
  double seconds = 0.0;
};

Timing time_some(const Sweep& sweep, const std::vector<std::size_t>& missing) {
  constexpr std::size_t most_timed = 16;
  constexpr double longest = 5.0;
  const std::size_t count = std::min(most_timed, missing.size());
  Timing timing;
  for (; timing.runs < count && timing.seconds < longest; ++timing.runs) {
    const std::size_t position = missing[(2 * timing.runs + 1) * missing.size() / (2 * count)];
    const SweepProgress one(1);
    try {
      execute(sweep, sweep.items[position].configuration);
    } catch (const InputError&) {  // the sweep itself will say so
    }
    timing.seconds += one.seconds();
  }
  return timing;
}

void dry_run(const SweepCommand& o, const Sweep& sweep) {
  std::unordered_set<std::string> there;
  if (std::filesystem::exists(o.database)) there = Database::open(o.database).keys();
  const std::vector<std::size_t> missing = missing_from(sweep, there);
  fmt::print("{} runs: {} are there, {} to do\n", sweep.items.size(),
             sweep.items.size() - missing.size(), missing.size());
  if (missing.empty()) return;
  std::fflush(stdout);
  const Timing timing = time_some(sweep, missing);
  const std::size_t threads = o.thread_count(false);
  const double seconds = timing.seconds / static_cast<double>(timing.runs) *
                         static_cast<double>(missing.size()) / static_cast<double>(threads);
  fmt::print("about {} on {} thread{}, an estimate from timing {} of them\n",
             duration_text(seconds), threads, threads == 1 ? "" : "s", timing.runs);
}

struct Opened {
  Database database;
  std::vector<std::size_t> missing;
};

Opened open_database(const SweepCommand& o, const Sweep& sweep) {
  Database database = Database::open_or_make(o.database);
  std::vector<std::size_t> missing = missing_from(sweep, database.keys());
  return {std::move(database), std::move(missing)};
}

/// `run(missing, take)` gives every missing run to `take` once it is done.
template <class RunMissing>
void complete(const SweepCommand& o, const Sweep& sweep, Opened opened, const RunMissing& run) {
  Collector collector(sweep, opened.database, opened.missing.size());
  run(opened.missing, [&collector](const Batch& batch) { collector.take(batch); });
  collector.end(sweep.items.size() - opened.missing.size(), o.database);
}

void do_sweep(const SweepCommand& o) {
  const Sweep sweep = Sweep::load(o.spec);
  for (const std::string& note : sweep.notes) print_note(note);
  if (o.dry_run) {
    dry_run(o, sweep);
    return;
  }
  complete(o, sweep, open_database(o, sweep), [&](const auto& missing, const TakeBatch& take) {
    run_in_parallel(sweep, missing, o.thread_count(false), take);
  });
}

/// Rank 0 alone reads the specification and opens the database, and prints what is wrong with them.
void coordinate(const SweepCommand& o, Cluster& cluster) {
  std::optional<Sweep> sweep;
  std::optional<Opened> opened;
  try {
    sweep = Sweep::load(o.spec);
    for (const std::string& note : sweep->notes) print_note(note);
    if (o.dry_run) {
      dry_run(o, *sweep);
    } else {
      opened = open_database(o, *sweep);
    }
  } catch (...) {
    cluster.shared("");
    throw;
  }
  cluster.shared(opened ? sweep->text : "");
  if (!opened) return;
  cluster.shared(sweep->id());
  complete(o, *sweep, std::move(*opened),
           [&](const auto& missing, const TakeBatch& take) { cluster.give_out(missing, take); });
}

void work(const SweepCommand& o, Cluster& cluster) {
  const std::string text = cluster.shared("");
  if (text.empty()) return;
  const std::string id = cluster.shared("");
  cluster.work(o.thread_count(true), [&] {
    Sweep sweep = Sweep::parse(text, o.spec);
    if (sweep.id() != id) throw Error("expected the tables and networks of rank 0, found others");
    return sweep;
  });
}

}  // namespace

void add_sweep(Command program) {
  Command command =
      program.subcommand("sweep", "Do many runs and store them in a database. It can be resumed.");
  const auto state = std::make_shared<SweepCommand>();
  SweepCommand& o = *state;
  command.option("spec", &o.spec, "File of the grid, as .json. docs/sweeps.md describes it.")
      .required();
  command
      .option("--database", &o.database,
              "SQLite file for the runs. It is made where there is none.")
      .required();
  command
      .option("--threads", &o.threads,
              "Number of runs at a time (default: all cores; with mpirun one).")
      .between(1, 1024);
  command.flag("--dry-run", &o.dry_run, "Say how many runs there are, and how long they may take.");
  command.footer("Example: wattention sweep grid.json --database sweep.sqlite");
  command.on_run([state] {
    if (!started_by_mpirun()) {
      do_sweep(*state);
      return;
    }
    Cluster cluster;
    if (cluster.coordinates()) {
      coordinate(*state, cluster);
    } else {
      work(*state, cluster);
    }
  });
}

}  // namespace wattention
