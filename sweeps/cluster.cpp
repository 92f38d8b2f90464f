#include "sweeps/cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "sim/error.hpp"

#ifdef WATTENTION_MPI
#include <boost/mpi.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <chrono>
#include <exception>
#include <thread>
#include <vector>

#include "sweeps/run_reader.hpp"
#endif

namespace wattention {

bool started_by_mpirun() {
  // Open MPI; MPICH and Intel; PMIx.
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS"}) {
    const char* const text = std::getenv(variable);
    if (text == nullptr) continue;
    const std::string_view digits(text);
    int size = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), size);
    if (size > 1) return true;
  }
  return false;
}

#ifdef WATTENTION_MPI

namespace {

namespace mpi = boost::mpi;
using Clock = std::chrono::steady_clock;

constexpr int tag = 1;
constexpr std::size_t first_share = 4;
constexpr std::size_t largest_share = 256;
constexpr std::chrono::milliseconds short_share{250};
constexpr std::chrono::milliseconds long_share{1000};

/// Receives as recv does, but asleep while it waits: MPI would keep a core busy that computes.
template <class Value>
int receive(const mpi::communicator& world, int source, Value& value) {
  while (!world.iprobe(source, tag)) std::this_thread::sleep_for(std::chrono::microseconds(200));
  return world.recv(source, tag, value).source();
}

/// From a worker: what it did since the last one, and a wish for more.
struct Message {
  std::vector<char> runs;  // a database
  std::vector<std::size_t> failed;
  std::vector<std::string> messages;
  std::vector<bool> bad_input;
  std::string fatal;  // why the worker cannot go on

  template <class Archive>
  void serialize(Archive& archive, unsigned /*version*/) {
    archive& runs& failed& messages& bad_input& fatal;
  }
};

/// To a worker: none ends its work. A bare empty vector would be a null reference in Boost.MPI.
struct Answer {
  std::vector<std::size_t> positions;

  template <class Archive>
  void serialize(Archive& archive, unsigned /*version*/) {
    archive& positions;
  }
};

Message message_of(const Batch& batch) {
  Message message;
  Database database = Database::temporary();
  {
    std::vector<RunWriter::Stored> rows;
    for (const FinishedRun& run : batch.finished) {
      const std::string position = fmt::to_string(run.position);
      const auto table = std::visit([](const auto& r) { return r.table.name; }, run.result);
      rows.push_back({{position, position, run.position, "", table}, &run.result});
    }
    RunWriter(database).store(rows);
  }
  message.runs = database.bytes();
  for (const FailedRun& run : batch.failed) {
    message.failed.push_back(run.position);
    message.messages.push_back(run.message);
    message.bad_input.push_back(run.bad_input);
  }
  return message;
}

Batch batch_of(const Message& message) {
  Batch batch;
  if (!message.runs.empty()) {
    Database database = Database::from_bytes(message.runs);
    for_each_run(database, [&batch](std::size_t position, RunResult result) {
      batch.finished.push_back({position, std::move(result)});
    });
  }
  for (std::size_t i = 0; i < message.failed.size(); ++i) {
    batch.failed.push_back({message.failed[i], message.messages[i], message.bad_input[i]});
  }
  return batch;
}

}  // namespace

struct Cluster::Connection {
  static constexpr bool abort_on_exception = false;
  mpi::environment environment{mpi::threading::funneled, abort_on_exception};
  mpi::communicator world;
};

Cluster::Cluster() : connection_(std::make_unique<Connection>()) {}
Cluster::~Cluster() = default;

bool Cluster::coordinates() const { return connection_->world.rank() == 0; }

std::size_t Cluster::workers() const {
  return static_cast<std::size_t>(connection_->world.size()) - 1;
}

std::string Cluster::shared(std::string text) {
  mpi::broadcast(connection_->world, text, 0);
  return text;
}

void Cluster::give_out(std::span<const std::size_t> positions, const TakeBatch& take) {
  mpi::communicator& world = connection_->world;
  struct Share {
    std::size_t size = first_share;
    Clock::time_point given = {};
  };
  std::vector<Share> shares(workers() + 1);
  std::exception_ptr failure;
  std::string fatal;
  for (std::size_t working = workers(); working > 0;) {
    Message message;
    const int source = receive(world, mpi::any_source, message);
    if (!message.fatal.empty() && fatal.empty()) {
      fatal = fmt::format("rank {}: {}", source, message.fatal);
    }
    Share& share = shares[static_cast<std::size_t>(source)];
    const auto took = Clock::now() - share.given;
    if (message.runs.empty()) {
      share.size = first_share;
    } else if (took < short_share) {
      share.size = std::min(2 * share.size, largest_share);
    } else if (took > long_share) {
      share.size = std::max<std::size_t>(1, share.size / 2);
    }
    const std::size_t fair = std::max<std::size_t>(1, positions.size() / (2 * workers()));
    const bool end = failure || !fatal.empty();
    const std::size_t given = end ? 0 : std::min({share.size, fair, positions.size()});
    // Answered before anything is stored: the worker computes meanwhile.
    const auto next = positions.first(given);
    world.send(source, tag, Answer{{next.begin(), next.end()}});
    positions = positions.subspan(given);
    share.given = Clock::now();
    if (given == 0) --working;
    try {
      Batch batch = batch_of(message);
      if (batch.size() > 0 && !failure) take(std::move(batch));
    } catch (...) {
      failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
  if (!fatal.empty()) throw Error(fatal);
}

void Cluster::work(std::size_t threads, const std::function<Sweep()>& load) {
  const mpi::communicator& world = connection_->world;
  Message message;
  Sweep sweep;
  try {
    sweep = load();
  } catch (const std::exception& error) {
    message.fatal = error.what();
  }
  for (;;) {
    world.send(0, tag, message);
    Answer answer;
    receive(world, 0, answer);
    if (answer.positions.empty()) return;
    message = {};
    try {
      Batch all;
      run_in_parallel(sweep, answer.positions, threads, [&all](Batch batch) {
        std::ranges::move(batch.finished, std::back_inserter(all.finished));
        std::ranges::move(batch.failed, std::back_inserter(all.failed));
      });
      message = message_of(all);
    } catch (const std::exception& error) {
      message.fatal = error.what();
    }
  }
}

#else

struct Cluster::Connection {};

Cluster::Cluster() {
  throw Error("mpirun: expected a Wattention with MPI (WATTENTION_MPI=ON), found one without");
}
Cluster::~Cluster() = default;
bool Cluster::coordinates() const { return true; }
std::size_t Cluster::workers() const { return 0; }
std::string Cluster::shared(std::string text) { return text; }
void Cluster::give_out(std::span<const std::size_t>, const TakeBatch&) {}
void Cluster::work(std::size_t, const std::function<Sweep()>&) {}

#endif

}  // namespace wattention
