#include "app/job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "reports/plot.hpp"
#include "reports/writer.hpp"
#include "sim/energy_tables.hpp"
#include "sim/npy.hpp"
#include "sim/output_files.hpp"
#include "sim/version.hpp"

namespace wattention {
namespace {

/// Macs of exact attention beyond which --reference auto leaves it out: a few seconds here.
constexpr double most_reference_macs = 4e9;

Workload workload_of(const JobOptions& options, Mode mode) {
  const bool any_file = options.q || options.k || options.v;
  const bool any_size =
      options.tokens || options.heads || options.head_dim || options.keys || options.value_dim;
  if (any_file && any_size) {
    throw InputError("command line", "input", "files (--q --k --v) or sizes (--tokens ...)",
                     "both");
  }
  if (any_file) {
    if (!options.q || !options.k || !options.v) {
      throw InputError("command line", "input", "all of --q, --k and --v", "some of them");
    }
    return Workload::from_files({*options.q, *options.k, *options.v});
  }
  if (!options.tokens || !options.head_dim) {
    throw InputError("command line", "input", "--q F --k F --v F, or --tokens N --head-dim D",
                     any_size ? "some of the sizes" : "neither");
  }
  const Workload::Sizes sizes{options.heads.value_or(1), *options.tokens, options.keys,
                              *options.head_dim, options.value_dim};
  return mode == Mode::estimate ? Workload::without_data(sizes)
                                : Workload::synthetic(sizes, options.seed);
}

/// Gives every --tensor to the attentions that know it.
void apply_tensors(const std::vector<std::unique_ptr<Attention>>& attentions,
                   const std::vector<std::string>& tensors) {
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
    for (const auto& attention : attentions) {
      if (!attention->options().knows_tensor(name)) continue;
      attention->options().set_tensor(name, name, tensor);
    }
  }
}

bool is_causal(const Run& run) {
  return std::ranges::any_of(run.options, [](const auto& option) {
    return option.first == "causal" && option.second == OptionValue(true);
  });
}

/// Exact softmax attention on the workload, computed when it is first asked for.
class Reference {
 public:
  Reference(const Workload& workload, const std::string& when) : workload_(workload) {
    const Qkv<float>& x = workload.qkv();
    const double macs = static_cast<double>(x.heads()) * static_cast<double>(x.queries()) *
                        static_cast<double>(x.keys()) *
                        static_cast<double>(x.head_dim() + x.value_dim());
    wanted_ = when == "always" || (when == "auto" && macs <= most_reference_macs);
    left_out_ = when == "auto" && !wanted_;
  }

  void compare(Measurement& measurement) {
    const bool causal = is_causal(measurement.runs.front());
    std::optional<OutputError> error;
    if (wanted_) error = output_error(measurement.output.view(), exact(causal).view());
    for (Run& run : measurement.runs) {
      run.error_vs_softmax = error;
      if (!left_out_) continue;
      run.notes.emplace_back(
          "error against exact softmax left out, the input being large: --reference always");
    }
  }

 private:
  const Tensor<float>& exact(bool causal) {
    Tensor<float>& exact = causal ? causal_ : full_;
    if (exact.heads() == 0) {
      const auto softmax =
          configured_attention({"softmax", {{"causal", causal ? "true" : "false"}}});
      softmax->prepare(workload_.qkv(), {});
      Ledger uncounted(softmax->phases());
      exact = softmax->run(Mode::execute, workload_.qkv(), uncounted);
    }
    return exact;
  }

  const Workload& workload_;
  bool wanted_ = false;
  bool left_out_ = false;
  Tensor<float> full_;
  Tensor<float> causal_;
};

/// "out.npy" for one run; "out.softmax.npy" and "out.ecoformer-form=hamming.npy" for several.
std::string output_path(const std::string& path, const std::vector<AttentionChoice>& choices,
                        std::size_t index) {
  if (choices.size() == 1) return path;
  std::string label = choices[index].label;
  std::ranges::replace(label, ' ', '-');
  const std::filesystem::path whole(path);
  return (whole.parent_path() /
          fmt::format("{}.{}{}", whole.stem().string(), label, whole.extension().string()))
      .string();
}

}  // namespace

Mode mode_named(const std::string& name) {
  for (const Mode mode : {Mode::execute, Mode::audit, Mode::estimate}) {
    if (name_of(mode) == name) return mode;
  }
  throw InputError("command line", "--mode", one_of({"execute", "audit", "estimate"}, name),
                   in_quotes(name));
}

