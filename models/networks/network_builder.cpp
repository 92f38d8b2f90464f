// From a definition to a network: blocks are expanded, parameters put in, sizes followed from the
// input to the output, and every part named.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "models/networks/attention_step.hpp"
#include "models/networks/network_file.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

// A file of any text is built or refused in bounded time and memory.
constexpr std::size_t most_steps = 1U << 16U;  // with every repetition
constexpr std::size_t most_repetitions = 4096;
constexpr std::size_t most_in_scope = 256;
constexpr std::size_t deepest_steps = 64;
constexpr std::size_t longest_name = 512;
constexpr std::size_t longest_side = 1U << 14U;

/// x = shortcut(x) + body(x).
class Residual final : public Step {
 public:
  Sequence body;
  Sequence shortcut;  // empty: x itself
  std::size_t part = 0;

  Activation run(const RunOfNetwork& run, const Activation& x) const override {
    Activation y = body.run(run, x);
    if (shortcut.empty()) return sum(run, x, y);
    return sum(run, shortcut.run(run, x), y);
  }

  void prepare(const Preparation& preparation, const RunOfNetwork& run,
               std::vector<Activation>& inputs) override {
    std::vector<Activation> short_ways;
    for (Activation& x : inputs) {
      if (shortcut.empty()) {
        short_ways.push_back({copy(x.tokens), x.grid, {}});
      } else {
        short_ways.push_back(shortcut.run(run, x));
      }
    }
    body.prepare(preparation, run, inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i] = sum(run, short_ways[i], inputs[i]);
  }

 private:
  static Tensor<float> copy(const Tensor<float>& x) {
    if (x.data() == nullptr) return Tensor<float>::without_data(x.heads(), x.rows(), x.cols());
    return converted<float>(x.view());
  }

  Activation sum(const RunOfNetwork& run, const Activation& a, const Activation& b) const {
    Ledger& ledger = run.ledgers[part];
    return in_mode(run.mode, run.arithmetics.of_layers, ledger, [&]<class Real>() -> Activation {
      Phase& phase = ledger.only_phase();
      Tensor<Real> out(1, a.tokens.rows(), a.tokens.cols());
      sum_of<Real>(phase, InArithmetic<Real>(a.tokens, phase.arithmetic()),
                   InArithmetic<Real>(b.tokens, phase.arithmetic()), out);
      return {as_floats(std::move(out)), a.grid, {}};
    });
  }
};

/// What holds for a step through those around it.
struct Frame {
  std::string name;
  std::string kind = "other";
  Scope scope;
  std::size_t repetition = 0;
  std::size_t depth = 0;
  std::vector<std::string> open_blocks;
};

std::string with_number(std::string text, std::size_t number) {
  for (std::size_t at = text.find("{}"); at != std::string::npos; at = text.find("{}", at)) {
    text.replace(at, 2, fmt::format("{}", number));
  }
  return text;
}

std::string joined_name(const std::string& around, const std::string& own) {
  if (own.starts_with('/')) return own.substr(1);
  if (around.empty() || own.empty()) return around + own;
  return around + "." + own;
}

bool holds(const JsonCursor& condition, const Scope& scope) {
  const JsonCursor value = resolved(condition, scope);
  if (value.is_array()) {
    return std::ranges::all_of(value.elements(),
                               [&](const JsonCursor& part) { return holds(part, scope); });
  }
  if (!value.is_object()) return value.boolean();
  value.only_keys({"not", "greater"});
  if (const auto negated = value.optional("not")) return !holds(*negated, scope);
  const std::vector<JsonCursor> two = value.required("greater").elements();
  if (two.size() != 2) value.required("greater").fail("two numbers");
  return resolved(two[0], scope).number() > resolved(two[1], scope).number();
}

}  // namespace

class NetworkBuilder {
 public:
  NetworkBuilder(const NetworkDefinition& definition, const NetworkOptions& options)
      : definition_(definition), options_(options), root_(*definition.document_) {}

  Network build() {
    NetworkInput input = read_input();
    Sizes sizes = input.sizes;
    Frame frame;
    frame.scope = definition_.scope_;
    Sequence steps = sequence(root_.required("layers"), frame, sizes);
    if (parts_.empty()) root_.required("layers").fail("a layer", "none");
    if (options_.replacement && !replaced_any_) {
      throw InputError("attention", "a network whose attention may be replaced",
                       definition_.name());
    }
    return {definition_.name(), definition_.title(),    std::move(input),
            std::move(parts_),  std::move(parameters_), std::move(steps)};
  }

