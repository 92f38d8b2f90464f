#include "app/job.hpp"

#include <algorithm>
#include <memory>
#include <numeric>

#include "app/attention_choices.hpp"
#include "measure/reference.hpp"
#include "reports/findings/comparable_runs.hpp"
#include "reports/findings/rankings.hpp"
#include "sim/files/finite.hpp"
#include "sim/files/npy.hpp"
#include "sim/names.hpp"
#include "sim/version.hpp"

namespace wattention {
namespace {

/// Gives every --tensor to the attentions that know it.
void apply_tensors(const std::vector<std::unique_ptr<Attention>>& attentions,
                   const std::vector<std::string>& tensors, bool allow_nonfinite) {
  for (const std::string& text : tensors) {
    const auto [name, file] = name_and_value(text, "--tensor");
    std::vector<std::string> known;
    bool taken = false;
    for (const auto& attention : attentions) {
      for (const auto& tensor : attention->options().tensors()) known.push_back(tensor.name);
      taken = taken || attention->options().knows_tensor(name);
    }
    if (!taken) throw InputError("command line", "--tensor", one_of(known, name), in_quotes(name));
    const NamedTensor tensor{file, load_npy_array(file)};
    if (!allow_nonfinite) demand_finite(tensor.array, file);
    for (const auto& attention : attentions) {
      if (!attention->options().knows_tensor(name)) continue;
      attention->options().set_tensor(name, name, tensor);
    }
  }
}

/// Every choice on one input, under one table after the other. Adds the runs to the report and,
/// where they were asked for, the outputs.
void measure_all(Report& report, std::vector<Tensor<float>>& outputs,
                 const std::vector<AttentionChoice>& choices, const Workload& workload,
                 const JobOptions& options, const std::vector<OverriddenTable>& chosen) {
  const RunSettings how = options.run_settings();
  std::vector<EnergyTable> tables;
  tables.reserve(chosen.size());
  for (const OverriddenTable& one : chosen) tables.push_back(one.table);
  std::vector<std::unique_ptr<Attention>> attentions;
  attentions.reserve(choices.size());
  for (const AttentionChoice& choice : choices) {
    attentions.push_back(configured_attention(choice));
  }
  apply_tensors(attentions, options.tensors, options.allow_nonfinite);
  const Parameters parameters{options.hash, options.seed};
  for (const auto& attention : attentions) attention->prepare(workload.qkv(), parameters);
  if (options.hash && std::ranges::none_of(attentions, &Attention::takes_hash)) {
    throw InputError("command line", "--hash", "an attention that takes hash functions", "none");
  }
  // Softmax comes first: its output is what the others are compared with, and so is computed once.
  std::vector<std::size_t> order(choices.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_partition(order.begin(), order.end(),
                        [&](std::size_t i) { return choices[i].name == "softmax"; });

  std::vector<std::vector<Run>> runs_by_table(tables.size(), std::vector<Run>(choices.size()));
  std::vector<Tensor<float>> outputs_of_choices(options.output ? choices.size() : 0);
  Reference reference(workload, how.mode == Mode::estimate ? "never" : options.reference);
  for (const std::size_t i : order) {
    Measurement measurement = measure(choices[i], *attentions[i], workload, how, tables);
    reference.compare(measurement);
    for (std::size_t t = 0; t < tables.size(); ++t) {
      Run& run = measurement.runs[t];
      run.notes.insert(run.notes.end(), chosen[t].notes.begin(), chosen[t].notes.end());
      runs_by_table[t][i] = std::move(run);
    }
    if (options.output) outputs_of_choices[i] = std::move(measurement.output);
  }
  std::ranges::move(outputs_of_choices, std::back_inserter(outputs));
  for (std::vector<Run>& runs : runs_by_table) {
    std::ranges::move(runs, std::back_inserter(report.runs));
  }
}

}  // namespace

void do_job(std::vector<AttentionChoice> choices, const JobOptions& options) {
  const Mode mode = named<Mode>("mode", options.mode);
  if (options.output && mode == Mode::estimate) {
    throw InputError("command line", "--output", "--mode execute or audit", "estimate");
  }
  demand_formats(options);
  if (options.tokens.size() > 1 && options.tables.size() > 1) {
    throw InputError("command line", "--tokens", "one number of tokens, or one --table",
                     "several of both");
  }
  const std::vector<OverriddenTable> tables = chosen_tables(options);
  apply_settings(choices, options.settings);
  Report report;
  report.version = version;
  std::vector<Tensor<float>> outputs;
  std::vector<std::optional<std::size_t>> inputs(options.tokens.begin(), options.tokens.end());
  if (inputs.empty()) inputs.emplace_back(std::nullopt);
  for (const std::optional<std::size_t>& tokens : inputs) {
    measure_all(report, outputs, choices, workload_of(options, mode, tokens), options, tables);
  }
  OutputFiles files;
  const std::vector<std::string> labels = labels_of(under_first_table(report).runs);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    files.stage(output_path(*options.output, labels, i), npy_bytes(outputs[i].view()));
  }
  publish(report, options, files);
}

}  // namespace wattention