AttentionChoice parse_choice(const std::string& text, const Arithmetic& arithmetic) {
  const std::size_t colon = text.find(':');
  AttentionChoice choice{text.substr(0, colon)};
  choice.arithmetic = arithmetic;
  if (colon == std::string::npos) return choice;
  for (const std::string& setting : CLI::detail::split(text.substr(colon + 1), ',')) {
    const auto [name, value] = name_and_value(setting, "option of " + choice.name);
    choice.label += " " + setting;
    if (name == "precision") {
      choice.arithmetic.precision = precision_named(value);
    } else if (name == "accumulate") {
      choice.arithmetic.accumulate = accumulate_named(value);
    } else {
      choice.options.emplace_back(name, value);
    }
  }
  return choice;
}

void apply_settings(std::vector<AttentionChoice>& choices,
                    const std::vector<std::string>& settings) {
  for (const std::string& setting : settings) {
    const auto [name, value] = name_and_value(setting, "--set");
    std::vector<std::string> known;
    bool taken = false;
    for (AttentionChoice& choice : choices) {
      const auto attention = Registry<Attention>::global().make(choice.name, "attention");
      for (const auto& option : attention->options().all()) known.push_back(option.name);
      if (!attention->options().knows(name)) continue;
      taken = true;
      const auto own =
          std::ranges::find(choice.options, name, &std::pair<std::string, std::string>::first);
      if (own == choice.options.end()) choice.options.emplace_back(name, value);
    }
    if (!taken) throw InputError("command line", "--set", one_of(known, name), in_quotes(name));
  }
}

std::vector<OverriddenTable> chosen_tables(const RunOptions& options) {
  std::vector<CostOverride> costs;
  for (const std::string& text : options.costs) costs.push_back(parse_cost(text));
  std::vector<OverriddenTable> tables;
  for (const std::string& name : options.tables) {
    tables.push_back(with_costs(find_table_document(name), costs));
    const std::string& new_name = tables.back().table.name();
    const auto same = [&](const OverriddenTable& other) { return other.table.name() == new_name; };
    if (std::ranges::count_if(tables, same) > 1) {
      throw InputError("command line", "--table", "tables of different names", new_name + " twice");
    }
  }
  return tables;
}

void demand_one_table(const RunOptions& options) {
  if (options.tables.size() == 1) return;
  throw InputError("command line", "--table", "one table, or `compare`, which takes several",
                   fmt::format("{}", options.tables.size()));
}