 private:
  NetworkInput read_input() {
    const JsonCursor input = root_.required("input");
    input.only_keys({"images", "tokens"});
    const auto images = input.optional("images");
    const auto tokens = input.optional("tokens");
    if (images.has_value() == tokens.has_value()) input.fail("either images or tokens");
    const Scope& scope = definition_.scope_;
    NetworkInput result;
    if (tokens) {
      StepOptions options(*tokens, scope);
      const std::size_t length = options.size("length");
      result.sizes = {options_.tokens.value_or(length), options.size("vocabulary"), {}, true};
      options.only_known();
      refuse(options_.image_size, "image size", "a network of images");
      return result;
    }
    refuse(options_.tokens, "tokens", "a network of tokens");
    StepOptions options(*images, scope);
    const std::size_t channels = options.size("channels");
    Grid grid{side(options, "height"), side(options, "width")};
    if (options_.image_size) grid = {*options_.image_size, *options_.image_size};
    result.sizes = {grid.pixels(), channels, grid, false};
    const auto mean = options.find("mean");
    const auto deviation = options.find("std");
    options.only_known();
    if (mean || deviation) {
      result.normalisation = {one_a_channel(options.required("mean"), channels, false),
                              one_a_channel(options.required("std"), channels, true)};
    }
    return result;
  }

  static std::size_t side(StepOptions& options, std::string_view name) {
    return options.required(name).unsigned_integer(1, longest_side);
  }

  void refuse(const std::optional<std::size_t>& given, std::string_view what,
              std::string_view expected) const {
    if (given) throw InputError(what, expected, definition_.name());
  }

  std::vector<float> one_a_channel(const JsonCursor& list, std::size_t channels, bool positive) {
    std::vector<float> numbers;
    for (const JsonCursor& element : list.elements()) {
      const double number = resolved(element, definition_.scope_).number();
      if (positive && !(number > 0.0)) element.fail("a number > 0");
      numbers.push_back(static_cast<float>(number));
    }
    if (numbers.size() != channels) list.fail(fmt::format("{} numbers, one a channel", channels));
    return numbers;
  }

  Sequence sequence(const JsonCursor& list, const Frame& frame, Sizes& sizes) {
    Sequence steps;
    for (const JsonCursor& step : list.elements()) append(steps, step, frame, sizes);
    return steps;
  }

  /// One element of a list of steps: left out, or as often as it says.
  void append(Sequence& steps, const JsonCursor& element, const Frame& around, Sizes& sizes) {
    count_step(element);
    if (around.depth == deepest_steps) {
      element.fail(fmt::format("at most {} steps within each other", deepest_steps), "more");
    }
    StepOptions options(element, around.scope);
    const auto condition = element.optional("when");
    if (condition && !holds(*condition, around.scope)) return;
    Frame frame = around;
    ++frame.depth;
    if (const auto kind = options.find("kind")) {
      const std::vector<std::string> known(part_kinds.begin(), part_kinds.end());
      frame.kind = kind->string();
      if (std::ranges::find(known, frame.kind) == known.end())
        kind->fail(one_of(known, frame.kind));
    }
    if (const auto with = element.optional("with")) {
      for (const auto& [name, value] : with->members()) {
        frame.scope.insert_or_assign(std::string(name), resolved(value, around.scope));
      }
    }

    const auto each = element.optional("each");
    const auto repeat = options.find("repeat");
    if (each && repeat) element.fail("either repeat or each", "both");
    std::size_t times = repeat ? repeat->unsigned_integer(0, most_repetitions) : 1;
    std::vector<std::pair<std::string, std::vector<JsonCursor>>> elements;
    if (each) {
      for (const auto& [name, list] : each->members()) {
        const JsonCursor values = resolved(list, around.scope);
        elements.emplace_back(name, values.elements());
        if (elements.back().second.size() > most_repetitions) {
          values.fail(fmt::format("at most {} elements", most_repetitions), "more");
        }
        if (elements.back().second.size() != elements.front().second.size()) {
          values.fail(fmt::format("{} elements, as in {}", elements.front().second.size(),
                                  in_quotes(elements.front().first)),
                      fmt::format("{}", elements.back().second.size()));
        }
      }
      if (elements.empty()) each->fail("an array at least", "none");
      times = elements.front().second.size();
    }
    if (frame.scope.size() + elements.size() > most_in_scope) {
      element.fail(fmt::format("at most {} parameters in scope", most_in_scope), "more");
    }
    for (std::size_t i = 0; i < times; ++i) {
      if (i != 0) count_step(element);
      Frame own = frame;
      if (each || repeat) own.repetition = i;
      for (const auto& [name, values] : elements) {
        own.scope.insert_or_assign(name, resolved(values[i], around.scope));
      }
      append_once(steps, element, std::move(own), sizes);
    }
  }

