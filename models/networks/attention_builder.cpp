// The step of an attention, from what a file says of it.

#include <fmt/format.h>

#include <algorithm>

#include "models/networks/network_builder.hpp"

namespace wattention {
namespace {

/// The options of the step, in the order in which they are asked for.
struct AttentionOptions {
  AttentionOptions(StepOptions& options, const Sizes& sizes, bool replacement_given)
      : width(options.size_or("width", sizes.channels)),
        heads(options.required("heads")),
        replaced(replacement_given && options.flag_or("replaceable", false)),
        causal(options.flag_or("causal", false)),
        biased(options.flag_or("bias", true)),
        output_biased(options.flag_or("output_bias", biased)),
        in_out(options.flag_or("in_out", false)),
        shared_name(options.text_or("shared", "")),
        hash_name(options.text_or("hash", "")),
        out(options.size_or("out", sizes.channels)),
        output_name(options.required("output").string()),
        window(options.size_or("window", 0)),
        reduction(options.find("reduction")),
        projections(options.required("projections")) {
    options.find("replaceable");
    options.only_known();
  }

  std::size_t width;
  JsonCursor heads;
  bool replaced;
  bool causal;
  bool biased;
  bool output_biased;
  bool in_out;
  std::string shared_name;
  std::string hash_name;
  std::size_t out;
  std::string output_name;
  std::size_t window;
  std::optional<JsonCursor> reduction;
  JsonCursor projections;
};

class AttentionBuilder {
 public:
  AttentionBuilder(NetworkBuilder& network, StepOptions& options, const Frame& frame,
                   const Sizes& sizes)
      : network_(network),
        options_(options),
        frame_(frame),
        sizes_(sizes),
        said_(options, sizes, network.options().replacement.has_value()),
        step_(std::make_unique<AttentionStep>()) {
    step_->heads = said_.heads.unsigned_integer(1, StepOptions::most);
    if (said_.width % step_->heads != 0) {
      said_.heads.fail(fmt::format("a divisor of the width {}", said_.width));
    }
    step_->head_dim = said_.width / step_->heads;
    if (sizes.ids) options.step().fail("tokens of numbers (an embedding before)", text_of(sizes));
  }

  std::unique_ptr<AttentionStep> build(Sizes& sizes) {
    choose_attention();
    const Sizes tokens = tokens_in_windows();
    const Sizes reduced = reduce(tokens);
    project(tokens, reduced);
    add_core(tokens, reduced);
    take_hash_from_weights();
    sizes = add_output();
    return std::move(step_);
  }

 private:
  /// The network's own softmax, or what was asked for in its place.
  void choose_attention() {
    const auto& replacement = network_.options().replacement;
    step_->attention =
        said_.replaced
            ? replacement->make()
            : std::shared_ptr(Registry<Attention>::global().make("softmax", "attention"));
    if (said_.causal) {
      if (!step_->attention->options().knows("causal")) {
        throw InputError("attention",
                         fmt::format("an attention with the option causal for {}", network_.name()),
                         replacement->name);
      }
      step_->attention->options().set("attention", "causal", "true");
    }
    if (said_.replaced) network_.count_replacement();
    step_->shared = said_.replaced && step_->attention->shares_queries_and_keys();
  }

  /// The tokens that are attended to: those of an image are padded to whole windows.
  Sizes tokens_in_windows() {
    Sizes tokens = sizes_;
    if (said_.replaced || said_.window == 0) return tokens;
    if (!sizes_.is_image()) options_.step().fail("an image to cut into windows", text_of(sizes_));
    step_->window = said_.window;
    tokens.grid = padded_to(sizes_.grid, said_.window);
    tokens.tokens = tokens.grid.pixels();
    return tokens;
  }

  /// The tokens that keys and values are made of: fewer where the network reduces them.
  Sizes reduce(const Sizes& tokens) {
    Sizes reduced = tokens;
    if (said_.replaced || !said_.reduction) return reduced;
    Frame inside = frame_;
    inside.kind = "reduction";
    step_->reduction = network_.sequence(*said_.reduction, inside, reduced);
    if (step_->reduction.empty()) return reduced;
    if (step_->window != 0) said_.reduction->fail("no window beside it");
    if (said_.causal) said_.reduction->fail("none where attention is causal");
    return reduced;
  }

