#include "app/job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "measure/reference.hpp"
#include "reports/findings/comparable_runs.hpp"
#include "reports/findings/rankings.hpp"
#include "reports/plots/plot.hpp"
#include "reports/writer.hpp"
#include "sim/files/finite.hpp"
#include "sim/files/npy.hpp"
#include "sim/files/output_files.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "sim/version.hpp"

namespace wattention {
namespace {

/// Of files, or of `tokens` tokens.
Workload workload_of(const JobOptions& options, Mode mode, std::optional<std::size_t> tokens) {
  const bool any_file = options.q || options.k || options.v;
  const bool any_size =
      tokens || options.heads || options.head_dim || options.keys || options.value_dim;
  if (any_file && any_size) {
    throw InputError("command line", "input", "files (--q --k --v) or sizes (--tokens ...)",
                     "both");
  }
  if (any_file) {
    if (!options.q || !options.k || !options.v) {
      throw InputError("command line", "input", "all of --q, --k and --v", "some of them");
    }
    Workload workload =
        Workload::from_files({*options.q, *options.k, *options.v}, options.allow_nonfinite);
    if (options.share_qk && !workload.qkv().shared) {
      throw InputError(*options.k, "data", "the numbers of the queries, as --share-qk says",
                       "others");
    }
    return workload;
  }
  if (!tokens || !options.head_dim) {
    throw InputError("command line", "input", "--q F --k F --v F, or --tokens N --head-dim D",
                     any_size ? "some of the sizes" : "neither");
  }
  if (options.share_qk && options.keys) {
    throw InputError("command line", "input", "--keys or --share-qk", "both");
  }
  std::optional<std::size_t> keys;
  if (!options.share_qk) keys = options.keys.value_or(*tokens);
  const Workload::Sizes sizes{options.heads.value_or(1), *tokens, keys, *options.head_dim,
                              options.value_dim};
  return mode == Mode::estimate ? Workload::without_data(sizes)
                                : Workload::synthetic(sizes, options.seed);
}

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

/// What stands between commas: "a=1,b=2" holds two settings, and "" one that is empty.
std::vector<std::string> settings_in(const std::string& text) {
  std::vector<std::string> settings;
  std::istringstream rest(text);
  for (std::string setting; std::getline(rest, setting, ',');) settings.push_back(setting);
  if (settings.empty()) settings.emplace_back();
  return settings;
}

struct Measured {
  Report report;
  std::vector<Tensor<float>> outputs;  // where they were asked for
};

/// Every choice on one input, under one table after the other.
void measure_all(Measured& all, const std::vector<AttentionChoice>& choices,
                 const Workload& workload, const JobOptions& options,
                 const std::vector<OverriddenTable>& chosen) {
  const Measuring how = options.measuring();
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
  std::vector<std::vector<Run>> runs_by_table(tables.size());
  Reference reference(workload, how.mode == Mode::estimate ? "never" : options.reference);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    Measurement measured = measure(choices[i], *attentions[i], workload, how, tables);
    reference.compare(measured);
    for (std::size_t t = 0; t < tables.size(); ++t) {
      Run& run = measured.runs[t];
      run.notes.insert(run.notes.end(), chosen[t].notes.begin(), chosen[t].notes.end());
      runs_by_table[t].push_back(std::move(run));
    }
    if (options.output) all.outputs.push_back(std::move(measured.output));
  }
  for (std::vector<Run>& runs : runs_by_table) {
    std::ranges::move(runs, std::back_inserter(all.report.runs));
  }
}

}  // namespace

AttentionChoice parse_choice(const std::string& text, const Arithmetic& arithmetic) {
  const std::size_t colon = text.find(':');
  AttentionChoice choice{text.substr(0, colon)};
  choice.arithmetic = arithmetic;
  if (colon == std::string::npos) return choice;
  for (const std::string& setting : settings_in(text.substr(colon + 1))) {
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
    std::vector<std::string>& notes = tables.back().notes;
    if (std::string note = note_on_table_name(name); !note.empty()) {
      notes.insert(notes.begin(), std::move(note));
    }
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

void demand_formats(const RunOptions& options) {
  Registry<Writer>::global().make(options.format, "--format");
  if (options.plot) plot_format(*options.plot);
}

void do_job(std::vector<AttentionChoice> choices, const JobOptions& options) {
  const Mode mode = mode_named(options.mode);
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
  Measured all;
  all.report.version = version;
  std::vector<std::optional<std::size_t>> inputs(options.tokens.begin(), options.tokens.end());
  if (inputs.empty()) inputs.emplace_back(std::nullopt);
  for (const std::optional<std::size_t>& tokens : inputs) {
    measure_all(all, choices, workload_of(options, mode, tokens), options, tables);
  }
  OutputFiles files;
  const std::vector<std::string> labels = labels_of(under_first_table(all.report).runs);
  for (std::size_t i = 0; i < all.outputs.size(); ++i) {
    files.stage(output_path(*options.output, labels, i), npy_bytes(all.outputs[i].view()));
  }
  publish(all.report, options, files);
}

std::string output_path(const std::string& path, const std::vector<std::string>& labels,
                        std::size_t index) {
  if (labels.size() == 1) return path;
  std::string label = labels[index];
  std::erase(label, ',');
  std::ranges::replace(label, ' ', '-');
  std::ranges::replace(label, '/', '-');
  const std::filesystem::path whole(path);
  return (whole.parent_path() /
          fmt::format("{}.{}{}", whole.stem().string(), label, whole.extension().string()))
      .string();
}

void publish(const Report& report, const RunOptions& options, OutputFiles& files) {
  const auto writer = Registry<Writer>::global().make(options.format, "--format");
  const auto json_writer = Registry<Writer>::global().make("json", "--format");
  if (options.plot) files.stage(*options.plot, draw_plot(report, plot_format(*options.plot)));
  publish_texts(
      options, files, [&] { return json_writer->write(report); },
      [&] { return writer->write(report); });
}

}  // namespace wattention