  void append_once(Sequence& steps, const JsonCursor& element, Frame frame, Sizes& sizes) {
    StepOptions options(element, frame.scope);
    options.allow({"when", "each", "with", "repeat", "kind"});
    if (const auto name = options.find("name")) {
      frame.name = joined_name(frame.name, with_number(name->string(), frame.repetition));
      if (frame.name.size() > longest_name) {
        name->fail(fmt::format("names of at most {} characters with those around", longest_name),
                   fmt::format("{}", frame.name.size()));
      }
    }
    std::vector<std::string_view> forms;
    for (const char* form : {"layer", "block", "layers", "residual"}) {
      if (element.optional(form)) forms.emplace_back(form);
    }
    if (forms.size() != 1) {
      element.fail("exactly one of layer, block, layers, residual",
                   forms.empty() ? "none" : "several");
    }
    if (forms.front() == "layer") return append_layer(steps, options, frame, sizes);
    if (forms.front() == "block") return append_block(steps, options, frame, sizes);
    if (forms.front() == "layers") {
      const JsonCursor list = options.required("layers");
      options.only_known();
      for (const JsonCursor& step : list.elements()) append(steps, step, frame, sizes);
      return;
    }
    append_residual(steps, options, frame, sizes);
  }

  void append_block(Sequence& steps, StepOptions& options, Frame& frame, Sizes& sizes) {
    const JsonCursor block = options.required("block");
    options.only_known();
    const std::string name = block.string();
    const auto blocks = root_.optional("blocks");
    const auto content = blocks ? blocks->optional(name) : std::nullopt;
    if (!content) {
      std::vector<std::string> known;
      if (blocks) {
        for (const auto& [key, value] : blocks->members()) known.emplace_back(key);
      }
      block.fail(known.empty() ? "blocks in this file" : one_of(known, name));
    }
    if (std::ranges::find(frame.open_blocks, name) != frame.open_blocks.end()) {
      frame.open_blocks.push_back(name);
      std::string cycle;
      for (const std::string& open : frame.open_blocks)
        cycle += (cycle.empty() ? "" : " > ") + open;
      block.fail("blocks without a cycle", cycle);
    }
    frame.open_blocks.push_back(name);
    for (const JsonCursor& step : content->elements()) append(steps, step, frame, sizes);
  }

  void append_residual(Sequence& steps, StepOptions& options, const Frame& frame, Sizes& sizes) {
    const JsonCursor body = options.required("residual");
    const auto shortcut = options.find("shortcut");
    options.only_known();
    auto residual = std::make_unique<Residual>();
    const Sizes in = sizes;
    Sizes short_way = in;
    if (shortcut) residual->shortcut = sequence(*shortcut, frame, short_way);
    residual->body = sequence(body, frame, sizes);
    if (residual->body.empty()) body.fail("a step", "none");
    if (sizes.tokens != short_way.tokens || sizes.channels != short_way.channels ||
        sizes.grid != short_way.grid || in.ids) {
      body.fail(text_of(short_way) + ", to be added to", text_of(sizes));
    }
    residual->part = add_part({frame.name, "residual", "residual", sizes, sizes, {}, {}});
    steps.append(std::move(residual));
  }

  void count_step(const JsonCursor& step) {
    if (++steps_ > most_steps) {
      step.fail(fmt::format("at most {} steps, repetitions included", most_steps), "more");
    }
  }

  std::size_t add_part(NetworkPart part) {
    parts_.push_back(std::move(part));
    return parts_.size() - 1;
  }

