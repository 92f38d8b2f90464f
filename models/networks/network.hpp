#pragma once

// A whole network: layers and attentions in the order of its file, each with a ledger of its own.
//
//     Network network = build_network(definition, options);     // models/networks/network_file.hpp
//     seed_weights(network, 1);                                  // models/networks/weights.hpp
//     network.prepare(inputs, ...);                              // hash functions of attentions
//     auto ledgers = network.ledgers();
//     Activation logits = network.run(Mode::execute, {}, input, ledgers);

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/networks/layer.hpp"

namespace wattention {

/// What energy is grouped by.
inline constexpr std::array<std::string_view, 9> part_kinds{"embedding", "projection", "attention",
                                                            "reduction", "mlp",        "norm",
                                                            "residual",  "head",       "other"};

/// An attention's core, between its projections.
struct AttentionCore {
  std::string attention;
  bool replaced = false;  // put in, in place of the network's own
  std::size_t heads = 0;  // of all windows
  std::size_t queries = 0;
  std::size_t keys = 0;
  std::size_t head_dim = 0;
  const Attention* instance = nullptr;
};

/// One layer, with what it takes and gives.
struct NetworkPart {
  std::string name;  // "stages.0.blocks.1.attn.q"
  std::string type;  // "linear", "attention", "residual"
  std::string kind;  // one of part_kinds
  Sizes in;
  Sizes out;
  Geometry geometry;
  std::optional<AttentionCore> core;
};

/// What the parts of a network compute in: attentions between their projections, and all layers.
struct Arithmetics {
  Arithmetic of_attentions;
  Arithmetic of_layers;
};

struct RunOfNetwork {
  Mode mode = Mode::execute;
  Arithmetics arithmetics;
  std::span<Ledger> ledgers;
};

/// How attentions get the parameters that are not in weights.
struct Preparation {
  std::uint64_t seed = 1;
  std::optional<std::string> hash_file;
};

/// A node of the network: a layer, an attention, or others in a row or around a residual.
class Step {
 public:
  virtual ~Step() = default;
  virtual Activation run(const RunOfNetwork& run, const Activation& x) const = 0;
  /// Runs every input through and gives attentions their parameters on the way.
  virtual void prepare(const Preparation& preparation, const RunOfNetwork& run,
                       std::vector<Activation>& inputs);
};

class Sequence final : public Step {
 public:
  void append(std::unique_ptr<Step> step) { steps_.push_back(std::move(step)); }
  bool empty() const { return steps_.empty(); }
  Activation run(const RunOfNetwork& run, const Activation& x) const override;
  void prepare(const Preparation& preparation, const RunOfNetwork& run,
               std::vector<Activation>& inputs) override;

 private:
  std::vector<std::unique_ptr<Step>> steps_;
};

/// What images are normalised with, one number a channel.
struct Normalisation {
  std::vector<float> mean;
  std::vector<float> deviation;
};

struct NetworkInput {
  Sizes sizes;
  std::optional<Normalisation> normalisation;
};

class Network {
 public:
  Network(std::string name, std::string title, NetworkInput input, std::vector<NetworkPart> parts,
          std::vector<Parameter> parameters, Sequence steps)
      : name_(std::move(name)),
        title_(std::move(title)),
        input_(std::move(input)),
        parts_(std::move(parts)),
        parameters_(std::move(parameters)),
        steps_(std::move(steps)) {}

  const std::string& name() const { return name_; }
  const std::string& title() const { return title_; }
  const NetworkInput& input() const { return input_; }
  const Sizes& output() const { return parts_.back().out; }
  std::span<const NetworkPart> parts() const { return parts_; }
  std::span<const Parameter> parameters() const { return parameters_; }

  /// Numbers of all weights.
  std::uint64_t parameter_count() const;

  /// A fresh ledger for every part.
  std::vector<Ledger> ledgers() const;

  /// Gives attentions their parameters on the way of these inputs through the network. Inputs
  /// without data are enough for estimates, and where every attention is the network's own.
  void prepare(const Preparation& preparation, std::vector<Activation> inputs);

  /// Concurrent calls are safe, each with its own ledgers. In estimate mode the input holds no
  /// data.
  Activation run(Mode mode, const Arithmetics& arithmetics, const Activation& input,
                 std::span<Ledger> ledgers) const;

  /// What attentions have to say, each once.
  std::vector<std::string> notes() const;

 private:
  std::string name_;
  std::string title_;
  NetworkInput input_;
  std::vector<NetworkPart> parts_;
  std::vector<Parameter> parameters_;
  Sequence steps_;
};

/// An input of the network's sizes without data.
Activation input_without_data(const Sizes& sizes);

/// Normal numbers, or ids, by seed.
Activation drawn_input(const Sizes& sizes, std::uint64_t seed);

}  // namespace wattention
