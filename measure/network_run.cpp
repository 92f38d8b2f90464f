#include "measure/network_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <mutex>

#include "measure/network_inputs.hpp"
#include "models/networks/network.hpp"
#include "models/networks/weights.hpp"
#include "sim/files/finite.hpp"
#include "sim/files/npy.hpp"
#include "sim/prices/price.hpp"
#include "sim/threads.hpp"

namespace wattention {
namespace {

struct Executed {
  std::vector<Ledger> ledgers;  // of all inputs
  std::vector<float> outputs;   // one after the other
  double seconds = 0.0;
};

/// An input through a whole network is worth a thread, however small the network is.
constexpr auto operations_of_any_network = std::numeric_limits<std::uint64_t>::max();

/// Runs every input, spread over threads. Which thread runs which changes no number.
Executed run_all(const Network& network, const NetworkJob& job, const NetworkInputs& inputs,
                 const InputProgress& progress) {
  const std::size_t classes = product(network.output().tokens, network.output().channels);
  Executed all;
  all.ledgers = network.ledgers();
  if (job.how.mode != Mode::estimate) all.outputs.resize(product(inputs.count, classes));
  const Threads threads(job.threads);
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

/// Counts of one input. Every input of the same sizes takes the same operations; where an attention
/// breaks that, the mean, rounded down.
OpCounts of_one(const OpCounts& counts, std::size_t inputs) {
  OpCounts one;
  counts.for_each(
      [&](Op op, Format format, std::uint64_t count) { one.add(op, format, count / inputs); });
  return one;
}

/// What every part did for one input: phases by name.
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

/// Tensors as the layers of one input read and write them.
Traffic traffic_of_one(std::span<const Ledger> all, std::size_t inputs) {
  Traffic traffic;
  for (const Ledger& ledger : all) {
    for (const Phase& phase : ledger.phases()) traffic += phase.traffic();
  }
  return {traffic.read_bytes / inputs, traffic.write_bytes / inputs};
}

/// Bytes at every level, from the movements that the shapes of one input declare.
void fill_memory(NetworkRun& run, const Network& network, const NetworkJob& job,
                 const EnergyTable& table) {
  std::vector<Ledger> shapes = network.ledgers();
  for (Ledger& ledger : shapes) ledger.keep_calls();
  network.run(Mode::estimate, job.arithmetics, input_without_data(network.input().sizes), shapes);
  const std::vector<std::string> kinds(part_kinds.begin(), part_kinds.end());
  const auto steps = steps_of(shapes, [&](std::size_t part, std::size_t) {
    return static_cast<std::size_t>(std::ranges::find(kinds, network.parts()[part].kind) -
                                    kinds.begin());
  });
  run.memory = name_of(job.how.memory);
  run.traffic = traffic_lines(steps, kinds, table, job.how.memory);
}

void fill_layers(NetworkRun& run, const Network& network, std::span<const Ledger> ledgers,
                 const EnergyTable& table) {
  Ledger by_kind{std::span<const std::string_view>(part_kinds)};
  for (std::size_t p = 0; p < ledgers.size(); ++p) {
    for (const Phase& phase : ledgers[p].phases()) by_kind[network.parts()[p].kind] += phase;
  }
  const std::vector<PricedOperation> operations = price(by_kind, table);
  run.operations = operation_lines(operations);
  run.energy_pj.compute = total_energy(operations);
  run.energy_pj.memory = total_energy(run.traffic);
  run.energy_pj.total = run.energy_pj.compute;
  run.energy_pj.total += run.energy_pj.memory;
  run.totals = totals_of(by_kind.declared());
  for (std::size_t p = 0; p < ledgers.size(); ++p) {
    const NetworkPart& part = network.parts()[p];
    run.layers.push_back({part.name, part.core ? part.core->attention : part.type, part.kind,
                          text_of(part.in), text_of(part.out), part.core && part.core->replaced,
                          totals_of(ledgers[p].declared()),
                          total_energy(price(ledgers[p], table))});
  }
}

NetworkOptions options_of(const NetworkJob& job) {
  NetworkOptions options{{}, job.image_size, job.tokens};
  if (job.attention) {
    options.replacement = {job.attention->name,
                           [choice = *job.attention] { return configured_attention(choice); }};
  }
  return options;
}

std::string weights_text(const NetworkJob& job) {
  if (job.weights) return *job.weights;
  if (job.how.mode == Mode::estimate) return "none needed";
  return fmt::format("drawn, seed {}: outputs mean nothing", job.seed);
}

void give_weights(Network& network, const NetworkJob& job, const NetworkOptions& options) {
  if (job.weights) {
    load_weights(network, job.definition, options, *job.weights);
  } else if (job.how.mode != Mode::estimate) {
    seed_weights(network, job.seed);
  }
}

/// The output that the network's own attention gives; nothing where the weights lack its tensors.
std::optional<Array> native_output(const NetworkJob& job, const Array& shape) {
  NetworkJob native = job;
  native.attention.reset();
  native.how = {};
  const NetworkOptions options = options_of(native);
  Network network = build_network(native.definition, options);
  try {
    give_weights(network, native, options);
  } catch (const InputError&) {
    return std::nullopt;
  }
  const NetworkInputs inputs = network_inputs(native, network);
  prepare_attentions(network, native, inputs);
  return Array{shape.shape, run_all(network, native, inputs, {}).outputs};
}

void compare_with_native(NetworkMeasurement& measured, const NetworkJob& job) {
  const std::optional<Array> native = native_output(job, measured.output);
  if (!native) {
    measured.run.notes.emplace_back(
        "no comparison with the network's own attention: the weights lack its tensors");
    return;
  }
  const auto view_of = [](const Array& array) {
    return View<const float>(array.data.data(), 1, 1, array.data.size());
  };
  measured.run.error_vs_native = output_error(view_of(measured.output), view_of(*native));
}

Accuracy accuracy_of(const std::vector<float>& logits, std::size_t classes,
                     const LabelledImages& images) {
  Accuracy accuracy{logits.size() / classes, 0};
  for (std::size_t i = 0; i < accuracy.images; ++i) {
    const auto first = logits.begin() + static_cast<std::ptrdiff_t>(i * classes);
    const auto best = std::max_element(first, first + static_cast<std::ptrdiff_t>(classes));
    if (best - first == images.labels[i]) ++accuracy.correct;
  }
  return accuracy;
}

}  // namespace

NetworkMeasurement measure_network(const NetworkJob& asked, const EnergyTable& table,
                                   const InputProgress& progress) {
  NetworkJob job = asked;
  job.tokens = tokens_of_input(job);
  const NetworkOptions options = options_of(job);
  Network network = build_network(job.definition, options);
  give_weights(network, job, options);
  const NetworkInputs inputs = network_inputs(job, network);
  prepare_attentions(network, job, inputs);

  Executed executed;
  double fastest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < (job.how.mode == Mode::execute ? job.how.repeats : 1); ++i) {
    executed = run_all(network, job, inputs, progress);
    fastest = std::min(fastest, executed.seconds);
  }
  const Nonfinite nonfinite =
      nonfinite_in(View<const float>(executed.outputs.data(), 1, 1, executed.outputs.size()));
  if (!job.how.allow_nonfinite) {
    demand_finite_result(network.name(), nonfinite, executed.outputs.size());
  }
  if (job.how.mode == Mode::audit && nonfinite.count == 0) {
    demand_balance(network, executed.ledgers);
  }
  const std::vector<Ledger> ledgers = ledgers_of_one(network, executed.ledgers, inputs.count);

