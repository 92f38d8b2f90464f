#include "measure/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "models/attention_check.hpp"
#include "models/networks/network.hpp"
#include "sim/prices/price.hpp"
#include "sim/threads.hpp"

namespace wattention {
namespace {

/// Tensors as phases read and write them, where no hierarchy is applied.
void fill_unmodelled(Run& run, const Ledger& ledger) {
  for (const Phase& phase : ledger.phases()) {
    if (phase.traffic() == Traffic{}) continue;
    run.traffic.push_back({phase.name(), "unmodelled", phase.traffic().read_bytes,
                           phase.traffic().write_bytes, Range{}});
  }
}

/// The movements that the shapes alone declare, which no table changes.
std::vector<MemoryStep> movements(const Attention& attention, const Arithmetic& arithmetic,
                                  const Qkv<float>& x) {
  std::vector<Ledger> shapes;
  shapes.emplace_back(attention.phases());
  shapes.front().keep_calls();
  attention.run(Mode::estimate, arithmetic, x, shapes.front());
  return steps_of(shapes, [](std::size_t, std::size_t phase) { return phase; });
}

struct Timed {
  Tensor<float> output;
  Ledger ledger;
  double fastest_seconds;
};

/// The books, and that heads which share keys give what they give with copies of them.
void demand_balance(const AttentionChoice& choice, const Attention& attention,
                    const Workload& workload, const Timed& timed) {
  std::vector<std::string> imbalances = timed.ledger.imbalances();
  std::ranges::move(wrong_shared_heads(attention, workload.qkv(), choice.arithmetic, timed.output),
                    std::back_inserter(imbalances));
  if (imbalances.empty()) return;
  throw Error(fmt::format("audit of {}: expected what was declared, found {}", choice.name,
                          joined(imbalances)));
}

/// The first run in a process also starts threads, generates code and touches fresh memory. Where
/// it took less than this, its time is left out and the attention runs once more.
constexpr double shortest_first_seconds = 0.5;

Timed run_timed(const Attention& attention, const RunSettings& how, const Arithmetic& arithmetic,
                const Qkv<float>& x) {
  const Threads threads(how.threads);
  Timed timed{{}, Ledger(attention.phases()), std::numeric_limits<double>::infinity()};
  std::size_t runs = how.mode == Mode::execute ? how.repeats : 1;
  for (std::size_t i = 0; i < runs; ++i) {
    timed.ledger = Ledger(attention.phases());
    timed.output = Tensor<float>();  // memory holds one output at a time
    const auto start = std::chrono::steady_clock::now();
    timed.output = attention.run(how.mode, arithmetic, x, timed.ledger);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (how.mode == Mode::execute && i == 0 && took.count() < shortest_first_seconds) {
      ++runs;
      continue;
    }
    timed.fastest_seconds = std::min(timed.fastest_seconds, took.count());
  }
  return timed;
}

/// What was executed, priced under one table.
Run priced(const AttentionChoice& choice, const Attention& attention, const Workload& workload,
           const RunSettings& how, const Timed& timed, std::span<const MemoryStep> steps,
           const EnergyTable& table) {
  const Qkv<float>& x = workload.qkv();
  const AttentionCore core{choice.name, true,         x.heads(), x.queries(),
                           x.keys(),    x.head_dim(), &attention};
  const bool paper = how.accounting == Accounting::paper;
  const Ledger charged = paper ? paper_ledger(core) : Ledger({});
  const Ledger& ledger = paper ? charged : timed.ledger;
  const std::vector<PricedOperation> operations = price(ledger, table);

  Run run;
  run.attention = choice.name;
  run.label = choice.label;
  for (const auto& option : attention.options().all()) {
    run.options.emplace_back(option.name, option.value());
  }
  run.mode = name_of(how.mode);
  run.precision = name_of(choice.arithmetic.precision);
  run.accumulate = name_of(choice.arithmetic.accumulate);
  run.accounting = name_of(how.accounting);
  run.input = workload.description();
  run.shape = {x.heads(), x.k.heads, x.queries(), x.keys(), x.head_dim(), x.value_dim(), x.shared};
  run.table = table_line(table);
  run.operations = operation_lines(operations);
  if (models_memory(how, table)) {
    const std::vector<std::string> phases(attention.phases().begin(), attention.phases().end());
    run.memory = name_of(how.memory);
    run.traffic = traffic_lines(steps, phases, table, how.memory);
  } else {
    fill_unmodelled(run, ledger);
  }
  run.totals = totals_of(ledger.declared());
  if (paper) run.area_um2 = paper_area_um2(run.totals, table);
  if (how.reconcile) run.reconciliation = reconcile(core, timed.ledger, table);
  run.energy_pj.compute = total_energy(operations);
  run.energy_pj.memory = total_energy(run.traffic);
  run.energy_pj.total = run.energy_pj.compute;
  run.energy_pj.total += run.energy_pj.memory;
  if (how.mode != Mode::estimate) run.host_seconds = timed.fastest_seconds;
  run.notes = attention.notes();
  if (how.mode == Mode::estimate && attention.data_dependent()) {
    run.notes.emplace_back("counts depend on the data: this estimate is an expectation");
  }
  return run;
}

}  // namespace

bool models_memory(const RunSettings& how, const EnergyTable& table) {
  return how.accounting == Accounting::complete && how.memory != MemoryPolicy::none &&
         !table.memory().empty();
}

void demand_finite_result(const std::string& what, const Nonfinite& found, std::uint64_t numbers) {
  if (found.count == 0) return;
  throw InputError(
      what, "output", "finite numbers (allow_nonfinite takes others)",
      fmt::format("{} of {} that are not, the first {}", found.count, numbers, found.first));
}

void note_nonfinite(std::vector<std::string>& notes, std::uint64_t inputs, std::uint64_t outputs,
                    std::uint64_t numbers) {
  if (inputs == 0 && outputs == 0) return;
  notes.push_back(
      fmt::format("numbers that are infinite or NaN: {} of the input, {} of the {} of the output",
                  inputs, outputs, numbers));
}

std::unique_ptr<Attention> configured_attention(const AttentionChoice& choice) {
  auto attention = Registry<Attention>::global().make(choice.name, "attention");
  for (const auto& [name, value] : choice.options) {
    attention->options().set(choice.name, name, value);
  }
  return attention;
}

Measurement measure(const AttentionChoice& choice, const Attention& attention,
                    const Workload& workload, const RunSettings& how,
                    std::span<const EnergyTable> tables) {
  Timed timed = run_timed(attention, how, choice.arithmetic, workload.qkv());
  const Nonfinite nonfinite = nonfinite_in(timed.output.view());
  if (!how.allow_nonfinite) demand_finite_result(choice.label, nonfinite, timed.output.size());
  if (how.mode == Mode::audit && nonfinite.count == 0)
    demand_balance(choice, attention, workload, timed);
  std::vector<MemoryStep> steps;
  if (std::ranges::any_of(tables, [&](const auto& table) { return models_memory(how, table); })) {
    steps = movements(attention, choice.arithmetic, workload.qkv());
  }
  Measurement measurement;
  for (const EnergyTable& table : tables) {
    measurement.runs.push_back(priced(choice, attention, workload, how, timed, steps, table));
    note_nonfinite(measurement.runs.back().notes, workload.nonfinite(), nonfinite.count,
                   timed.output.size());
  }
  measurement.output = std::move(timed.output);
  return measurement;
}

std::vector<TrafficLine> traffic_lines(std::span<const MemoryStep> steps,
                                       const std::vector<std::string>& phases,
                                       const EnergyTable& table, MemoryPolicy policy) {
  const LevelTraffic traffic = memory_traffic(steps, phases.size(), hierarchy_of(table), policy);
  std::vector<TrafficLine> lines;
  for (const PricedTraffic& priced : price(traffic, table)) {
    const MemoryLevel& level = table.memory()[priced.level];
    lines.push_back({phases[priced.phase], level.level, priced.traffic.read_bytes,
                     priced.traffic.write_bytes, priced.energy_pj, level.off_chip(), level.source,
                     std::string(name_of(level.kind)), level.access_bits, priced.read_accesses,
                     priced.write_accesses, level.read_pj, level.write_pj});
  }
  return lines;
}

Range total_energy(const std::vector<TrafficLine>& traffic) {
  Range total;
  for (const TrafficLine& line : traffic) total += line.energy_pj;
  return total;
}

Run::Table table_line(const EnergyTable& table) {
  return {table.name(), table.title(), table.node_nm(), std::string(name_of(table.unit())),
          table.unit_note()};
}

std::vector<OperationLine> operation_lines(const std::vector<PricedOperation>& operations) {
  std::vector<OperationLine> lines;
  lines.reserve(operations.size());
  for (const PricedOperation& operation : operations) {
    lines.push_back({operation.phase, std::string(name_of(operation.op)),
                     std::string(name_of(operation.format)), operation.count, operation.energy_pj,
                     operation.price.source, std::string(name_of(operation.price.kind))});
  }
  return lines;
}

Totals totals_of(const OpCounts& counts) {
  Totals totals;
  for (const TotalGroup& group : total_groups) {
    for (std::size_t i = 0; i < op_count; ++i) {
      const auto op = static_cast<Op>(i);
      if (!group.holds(name_of(op))) continue;
      totals[group.total] = sum(totals[group.total], counts.total(op));
    }
  }
  return totals;
}

OutputError output_error(const View<const float>& output, const View<const float>& exact) {
  double squares = 0.0;
  double exact_squares = 0.0;
  double output_squares = 0.0;
  double dot = 0.0;
  OutputError error;
  for (std::size_t h = 0; h < exact.heads; ++h) {
    for (std::size_t i = 0; i < exact.rows; ++i) {
      for (std::size_t c = 0; c < exact.cols; ++c) {
        const auto y = static_cast<double>(output(h, i, c));
        const auto e = static_cast<double>(exact(h, i, c));
        const double difference = std::abs(y - e);
        if (difference > error.max_abs || std::isnan(difference)) error.max_abs = difference;
        squares += difference * difference;
        exact_squares += e * e;
        output_squares += y * y;
        dot += y * e;
      }
    }
  }
  const auto numbers = static_cast<double>(exact.elements());
  error.rmse = std::sqrt(squares / numbers);
  error.relative_l2 = squares == 0.0 ? 0.0 : std::sqrt(squares / exact_squares);
  const double norms = std::sqrt(output_squares) * std::sqrt(exact_squares);
  error.cosine = squares == 0.0 ? 1.0 : (norms == 0.0 ? 0.0 : dot / norms);
  return error;
}

}  // namespace wattention
