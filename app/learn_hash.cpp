#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>

#include "app/commands.hpp"
#include "app/learning_report.hpp"
#include "app/results.hpp"
#include "app/terminal.hpp"
#include "reports/wording/printable.hpp"
#include "sim/files/npy.hpp"
#include "sim/files/safetensors.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "sim/version.hpp"

namespace wattention {
namespace {

struct State {
  std::string x, output;
  std::string table = "horowitz-45nm";
  ResultOptions results;
  LearningOptions options;
};

/// The file, or the .npy files of the folder in the order of their names.
std::vector<std::string> files_of(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  std::filesystem::directory_iterator entries(path, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (entries->path().extension() == ".npy") files.push_back(entries->path().string());
  }
  if (error) throw InputError(path, "folder", "one that can be read", error.message());
  if (files.empty()) throw InputError(path, "folder", "float32 .npy files in it", "none");
  std::ranges::sort(files);
  return files;
}

std::vector<NpyTensor> load_sequences(const std::vector<std::string>& files,
                                      const LearningOptions& options) {
  std::vector<NpyTensor> sequences;
  for (const std::string& file : files) {
    sequences.push_back(load_npy(file));
    const View<const float>& x = sequences.back().view();
    const View<const float>& first = sequences.front().view();
    if (x.heads != first.heads || x.cols != first.cols) {
      throw InputError(file, "shape", fmt::format("[{}, tokens, {}]", first.heads, first.cols),
                       shape_text({x.heads, x.rows, x.cols}));
    }
    demand_learnable(x, options, file);
  }
  return sequences;
}

void demand_step(const LearningOptions& options) {
  if (!std::isfinite(options.rate) || options.rate <= 0.0F) {
    throw InputError("command line", "--rate", "a number > 0", fmt::format("{}", options.rate));
  }
  if (!(options.momentum >= 0.0F && options.momentum < 1.0F)) {
    throw InputError("command line", "--momentum", "a number >= 0 and < 1",
                     fmt::format("{}", options.momentum));
  }
}

/// Throws as pricing the true thing would, before that is learned: two tokens take the same kinds
/// of operations.
void demand_prices(const EnergyTable& table) {
  const std::array<float, 2> tokens{1.0F, -1.0F};
  const View<const float> x(tokens.data(), 1, 2, 1);
  LearningOptions options;
  options.bits = options.iterations = 2;
  options.anchors = options.top = 1;
  price(learn_hash({&x, 1}, options).ledger, table);
}

/// Rewrites one line of a terminal after each bit; silent elsewhere.
class ProgressLine {
 public:
  explicit ProgressLine(std::size_t bits) : bits_(bits) { show("labelling pairs of tokens"); }
  ~ProgressLine() {
    if (terminal_) fmt::print(stderr, "\r\x1b[K");
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void operator()(std::size_t bit, const BitLoss& loss) const {
    show(fmt::format(
        "bit {} of {}: loss {:.4f}, {}", bit + 1, bits_, loss.kept,
        loss.improved ? fmt::format("from {:.4f}", loss.start) : std::string("as at the start")));
  }

 private:
  void show(const std::string& text) const {
    if (!terminal_) return;
    fmt::print(stderr, "\r{}\x1b[K", text);
    std::fflush(stderr);
  }

  std::size_t bits_;
  bool terminal_ = is_terminal(stderr);
};

std::map<std::string, std::string> metadata_of(const State& state, const Learning& learning) {
  const LearningOptions& o = state.options;
  return {{"written_by", fmt::format("wattention {} learn-hash", version)},
          {"method", "EcoFormer's kernel-based supervised hashing; mean over the sequences"},
          {"input", printable(state.x)},
          {"shape", learning.shape()},
          {"options", options_text(o)},
          {"improved_bits", fmt::format("{} of {}", learning.improved(), o.bits)}};
}

void learn(const State& state) {
  demand_step(state.options);
  const EnergyTable table = find_table(state.table);
  print_note(note_on_table_name(state.table));
  demand_prices(table);
  const std::vector<std::string> paths = files_of(state.x);
  const std::vector<NpyTensor> sequences = load_sequences(paths, state.options);
  std::vector<View<const float>> views;
  views.reserve(sequences.size());
  for (const NpyTensor& sequence : sequences) views.push_back(sequence.view());

  const auto start = std::chrono::steady_clock::now();
  const LearnedHash learned = [&] {
    const ProgressLine progress(state.options.bits);
    return learn_hash(views, state.options, std::cref(progress));
  }();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;

  Learning learning{.input = state.x,
                    .output = state.output,
                    .options = state.options,
                    .heads = views.front().heads,
                    .head_dim = views.front().cols,
                    .tokens = {},
                    .table = table,
                    .learned = learned,
                    .priced = price(learned.ledger, table),
                    .host_seconds = took.count()};
  for (const View<const float>& x : views) learning.tokens.push_back(x.rows);

  OutputFiles files;
  files.stage(state.output,
              safetensors_bytes(hash_tensors(learned.functions), metadata_of(state, learning)));
  publish(document_of(learning), json_of(learning), state.results, files);
}

}  // namespace

void add_learn_hash(Command program) {
  Command command = program.subcommand(
      "learn-hash", "Learn EcoFormer's hash functions from real queries or keys, for run --hash.");
  const auto state = std::make_shared<State>();
  LearningOptions& o = state->options;
  command
      .option("--x", &state->x,
              "Queries or keys: a float32 .npy [heads, tokens, dim], or a folder of them, whose "
              "losses are averaged.")
      .required();
  command.option("--output", &state->output, "File of the hash functions, as .safetensors.")
      .required();
  command.option("--bits", &o.bits, "Number of bits of a code (default 16).").between(1, 4096);
  command
      .option("--anchors", &o.anchors,
              "Number of tokens that the kernel compares with (default 25).")
      .between(1, 4096);
  command
      .option("--top", &o.top,
              "Number of tokens that count as similar to each, and as dissimilar (default 10).")
      .between(1, 1'000'000);
  command
      .option("--iterations", &o.iterations,
              "Number of steps of the descent for each bit (default 100).")
      .between(0, 1'000'000);
  command.option("--rate", &o.rate, "Length of a step (default 0.0005).");
  command.option("--momentum", &o.momentum, "Momentum of Nesterov's descent (default 0.9).");
  command.option("--seed", &o.seed,
                 "Seed of the anchors and of the first coefficients (default 1).");
  command.option("--table", &state->table,
                 "Cost table, by name or as a .json file (default horowitz-45nm).");
  add_document_options(command, state->results);
  command.footer("Example: wattention learn-hash --x k.npy --output hash.safetensors");
  command.on_run([state] { learn(*state); });
}

}  // namespace wattention