std::pair<std::string, std::string> name_and_value(const std::string& text,
                                                   const std::string& place) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw InputError("command line", place, "NAME=VALUE", in_quotes(text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

void do_job(std::vector<AttentionChoice> choices, const JobOptions& options) {
  const Mode mode = mode_named(options.mode);
  if (options.output && mode == Mode::estimate) {
    throw InputError("command line", "--output", "--mode execute or audit", "estimate");
  }
  Registry<Writer>::global().make(options.format, "--format");
  const Measuring how = options.measuring();
  const std::vector<OverriddenTable> chosen = chosen_tables(options);
  std::vector<EnergyTable> tables;
  tables.reserve(chosen.size());
  for (const OverriddenTable& one : chosen) tables.push_back(one.table);
  apply_settings(choices, options.settings);
  const Workload workload = workload_of(options, mode);
  const Parameters parameters{options.hash, options.seed};

  std::vector<std::unique_ptr<Attention>> attentions;
  attentions.reserve(choices.size());
  for (const AttentionChoice& choice : choices) {
    attentions.push_back(configured_attention(choice));
  }
  apply_tensors(attentions, options.tensors);
  for (const auto& attention : attentions) attention->prepare(workload.qkv(), parameters);
  if (options.hash && std::ranges::none_of(attentions, &Attention::takes_hash)) {
    throw InputError("command line", "--hash", "an attention that takes hash functions", "none");
  }

  Report report;
  report.version = version;
  OutputFiles files;
  std::vector<Tensor<float>> outputs;
  std::vector<std::vector<Run>> runs_by_table(tables.size());
  Reference reference(workload, mode == Mode::estimate ? "never" : options.reference);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    Measurement measured = measure(choices[i], *attentions[i], workload, how, tables);
    reference.compare(measured);
    for (std::size_t t = 0; t < tables.size(); ++t) {
      Run& run = measured.runs[t];
      run.notes.insert(run.notes.end(), chosen[t].notes.begin(), chosen[t].notes.end());
      runs_by_table[t].push_back(std::move(run));
    }
    if (options.output) outputs.push_back(std::move(measured.output));
  }
  for (std::vector<Run>& runs : runs_by_table) {
    std::ranges::move(runs, std::back_inserter(report.runs));
  }

  for (std::size_t i = 0; i < outputs.size(); ++i) {
    files.stage(output_path(*options.output, choices, i), npy_bytes(outputs[i].view()));
  }
  if (options.plot) files.stage(*options.plot, draw_energy(report, plot_format(*options.plot)));
  publish(report, options, files);
}

void publish(const Report& report, const RunOptions& options, OutputFiles& files) {
  const auto writer = Registry<Writer>::global().make(options.format, "--format");
  const auto json_writer = Registry<Writer>::global().make("json", "--format");
  const auto stage_unless_stdout = [&files](const std::string& path, const std::string& text) {
    if (path != "-") files.stage(path, text);
  };
  if (options.json) stage_unless_stdout(*options.json, json_writer->write(report));
  if (options.report) stage_unless_stdout(*options.report, writer->write(report));
  files.commit();

  if (options.json == "-") {
    std::cout << json_writer->write(report);
  } else if (!options.report || options.report == "-") {
    std::cout << writer->write(report);
  }
}

void add_run_options(CLI::App& command, RunOptions& o) {
  command.add_option("--seed", o.seed, "of everything that is drawn (default 1)")->group("Run");
  command.add_option("--set", o.settings, "an option of the attention: NAME=VALUE, repeatable")
      ->group("Attention");
  command.add_option("--hash", o.hash, "EcoFormer's hash functions: .safetensors")
      ->group("Attention");

  command
      .add_option(
          "--threads", o.threads,
          "for the inputs of a network, or for the blocks of an attention (default: all cores)")
      ->check(CLI::Range(1, 1024))
      ->group("Run");
  command.add_option("--mode", o.mode, "execute (default), audit or estimate")->group("Run");
  command
      .add_option("--precision", o.precision,
                  "arithmetic of the attention: fp32 (default), fp16 or bf16")
      ->group("Run");
  command
      .add_option("--accumulate", o.accumulate, "sums in 16-bit arithmetic: fp32 (default) or same")
      ->group("Run");
  command.add_option("--repeat", o.repeats, "execute N times; the fastest counts")
      ->check(CLI::PositiveNumber)
      ->group("Run");
  command
      .add_option("--table", o.tables,
                  "cost table: a name or a .json (default horowitz-45nm); compare takes several")
      ->allow_extra_args(false)
      ->group("Run");
  command
      .add_option("--cost", o.costs,
                  "a price of your own, repeatable: fp32.mul=2.2, fp32.exp=15..20, dram.read=1300")
      ->allow_extra_args(false)
      ->group("Run");
  command
      .add_option("--accounting", o.accounting,
                  "complete (default): all that is executed; paper: EcoFormer's published forms")
      ->group("Run");
  command
      .add_option("--memory", o.memory,
                  "how bytes move through the table's memory levels: none, ideal, tiled (default), "
                  "or trace, address by address")
      ->group("Run");
  command
      .add_flag("--reconcile", o.reconcile,
                "what is executed beside what EcoFormer's published accounting charges")
      ->group("Results");
  command.add_option("--output", o.output, "the numerical output: .npy")->group("Results");
  command.add_option("--json", o.json, "the report for programs, to a file or - (stdout)")
      ->group("Results");
  command.add_option("--report", o.report, "the report for people, to a file")->group("Results");
  command.add_option("--format", o.format, "of that report (default text)")->group("Results");
}

void add_job_options(CLI::App& command, JobOptions& o) {
  add_run_options(command, o);
  command.add_option("--q", o.q, "queries: float32 .npy, [heads, tokens, dim]")->group("Input");
  command.add_option("--k", o.k, "keys; where they are the queries, give the same file")
      ->group("Input");
  command.add_option("--v", o.v, "values")->group("Input");
  command.add_option("--tokens", o.tokens, "instead of files: synthetic input of N tokens")
      ->check(CLI::PositiveNumber)
      ->group("Input");
  command.add_option("--heads", o.heads, "heads (default 1)")
      ->check(CLI::PositiveNumber)
      ->group("Input");
  command.add_option("--head-dim", o.head_dim, "numbers of a query and a key")
      ->check(CLI::PositiveNumber)
      ->group("Input");
  command.add_option("--keys", o.keys, "M keys drawn apart (default: the queries are the keys)")
      ->check(CLI::PositiveNumber)
      ->group("Input");
  command.add_option("--value-dim", o.value_dim, "numbers of a value (default: head dim)")
      ->check(CLI::PositiveNumber)
      ->group("Input");
  command
      .add_option("--tensor", o.tensors,
                  "a parameter of the attention from a file: NAME=F.npy, repeatable")
      ->group("Attention");
  command
      .add_option("--reference", o.reference,
                  "error against exact softmax: auto (default; not where it takes long), always, "
                  "never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->group("Run");

  command
      .add_option("--plot", o.plot,
                  "energy by phase and kind, and error against energy: .svg or .png")
      ->group("Results");
}

}  // namespace wattention