  /// One linear layer for each entry, which makes one or several of q, k and v.
  void project(const Sizes& tokens, const Sizes& reduced) {
    std::string made;
    for (const auto& [name, letters] : said_.projections.members()) {
      const std::string all = letters.string();
      if (all.find_first_not_of("qkv") != std::string::npos || all.empty()) {
        letters.fail("letters of q, k, v");
      }
      made += all;
      add_projection(std::string(name), letters, all, tokens, reduced);
    }
    std::ranges::sort(made);
    if (made != "kqv") said_.projections.fail("each of q, k and v once", in_quotes(made));
  }

  /// `all` are the letters of the entry; where queries are keys, k is left out of its layer.
  void add_projection(const std::string& name, const JsonCursor& letters, const std::string& all,
                      const Sizes& tokens, const Sizes& reduced) {
    Linear linear = linear_layer(said_.biased);
    linear.bands = all.size();
    linear.taken.clear();
    std::string makes;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (step_->shared && all[i] == 'k') continue;
      linear.taken.push_back(i);
      makes += all[i];
    }
    if (makes.empty()) return;
    linear.out = product(makes.size(), said_.width);
    const bool of_reduced = makes.find('q') == std::string::npos;
    if (!of_reduced && makes.size() > 1 && !step_->reduction.empty()) {
      letters.fail("q apart from k and v, which are reduced");
    }
    std::string layer_name = joined_name(frame_.name, name);
    if (step_->shared && all == "q" && !said_.shared_name.empty()) {
      linear.other_names = {layer_name};
      layer_name = joined_name(frame_.name, said_.shared_name);
    }
    Sizes projected = of_reduced ? reduced : tokens;
    step_->projections.push_back(
        {add_linear(std::move(linear), layer_name, projected), makes, of_reduced});
  }

  /// The attention itself, between its projections.
  void add_core(const Sizes& tokens, const Sizes& reduced) {
    const std::size_t window = step_->window;
    const std::size_t windows = window == 0 ? 1 : tokens.tokens / (window * window);
    const std::size_t keys = window == 0 ? reduced.tokens : tokens.tokens;
    const AttentionCore core{said_.replaced ? network_.options().replacement->name : "softmax",
                             said_.replaced,
                             windows * step_->heads,
                             tokens.tokens / windows,
                             keys / windows,
                             step_->head_dim,
                             step_->attention.get()};
    const Sizes attended = sizes_of_attended();
    step_->core =
        network_.add_part({frame_.name, "attention", "attention", attended, attended, {}, core});
  }

  Sizes sizes_of_attended() const { return {sizes_.tokens, said_.width, sizes_.grid}; }

  /// Weights may bring the hash functions of EcoFormer.
  void take_hash_from_weights() {
    if (said_.hash_name.empty() || !said_.replaced || !step_->attention->takes_hash()) return;
    step_->hash.origin = "the weights' " + said_.hash_name;
    const std::string prefix = joined_name(frame_.name, said_.hash_name);
    for (const char* tensor : {"anchors", "coefficients", "mean", "sigma"}) {
      network_.add_parameter(
          {{prefix + "." + tensor},
           {},
           Parameter::Start::absent,
           0.0F,
           {},
           [hash = &step_->hash, tensor](const Array& array) { hash->tensors[tensor] = array; }});
    }
  }

  /// The projection of the output; returns its sizes.
  Sizes add_output() {
    Linear linear = linear_layer(said_.output_biased);
    linear.out = said_.out;
    Sizes sizes = sizes_of_attended();
    step_->output = std::make_unique<LayerStep>(
        add_linear(std::move(linear), joined_name(frame_.name, said_.output_name), sizes));
    return sizes;
  }

  Linear linear_layer(bool biased) const {
    Linear linear;
    linear.biased = biased;
    linear.in_out = said_.in_out;
    return linear;
  }

  LayerStep add_linear(Linear linear, const std::string& name, Sizes& sizes) {
    return network_.add_layer(std::make_shared<LayerOf<Linear>>(std::move(linear)), "linear", name,
                              "projection", options_, sizes);
  }

  NetworkBuilder& network_;
  StepOptions& options_;
  const Frame& frame_;
  const Sizes sizes_;
  const AttentionOptions said_;
  std::unique_ptr<AttentionStep> step_;
};

}  // namespace

std::unique_ptr<AttentionStep> attention_step(NetworkBuilder& network, StepOptions& options,
                                              const Frame& frame, Sizes& sizes) {
  return AttentionBuilder(network, options, frame, sizes).build(sizes);
}

}  // namespace wattention