  NetworkMeasurement measured;
  NetworkRun& run = measured.run;
  run.network = network.name();
  run.title = network.title();
  run.attention = job.attention ? job.attention->label : "native";
  run.mode = name_of(job.how.mode);
  run.precision = name_of(job.arithmetics.of_attentions.precision);
  run.accumulate = name_of(job.arithmetics.of_attentions.accumulate);
  run.accounting = name_of(job.how.accounting);
  run.input = inputs.description;
  run.input_size = text_of(network.input().sizes);
  run.weights = weights_text(job);
  run.inputs = inputs.count;
  run.parameters = network.parameter_count();
  run.table = table_line(table);
  if (job.how.accounting == Accounting::paper) {
    fill_layers(run, network, paper_ledgers(network), table);
    run.area_um2 = paper_area_um2(run.totals, table);
  } else {
    const Traffic traffic = traffic_of_one(executed.ledgers, inputs.count);
    run.read_bytes = traffic.read_bytes;
    run.write_bytes = traffic.write_bytes;
    if (job.how.memory != MemoryPolicy::none && !table.memory().empty()) {
      fill_memory(run, network, job, table);
    }
    fill_layers(run, network, ledgers, table);
  }
  if (job.how.reconcile) run.reconciliation = reconcile(network, ledgers, table);
  if (job.how.mode != Mode::estimate) run.host_seconds = fastest;
  run.notes = network.notes();
  note_nonfinite(run.notes, inputs.nonfinite, nonfinite.count, executed.outputs.size());
  for (const NetworkPart& part : network.parts()) {
    if (!part.core || !part.core->replaced) continue;
    for (const auto& option : part.core->instance->options().all()) {
      run.options.emplace_back(option.name, option.value());
    }
    break;
  }
  if (job.how.mode == Mode::estimate) return measured;

  const std::size_t classes = product(network.output().tokens, network.output().channels);
  if (network.input().sizes.ids) {
    measured.output.shape = network.output().tokens == 1
                                ? std::vector{classes}
                                : std::vector{network.output().tokens, network.output().channels};
  } else {
    measured.output.shape = {inputs.count, classes};
  }
  measured.output.data = std::move(executed.outputs);
  if (job.dataset != nullptr) {
    run.accuracy = accuracy_of(measured.output.data, classes, job.dataset->test);
  } else if (job.attention) {
    compare_with_native(measured, job);
  }
  return measured;
}

}  // namespace wattention
