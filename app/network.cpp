#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "app/attention_choices.hpp"
#include "app/commands.hpp"
#include "app/run_options.hpp"
#include "app/terminal.hpp"
#include "measure/network_run.hpp"
#include "reports/findings/comparable_runs.hpp"
#include "sim/files/npy.hpp"
#include "sim/files/output_files.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "sim/version.hpp"

namespace wattention {
namespace {

struct NetworkCommand : RunOptions {
  std::vector<std::string> networks;
  std::vector<std::string> attentions;
  std::optional<std::string> weights, input, dataset;
  std::optional<std::size_t> limit, image_size, tokens;
  std::string layer_precision = "fp32";
};

/// "ecoformer: 1234 of 10000" on a terminal, ten times a second at most.
class ProgressLine {
 public:
  explicit ProgressLine(std::string label)
      : label_(std::move(label)), shown_(is_terminal(stderr)) {}

  void operator()(std::size_t done, std::size_t all) {
    if (!shown_ || all < 2) return;
    const auto now = std::chrono::steady_clock::now();
    if (done != all && now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    fmt::print(stderr, "\r{}: {} of {}{}", label_, done, all, done == all ? "\r\x1b[K" : "");
    std::fflush(stderr);
  }

 private:
  std::string label_;
  bool shown_;
  std::chrono::steady_clock::time_point last_;
};

/// The attentions asked for: none is the network's own, which "native" names among others.
std::vector<std::optional<AttentionChoice>> choices_of(const NetworkCommand& o) {
  if (o.attentions.empty()) {
    if (!o.settings.empty()) {
      throw InputError("command line", "--set", "--attention A, whose option it is", "none");
    }
    return {std::nullopt};
  }
  std::vector<AttentionChoice> named;
  for (const std::string& text : o.attentions) {
    if (text != "native") named.push_back(parse_choice(text, o.arithmetic()));
  }
  apply_settings(named, o.settings);
  for (const AttentionChoice& choice : named) configured_attention(choice);
  std::vector<std::optional<AttentionChoice>> choices;
  auto next = named.begin();
  for (const std::string& text : o.attentions) {
    choices.push_back(text == "native" ? std::nullopt : std::optional(*next++));
  }
  return choices;
}

/// Options that would have no say.
void demand_use(const NetworkCommand& o, Mode mode) {
  const auto refuse = [](std::string_view option, std::string_view expected,
                         std::string_view found) {
    throw InputError("command line", option, expected, found);
  };
  if (o.dataset && o.input) refuse("input", "--input or --dataset", "both");
  if (o.tokens && o.input) refuse("--tokens", "--input, which has a length, or --tokens", "both");
  if (o.limit && !o.dataset) refuse("--limit", "--dataset, whose images it limits", "none");
  if (mode != Mode::estimate) return;
  for (const auto& [given, option] :
       {std::pair(o.output.has_value(), "--output"), std::pair(o.input.has_value(), "--input"),
        std::pair(o.dataset.has_value(), "--dataset")}) {
    if (given) refuse(option, "--mode execute or audit", "estimate");
  }
}

void demand_hash_taken(const std::vector<std::optional<AttentionChoice>>& choices) {
  for (const auto& choice : choices) {
    if (choice && configured_attention(*choice)->takes_hash()) return;
  }
  throw InputError("command line", "--hash", "an attention that takes hash functions", "none");
}

NetworkJob job_of(const NetworkCommand& o, const std::string& network,
                  const std::optional<AttentionChoice>& choice) {
  NetworkJob job{NetworkDefinition::find(network)};
  job.attention = choice;
  job.arithmetics = {choice ? choice->arithmetic : o.arithmetic(),
                     {floating_format_named(o.layer_precision), o.arithmetic().accumulate}};
  job.how = o.run_settings();
  const bool wants_values = o.input || o.dataset || o.weights || o.output;
  if (job.how.accounting == Accounting::paper && !wants_values) job.how.mode = Mode::estimate;
  job.image_size = o.image_size;
  job.tokens = o.tokens;
  job.weights = o.weights;
  job.hash = o.hash;
  job.input = o.input;
  job.limit = o.limit;
  job.seed = o.seed;
  return job;
}

void do_network(const NetworkCommand& o) {
  demand_one_table(o);
  const OverriddenTable chosen = chosen_tables(o).front();
  demand_formats(o);
  const auto choices = choices_of(o);
  if (o.hash) demand_hash_taken(choices);
  std::vector<NetworkJob> jobs;
  for (const std::string& network : o.networks) {
    for (const auto& choice : choices) jobs.push_back(job_of(o, network, choice));
  }
  demand_use(o, jobs.front().how.mode);
  std::optional<Dataset> dataset;
  if (o.dataset) dataset = load_dataset(*o.dataset);

  Report report;
  report.version = version;
  std::vector<Array> outputs;
  for (NetworkJob& job : jobs) {
    if (dataset) job.dataset = &*dataset;
    ProgressLine progress(job.attention ? job.attention->label : "native");
    NetworkMeasurement measured =
        measure_network(job, std::span(&chosen.table, 1), std::ref(progress));
    NetworkRun& run = measured.runs.front();
    run.notes.insert(run.notes.end(), chosen.notes.begin(), chosen.notes.end());
    report.networks.push_back(std::move(run));
    if (o.output) outputs.push_back(std::move(measured.output));
  }
  OutputFiles files;
  const std::vector<std::string> labels = labels_of(report.networks);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    files.stage(output_path(*o.output, labels, i), npy_bytes(outputs[i]));
  }
  publish(report, o, files);
}

}  // namespace

void add_network(Command program) {
  Command command = program.subcommand("network", "Run a whole model: output, counts and energy.");
  const auto state = std::make_shared<NetworkCommand>();
  NetworkCommand& o = *state;
  command
      .option("network", &o.networks,
              "Network: a name of `wattention list networks`, FILE.json[:NAME], or a Hugging Face "
              "config.json. Several are compared.")
      .required();
  command
      .option("--attention", &o.attentions,
              "Attention in place of the network's own, where it may be replaced, as "
              "A[:NAME=VALUE,...]. Several are compared; `native` is the network's own.")
      .group("Attention");
  command.option("--weights", &o.weights, "Weights, as .safetensors (default: drawn by seed).")
      .group("Input");
  command
      .option("--input", &o.input,
              "Input, as .npy: images [batch, channels, height, width] in float32, or token ids "
              "[tokens].")
      .group("Input");
  command
      .option(
          "--dataset", &o.dataset,
          "Data set, fashion-mnist[:FOLDER]: accuracy over its test images, and energy per image.")
      .group("Input");
  command
      .option("--limit", &o.limit,
              "Number of images of the data set that are taken, from the first on.")
      .positive()
      .group("Input");
  command
      .option(
          "--layer-precision", &o.layer_precision,
          "Arithmetic of the layers around attentions: fp32 (default), fp16, bf16, e4m3 or e5m2.")
      .group("Run");
  command.option("--image-size", &o.image_size, "Height and width of synthetic images, in pixels.")
      .between(1, 1 << 14)
      .group("Input");
  command.option("--tokens", &o.tokens, "Number of tokens of a synthetic text.")
      .between(1, 1 << 24)
      .group("Input");
  add_run_options(command, o);
  command.footer(
      "Example: wattention network pvtv2-b0 --attention ecoformer --accounting paper --reconcile");
  command.on_run([state] { do_network(*state); });
}

}  // namespace wattention