  /// Sizes through a layer; makes an InputError of what does not fit.
  static Sizes bound(Layer& layer, const Sizes& in, StepOptions& options) {
    try {
      const Sizes out = layer.bind(in);
      if (out.tokens > StepOptions::most * 16 || out.channels > StepOptions::most) {
        throw Misfit{"", "fewer tokens and channels", text_of(out)};
      }
      return out;
    } catch (const Misfit& misfit) {
      const auto option = misfit.option.empty() ? std::nullopt : options.find(misfit.option);
      (option ? *option : options.step()).fail(misfit.expected, misfit.found);
    }
  }

  LayerStep add_layer(const std::shared_ptr<Layer>& layer, const std::string& type,
                      const std::string& name, const std::string& kind, StepOptions& options,
                      Sizes& sizes) {
    const Sizes in = sizes;
    sizes = bound(*layer, in, options);
    const std::size_t known = parameters_.size();
    ParameterList list(name, parameters_);
    layer->parameters(list);
    for (std::size_t i = known; i < parameters_.size(); ++i) demand_one_shape(i, options.step());
    return {layer, add_part({name, type, kind, in, sizes, layer->geometry(), {}})};
  }

  /// Layers of one name share their tensors, which then have one shape.
  void demand_one_shape(std::size_t index, const JsonCursor& step) {
    const Parameter& parameter = parameters_[index];
    if (parameter.names.empty()) return;
    const auto [known, fresh] = shapes_.emplace(parameter.names.front(), parameter.shape);
    if (fresh || known->second == parameter.shape) return;
    step.fail(fmt::format("a name of its own, or {} {} as before", known->first,
                          shape_text(known->second)),
              shape_text(parameter.shape));
  }

  void append_layer(Sequence& steps, StepOptions& options, const Frame& frame, Sizes& sizes) {
    const std::string type = options.required("layer").string();
    if (type == "attention") return append_attention(steps, options, frame, sizes);
    const auto& registry = Registry<Layer>::global();
    if (!registry.entries().contains(type)) {
      std::vector<std::string> known = registry.names();
      known.emplace_back("attention");
      options.required("layer").fail(one_of(known, type));
    }
    const std::shared_ptr<Layer> layer = registry.make(type, "layer");
    layer->read(options);
    options.only_known();
    const std::string kind = type == "layer_norm" ? "norm" : frame.kind;
    steps.append(std::make_unique<LayerStep>(
        add_layer(layer, type, frame.name.empty() ? type : frame.name, kind, options, sizes)));
  }

  void append_attention(Sequence& steps, StepOptions& options, const Frame& frame, Sizes& sizes);

  const NetworkDefinition& definition_;
  const NetworkOptions& options_;
  JsonCursor root_;
  std::vector<NetworkPart> parts_;
  std::vector<Parameter> parameters_;
  std::map<std::string, std::vector<std::size_t>> shapes_;  // of tensors, by name
  std::size_t steps_ = 0;
  bool replaced_any_ = false;
};

