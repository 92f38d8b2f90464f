#pragma once

// One attention on one workload: the straight line of the program.

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "measure/accounting.hpp"
#include "models/attention.hpp"
#include "models/workload.hpp"
#include "reports/report.hpp"
#include "sim/files/finite.hpp"
#include "sim/prices/price.hpp"

namespace wattention {

/// An attention and the options that the user set.
struct AttentionChoice {
  std::string name;
  std::vector<std::pair<std::string, std::string>> options = {};
  std::string label = name;  // with the options that tell it from others: "ecoformer bits=32"
  Arithmetic arithmetic = {};
};

struct Measurement {
  std::vector<Run> runs;  // one a table
  Tensor<float> output;   // without data in estimate mode
};

/// The attention with its options set; throws InputError for a name or a value that is not known.
std::unique_ptr<Attention> configured_attention(const AttentionChoice& choice);

/// How attentions and networks are run and accounted for.
struct RunSettings {
  Mode mode = Mode::execute;
  std::size_t repeats = 1;  // in execute mode; the fastest time counts
  std::size_t threads = 1;  // change no number
  Accounting accounting = Accounting::complete;
  bool reconcile = false;
  MemoryPolicy memory = MemoryPolicy::tiled;
  bool allow_nonfinite = false;  // in outputs; otherwise they are an error
};

/// Whether bytes are modelled at the levels of a table; otherwise they are those of the tensors.
bool models_memory(const RunSettings& how, const EnergyTable& table);

/// Throws InputError where a result holds numbers that are infinite or NaN; `what` computed it.
void demand_finite_result(const std::string& what, const Nonfinite& found, std::uint64_t numbers);

/// Adds a note that says how many numbers of the input and of the output are infinite or NaN.
void note_nonfinite(std::vector<std::string>& notes, std::uint64_t inputs, std::uint64_t outputs,
                    std::uint64_t numbers);

/// What kernels moved, in the order of the run; `phase_of(ledger, phase)` numbers the groups.
template <class PhaseOf>
std::vector<MemoryStep> steps_of(std::span<const Ledger> ledgers, const PhaseOf& phase_of) {
  std::vector<std::pair<std::uint64_t, MemoryStep>> ordered;
  for (std::size_t l = 0; l < ledgers.size(); ++l) {
    for (std::size_t p = 0; p < ledgers[l].phases().size(); ++p) {
      for (const KernelCall& call : ledgers[l].phases()[p].calls()) {
        ordered.push_back(
            {call.order, {phase_of(l, p), call.movement, call.crosses, call.from_outside}});
      }
    }
  }
  std::ranges::sort(ordered, {}, [](const auto& step) { return step.first; });
  std::vector<MemoryStep> steps;
  steps.reserve(ordered.size());
  for (const auto& [order, step] : ordered) steps.push_back(step);
  return steps;
}

/// Traffic and its energy by level, of phases (or kinds of layers) in that order.
std::vector<TrafficLine> traffic_lines(std::span<const MemoryStep> steps,
                                       const std::vector<std::string>& phases,
                                       const EnergyTable& table, MemoryPolicy policy);
Range total_energy(const std::vector<TrafficLine>& traffic);

/// Executed once, priced under each table. Throws InputError where a table lacks a price or the
/// accounting has no form for the attention, and Error where an audit does not balance.
Measurement measure(const AttentionChoice& choice, const Attention& attention,
                    const Workload& workload, const RunSettings& how,
                    std::span<const EnergyTable> tables);

Run::Table table_line(const EnergyTable& table);
std::vector<OperationLine> operation_lines(const std::vector<PricedOperation>& operations);

/// Throws Error where a sum overflows.
Totals totals_of(const OpCounts& counts);

/// Difference of two outputs of one shape; the cosine of a vector of zeros is taken as 0.
OutputError output_error(const View<const float>& output, const View<const float>& exact);

}  // namespace wattention
