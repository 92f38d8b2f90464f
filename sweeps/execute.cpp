#include "sweeps/execute.hpp"

#include "measure/measure.hpp"
#include "measure/network_run.hpp"
#include "measure/reference.hpp"

namespace wattention {
namespace {

RunSettings run_settings(const Configuration& c) {
  RunSettings how;
  how.mode = named<Mode>("mode", c.mode);
  how.accounting = named<Accounting>("accounting", c.accounting);
  how.memory = named<MemoryPolicy>("memory", c.memory);
  how.allow_nonfinite = c.allow_nonfinite;
  return how;
}

AttentionChoice choice_of(const SweptAttention& attention, const Arithmetic& arithmetic) {
  return {attention.name, attention.options, attention.label(), arithmetic};
}

Run execute_attention(const Configuration& c, const Arithmetic& arithmetic,
                      const EnergyTable& table) {
  const RunSettings how = run_settings(c);
  const std::size_t tokens = c.tokens.value();
  std::optional<std::size_t> keys;
  if (!c.share_qk) keys = c.keys.value_or(tokens);
  const Workload::Sizes sizes{c.heads, tokens, keys, c.head_dim, c.value_dim};
  const bool estimate = how.mode == Mode::estimate;
  const Workload workload =
      estimate ? Workload::without_data(sizes) : Workload::synthetic(sizes, c.seed);
  const AttentionChoice choice = choice_of(c.attention.value(), arithmetic);
  const auto attention = configured_attention(choice);
  Parameters parameters;
  parameters.seed = c.seed;
  attention->prepare(workload.qkv(), parameters);
  Measurement measured = measure(choice, *attention, workload, how, std::span(&table, 1));
  Reference(workload, estimate ? "never" : "auto").compare(measured);
  return std::move(measured.runs.front());
}

NetworkRun execute_network(const Configuration& c, const Arithmetic& arithmetic,
                           const EnergyTable& table, const NetworkDefinition& definition) {
  NetworkJob job{definition};
  if (c.attention) job.attention = choice_of(*c.attention, arithmetic);
  job.arithmetics = {arithmetic, {floating_format_named(c.layer_precision), arithmetic.accumulate}};
  job.how = run_settings(c);
  job.image_size = c.image_size;
  job.tokens = c.tokens;
  job.seed = c.seed;
  return std::move(measure_network(job, std::span(&table, 1)).runs.front());
}

}  // namespace

RunResult execute(const Sweep& sweep, const Configuration& c) {
  const Arithmetic arithmetic{floating_format_named(c.precision),
                              named<Accumulate>("accumulate", c.accumulate)};
  const EnergyTable& table = sweep.tables.at(c.table);
  if (!c.of_network()) return execute_attention(c, arithmetic, table);
  return execute_network(c, arithmetic, table, sweep.networks.at(c.network));
}

}  // namespace wattention