void NetworkBuilder::append_attention(Sequence& steps, StepOptions& options, const Frame& frame,
                                      Sizes& sizes) {
  const std::size_t width = options.size_or("width", sizes.channels);
  const JsonCursor head_count = options.required("heads");
  auto step = std::make_unique<AttentionStep>();
  step->heads = head_count.unsigned_integer(1, StepOptions::most);
  if (width % step->heads != 0) {
    head_count.fail(fmt::format("a divisor of the width {}", width));
  }
  step->head_dim = width / step->heads;
  const bool replaced = options_.replacement && options.flag_or("replaceable", false);
  const bool causal = options.flag_or("causal", false);
  const bool biased = options.flag_or("bias", true);
  const bool output_biased = options.flag_or("output_bias", biased);
  const bool in_out = options.flag_or("in_out", false);
  const std::string shared_name = options.text_or("shared", "");
  const std::string hash_name = options.text_or("hash", "");
  const std::size_t out = options.size_or("out", sizes.channels);
  const std::string output_name = options.required("output").string();
  const std::size_t window = options.size_or("window", 0);
  const auto reduction = options.find("reduction");
  const JsonCursor projections = options.required("projections");
  options.find("replaceable");
  options.only_known();
  if (sizes.ids) options.step().fail("tokens of numbers (an embedding before)", text_of(sizes));

  step->attention =
      replaced ? options_.replacement->make()
               : std::shared_ptr(Registry<Attention>::global().make("softmax", "attention"));
  if (causal) {
    if (!step->attention->options().knows("causal")) {
      throw InputError(
          "attention",
          fmt::format("an attention with the option causal for {}", definition_.name()),
          options_.replacement->name);
    }
    step->attention->options().set("attention", "causal", "true");
  }
  replaced_any_ = replaced_any_ || replaced;
  step->shared = replaced && step->attention->shares_queries_and_keys();

  Sizes tokens = sizes;
  if (!replaced && window != 0) {
    if (!sizes.is_image()) options.step().fail("an image to cut into windows", text_of(sizes));
    step->window = window;
    tokens.grid = padded_to(sizes.grid, window);
    tokens.tokens = tokens.grid.pixels();
  }
  Sizes reduced = tokens;
  if (!replaced && reduction) {
    Frame inside = frame;
    inside.kind = "reduction";
    step->reduction = sequence(*reduction, inside, reduced);
    if (step->window != 0 && !step->reduction.empty()) reduction->fail("no window beside it");
    if (causal && !step->reduction.empty()) reduction->fail("none where attention is causal");
  }

  std::string made;
  for (const auto& [name, letters] : projections.members()) {
    const std::string all = letters.string();
    if (all.find_first_not_of("qkv") != std::string::npos || all.empty()) {
      letters.fail("letters of q, k, v");
    }
    made += all;
    Linear linear;
    linear.bands = all.size();
    linear.taken.clear();
    linear.biased = biased;
    linear.in_out = in_out;
    std::string makes;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (step->shared && all[i] == 'k') continue;
      linear.taken.push_back(i);
      makes += all[i];
    }
    if (makes.empty()) continue;
    linear.out = product(makes.size(), width);
    const bool of_reduced = makes.find('q') == std::string::npos;
    if (!of_reduced && makes.size() > 1 && !step->reduction.empty()) {
      letters.fail("q apart from k and v, which are reduced");
    }
    std::string layer_name = joined_name(frame.name, std::string(name));
    if (step->shared && all == "q" && !shared_name.empty()) {
      linear.other_names = {layer_name};
      layer_name = joined_name(frame.name, shared_name);
    }
    Sizes projected = of_reduced ? reduced : tokens;
    step->projections.push_back({add_layer(std::make_shared<LayerOf<Linear>>(std::move(linear)),
                                           "linear", layer_name, "projection", options, projected),
                                 makes, of_reduced});
  }
  std::ranges::sort(made);
  if (made != "kqv") projections.fail("each of q, k and v once", in_quotes(made));

  const std::size_t windows = step->window == 0 ? 1 : tokens.tokens / (window * window);
  const std::size_t queries = tokens.tokens / windows;
  const std::size_t keys = (step->window == 0 ? reduced.tokens : tokens.tokens) / windows;
  const AttentionCore core{replaced ? options_.replacement->name : "softmax",
                           replaced,
                           windows * step->heads,
                           queries,
                           keys,
                           step->head_dim,
                           step->attention.get()};
  Sizes attended{sizes.tokens, width, sizes.grid};
  step->core = add_part({frame.name, "attention", "attention", attended, attended, {}, core});

  if (!hash_name.empty() && replaced && step->attention->takes_hash()) {
    step->hash.origin = "the weights' " + hash_name;
    const std::string prefix = joined_name(frame.name, hash_name);
    for (const char* tensor : {"anchors", "coefficients", "mean", "sigma"}) {
      parameters_.push_back(
          {{prefix + "." + tensor},
           {},
           Parameter::Start::absent,
           0.0F,
           {},
           [hash = &step->hash, tensor](const Array& array) { hash->tensors[tensor] = array; }});
    }
  }

  Linear linear;
  linear.out = out;
  linear.biased = output_biased;
  linear.in_out = in_out;
  step->output = std::make_unique<LayerStep>(
      add_layer(std::make_shared<LayerOf<Linear>>(std::move(linear)), "linear",
                joined_name(frame.name, output_name), "projection", options, attended));
  sizes = attended;
  steps.append(std::move(step));
}

Network build_network(const NetworkDefinition& definition, const NetworkOptions& options) {
  return NetworkBuilder(definition, options).build();
}

}  // namespace wattention
