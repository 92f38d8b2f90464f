#include "measure/network_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "measure/network_execution.hpp"
#include "measure/network_inputs.hpp"
#include "models/networks/network.hpp"
#include "models/networks/weights.hpp"
#include "sim/files/finite.hpp"
#include "sim/files/npy.hpp"
#include "sim/prices/price.hpp"

namespace wattention {
namespace {

View<const float> numbers_of(const std::vector<float>& numbers) {
  return {numbers.data(), 1, 1, numbers.size()};
}

/// Kinds of layers are to a network what phases are to an attention.
std::vector<std::string> kinds_of_parts() { return {part_kinds.begin(), part_kinds.end()}; }

/// The movements that the shapes of one input declare, which no table changes.
std::vector<MemoryStep> movements(const Network& network, const NetworkJob& job) {
  std::vector<Ledger> shapes = network.ledgers();
  for (Ledger& ledger : shapes) ledger.keep_calls();
  network.run(Mode::estimate, job.arithmetics, input_without_data(network.input().sizes), shapes);
  return steps_of(shapes, [&](std::size_t part, std::size_t) {
    return static_cast<std::size_t>(std::ranges::find(part_kinds, network.parts()[part].kind) -
                                    part_kinds.begin());
  });
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
  native.how.threads = job.how.threads;
  const NetworkOptions options = options_of(native);
  Network network = build_network(native.definition, options);
  try {
    give_weights(network, native, options);
  } catch (const InputError&) {
    return std::nullopt;
  }
  const NetworkInputs inputs = network_inputs(native, network);
  prepare_attentions(network, native, inputs);
  return Array{shape.shape, execute(network, native, inputs, {}).outputs};
}

void compare_with_native(NetworkRun& run, const NetworkJob& job, const Array& output) {
  const std::optional<Array> native = native_output(job, output);
  if (!native) {
    run.notes.emplace_back(
        "no comparison with the network's own attention: the weights lack its tensors");
    return;
  }
  run.error_vs_native = output_error(numbers_of(output.data), numbers_of(native->data));
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

std::vector<std::pair<std::string, OptionValue>> options_of_replacement(const Network& network) {
  std::vector<std::pair<std::string, OptionValue>> options;
  for (const NetworkPart& part : network.parts()) {
    if (!part.core || !part.core->replaced) continue;
    for (const auto& option : part.core->instance->options().all()) {
      options.emplace_back(option.name, option.value());
    }
    break;
  }
  return options;
}

/// What a run says before it is priced, the same under every table.
NetworkRun described(const Network& network, const NetworkJob& job, const NetworkInputs& inputs) {
  NetworkRun run;
  run.network = network.name();
  run.title = network.title();
  run.attention = job.attention ? job.attention->label : "native";
  run.options = options_of_replacement(network);
  run.mode = name_of(job.how.mode);
  run.precision = name_of(job.arithmetics.of_attentions.precision);
  run.accumulate = name_of(job.arithmetics.of_attentions.accumulate);
  run.layer_precision = name_of(job.arithmetics.of_layers.precision);
  run.accounting = name_of(job.how.accounting);
  run.input = inputs.description;
  run.input_size = text_of(network.input().sizes);
  run.weights = weights_text(job);
  run.inputs = inputs.count;
  run.parameters = network.parameter_count();
  run.notes = network.notes();
  return run;
}

/// [classes] or [tokens, channels] for a text, [inputs, classes] for images.
Array output_of(const Network& network, std::vector<float> numbers, std::size_t inputs) {
  const std::size_t tokens = network.output().tokens;
  const std::size_t channels = network.output().channels;
  if (!network.input().sizes.ids) return {{inputs, product(tokens, channels)}, std::move(numbers)};
  if (tokens == 1) return {{channels}, std::move(numbers)};
  return {{tokens, channels}, std::move(numbers)};
}

/// Against the labels of a data set, else against the network's own attention.
void judge_output(NetworkRun& run, const NetworkJob& job, const Array& output) {
  if (job.dataset != nullptr) {
    const std::size_t classes = output.data.size() / run.inputs;
    run.accuracy = accuracy_of(output.data, classes, job.dataset->test);
  } else if (job.attention) {
    compare_with_native(run, job, output);
  }
}

/// The run under one table. `ledgers` hold what is charged for one input, `steps` the movements
/// where they are modelled.
NetworkRun priced(NetworkRun run, const Network& network, std::span<const Ledger> ledgers,
                  std::span<const MemoryStep> steps, const RunSettings& how,
                  const EnergyTable& table) {
  run.table = table_line(table);
  if (models_memory(how, table)) {
    run.memory = name_of(how.memory);
    run.traffic = traffic_lines(steps, kinds_of_parts(), table, how.memory);
  }
  fill_layers(run, network, ledgers, table);
  if (how.accounting == Accounting::paper) run.area_um2 = paper_area_um2(run.totals, table);
  return run;
}

}  // namespace

NetworkMeasurement measure_network(const NetworkJob& asked, std::span<const EnergyTable> tables,
                                   const InputProgress& progress) {
  NetworkJob job = asked;
  job.tokens = tokens_of_input(job);
  const NetworkOptions options = options_of(job);
  Network network = build_network(job.definition, options);
  give_weights(network, job, options);
  const NetworkInputs inputs = network_inputs(job, network);
  prepare_attentions(network, job, inputs);

  ExecutedNetwork executed = execute(network, job, inputs, progress);
  const Nonfinite nonfinite = nonfinite_in(numbers_of(executed.outputs));
  const std::size_t numbers = executed.outputs.size();
  if (!job.how.allow_nonfinite) demand_finite_result(network.name(), nonfinite, numbers);
  if (job.how.mode == Mode::audit && nonfinite.count == 0) {
    demand_balance(network, executed.ledgers);
  }

  NetworkMeasurement measured;
  NetworkRun run = described(network, job, inputs);
  note_nonfinite(run.notes, inputs.nonfinite, nonfinite.count, numbers);
  if (job.how.mode != Mode::estimate) {
    run.host_seconds = executed.seconds;
    measured.output = output_of(network, std::move(executed.outputs), inputs.count);
    judge_output(run, job, measured.output);
  }
  const std::vector<Ledger> complete = ledgers_of_one(network, executed.ledgers, inputs.count);
  const bool paper = job.how.accounting == Accounting::paper;
  const std::vector<Ledger> charged = paper ? paper_ledgers(network) : complete;
  if (!paper) {
    const Traffic traffic = traffic_of_one(executed.ledgers, inputs.count);
    run.read_bytes = traffic.read_bytes;
    run.write_bytes = traffic.write_bytes;
  }
  std::vector<MemoryStep> steps;
  if (std::ranges::any_of(tables, [&](const auto& table) { return models_memory(job.how, table); }))
    steps = movements(network, job);

  for (const EnergyTable& table : tables) {
    measured.runs.push_back(priced(run, network, charged, steps, job.how, table));
    if (job.how.reconcile)
      measured.runs.back().reconciliation = reconcile(network, complete, table);
  }
  return measured;
}

}  // namespace wattention
