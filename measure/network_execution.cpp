#include "measure/network_execution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <mutex>

#include "sim/threads.hpp"

namespace wattention {
namespace {

/// An input through a whole network is worth a thread, however small the network is.
constexpr auto operations_of_any_network = std::numeric_limits<std::uint64_t>::max();

ExecutedNetwork execute_once(const Network& network, const NetworkJob& job,
                             const NetworkInputs& inputs, const InputProgress& progress) {
  const std::size_t classes = product(network.output().tokens, network.output().channels);
  ExecutedNetwork all;
  all.ledgers = network.ledgers();
  if (job.how.mode != Mode::estimate) all.outputs.resize(product(inputs.count, classes));
  const Threads threads(job.how.threads);
  const auto start = std::chrono::steady_clock::now();
  std::mutex merging;
  std::size_t done = 0;
  each_part(inputs.count, operations_of_any_network, [&](std::size_t i) {
    std::vector<Ledger> own = network.ledgers();
    const Activation y = network.run(job.how.mode, job.arithmetics, inputs.make(i), own);
    if (y.tokens.data() != nullptr) {
      std::copy_n(y.tokens.data(), classes, all.outputs.data() + i * classes);
    }
    const std::lock_guard lock(merging);
    for (std::size_t p = 0; p < own.size(); ++p) all.ledgers[p] += own[p];
    ++done;
    if (progress) progress(done, inputs.count);
  });
  all.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return all;
}

OpCounts of_one(const OpCounts& counts, std::size_t inputs) {
  OpCounts one;
  counts.for_each(
      [&](Op op, Format format, std::uint64_t count) { one.add(op, format, count / inputs); });
  return one;
}

}  // namespace

ExecutedNetwork execute(const Network& network, const NetworkJob& job, const NetworkInputs& inputs,
                        const InputProgress& progress) {
  ExecutedNetwork executed = execute_once(network, job, inputs, progress);
  const std::size_t runs = job.how.mode == Mode::execute ? job.how.repeats : 1;
  for (std::size_t i = 1; i < runs; ++i) {
    const double fastest = executed.seconds;
    executed = execute_once(network, job, inputs, progress);
    executed.seconds = std::min(executed.seconds, fastest);
  }
  return executed;
}

void demand_balance(const Network& network, std::span<const Ledger> ledgers) {
  std::vector<std::string> all;
  for (std::size_t p = 0; p < ledgers.size(); ++p) {
    for (const std::string& line : ledgers[p].imbalances()) {
      all.push_back(network.parts()[p].name + ": " + line);
    }
  }
  if (all.empty()) return;
  throw Error(fmt::format("audit of {}: expected what was declared, found {}", network.name(),
                          joined(all)));
}

std::vector<Ledger> ledgers_of_one(const Network& network, std::span<const Ledger> all,
                                   std::size_t inputs) {
  std::vector<Ledger> ledgers = network.ledgers();
  for (std::size_t p = 0; p < ledgers.size(); ++p) {
    for (const Phase& phase : all[p].phases()) {
      of_one(phase.declared(), inputs).for_each([&](Op op, Format format, std::uint64_t count) {
        ledgers[p][phase.name()].declare({{op, format, count}}, {});
      });
    }
  }
  return ledgers;
}

Traffic traffic_of_one(std::span<const Ledger> all, std::size_t inputs) {
  Traffic traffic;
  for (const Ledger& ledger : all) {
    for (const Phase& phase : ledger.phases()) traffic += phase.traffic();
  }
  return {traffic.read_bytes / inputs, traffic.write_bytes / inputs};
}

}  // namespace wattention
