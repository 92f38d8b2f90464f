#include "models/networks/network_builder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/networks/residual_step.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

// A file of any text is built or refused in bounded time and memory.
constexpr std::size_t most_steps = 1U << 16U;  // with every repetition
constexpr std::size_t most_repetitions = 4096;
constexpr std::size_t most_in_scope = 256;
constexpr std::size_t deepest_steps = 64;
constexpr std::size_t longest_name = 512;

std::string with_number(std::string text, std::size_t number) {
  for (std::size_t at = text.find("{}"); at != std::string::npos; at = text.find("{}", at)) {
    text.replace(at, 2, fmt::format("{}", number));
  }
  return text;
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

/// Sizes through a layer; makes an InputError of what does not fit.
Sizes bound(Layer& layer, const Sizes& in, StepOptions& options) {
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

}  // namespace

std::string joined_name(const std::string& around, const std::string& own) {
  if (own.starts_with('/')) return own.substr(1);
  if (around.empty() || own.empty()) return around + own;
  return around + "." + own;
}

Network NetworkBuilder::build() {
  NetworkInput input =
      read_input(root_.required("input"), definition_.scope_, options_, definition_.name());
  Sizes sizes = input.sizes;
  Frame frame;
  frame.scope = definition_.scope_;
  Sequence steps = sequence(root_.required("layers"), frame, sizes);
  if (parts_.empty()) root_.required("layers").fail("a layer", "none");
  if (options_.replacement && !replaced_any_) {
    throw InputError("attention", "a network whose attention may be replaced", definition_.name());
  }
  return {definition_.name(), definition_.title(),    std::move(input),
          std::move(parts_),  std::move(parameters_), std::move(steps)};
}

Sequence NetworkBuilder::sequence(const JsonCursor& list, const Frame& frame, Sizes& sizes) {
  Sequence steps;
  for (const JsonCursor& step : list.elements()) append(steps, step, frame, sizes);
  return steps;
}

/// One element of a list of steps: left out, or as often as it says.
void NetworkBuilder::append(Sequence& steps, const JsonCursor& element, const Frame& around,
                            Sizes& sizes) {
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
    if (std::ranges::find(known, frame.kind) == known.end()) kind->fail(one_of(known, frame.kind));
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

void NetworkBuilder::append_once(Sequence& steps, const JsonCursor& element, Frame frame,
                                 Sizes& sizes) {
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

void NetworkBuilder::append_block(Sequence& steps, StepOptions& options, Frame& frame,
                                  Sizes& sizes) {
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
    for (const std::string& open : frame.open_blocks) cycle += (cycle.empty() ? "" : " > ") + open;
    block.fail("blocks without a cycle", cycle);
  }
  frame.open_blocks.push_back(name);
  for (const JsonCursor& step : content->elements()) append(steps, step, frame, sizes);
}

void NetworkBuilder::append_residual(Sequence& steps, StepOptions& options, const Frame& frame,
                                     Sizes& sizes) {
  const JsonCursor body = options.required("residual");
  const auto shortcut = options.find("shortcut");
  options.only_known();
  auto residual = std::make_unique<ResidualStep>();
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

void NetworkBuilder::count_step(const JsonCursor& step) {
  if (++steps_ > most_steps) {
    step.fail(fmt::format("at most {} steps, repetitions included", most_steps), "more");
  }
}

std::size_t NetworkBuilder::add_part(NetworkPart part) {
  parts_.push_back(std::move(part));
  return parts_.size() - 1;
}

LayerStep NetworkBuilder::add_layer(const std::shared_ptr<Layer>& layer, const std::string& type,
                                    const std::string& name, const std::string& kind,
                                    StepOptions& options, Sizes& sizes) {
  const Sizes in = sizes;
  sizes = bound(*layer, in, options);
  const std::size_t known = parameters_.size();
  ParameterList list(name, parameters_);
  layer->parameters(list);
  for (std::size_t i = known; i < parameters_.size(); ++i) demand_one_shape(i, options.step());
  return {layer, add_part({name, type, kind, in, sizes, layer->geometry(), {}})};
}

/// Layers of one name share their tensors, which then have one shape.
void NetworkBuilder::demand_one_shape(std::size_t index, const JsonCursor& step) {
  const Parameter& parameter = parameters_[index];
  if (parameter.names.empty()) return;
  const auto [known, fresh] = shapes_.emplace(parameter.names.front(), parameter.shape);
  if (fresh || known->second == parameter.shape) return;
  step.fail(
      fmt::format("a name of its own, or {} {} as before", known->first, shape_text(known->second)),
      shape_text(parameter.shape));
}

void NetworkBuilder::append_layer(Sequence& steps, StepOptions& options, const Frame& frame,
                                  Sizes& sizes) {
  const std::string type = options.required("layer").string();
  if (type == "attention") {
    steps.append(attention_step(*this, options, frame, sizes));
    return;
  }
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

Network build_network(const NetworkDefinition& definition, const NetworkOptions& options) {
  return NetworkBuilder(definition, options).build();
}

}  // namespace wattention
