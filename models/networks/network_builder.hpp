#pragma once

// From a definition to a network: blocks are expanded, parameters put in, sizes followed from the
// input to the output, and every part named. docs/networks.md describes the grammar.

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/networks/attention_step.hpp"
#include "models/networks/network_file.hpp"
#include "models/networks/step_options.hpp"

namespace wattention {

/// What holds for a step through those around it.
struct Frame {
  std::string name;
  std::string kind = "other";
  Scope scope;
  std::size_t repetition = 0;
  std::size_t depth = 0;
  std::vector<std::string> open_blocks;
};

/// "around.own"; a name that begins with a slash stands alone.
std::string joined_name(const std::string& around, const std::string& own);

/// The input that a file states, or the sizes that were asked for in place of its own.
NetworkInput read_input(const JsonCursor& input, const Scope& scope, const NetworkOptions& asked,
                        const std::string& network);

/// Builds the steps of a file. What attention_builder.cpp needs of it is public.
class NetworkBuilder {
 public:
  NetworkBuilder(const NetworkDefinition& definition, const NetworkOptions& options)
      : definition_(definition), options_(options), root_(*definition.document_) {}

  Network build();

  const std::string& name() const { return definition_.name(); }
  const NetworkOptions& options() const { return options_; }

  /// The steps of a list; follows the sizes from before the first to behind the last.
  Sequence sequence(const JsonCursor& list, const Frame& frame, Sizes& sizes);

  /// Gives the layer a place among the parts, and its parameters names.
  LayerStep add_layer(const std::shared_ptr<Layer>& layer, const std::string& type,
                      const std::string& name, const std::string& kind, StepOptions& options,
                      Sizes& sizes);
  std::size_t add_part(NetworkPart part);
  void add_parameter(Parameter parameter) { parameters_.push_back(std::move(parameter)); }
  void count_replacement() { replaced_any_ = true; }

 private:
  void append(Sequence& steps, const JsonCursor& element, const Frame& around, Sizes& sizes);
  void append_once(Sequence& steps, const JsonCursor& element, Frame frame, Sizes& sizes);
  void append_block(Sequence& steps, StepOptions& options, Frame& frame, Sizes& sizes);
  void append_residual(Sequence& steps, StepOptions& options, const Frame& frame, Sizes& sizes);
  void append_layer(Sequence& steps, StepOptions& options, const Frame& frame, Sizes& sizes);
  void count_step(const JsonCursor& step);
  void demand_one_shape(std::size_t index, const JsonCursor& step);

  const NetworkDefinition& definition_;
  const NetworkOptions& options_;
  JsonCursor root_;
  std::vector<NetworkPart> parts_;
  std::vector<Parameter> parameters_;
  std::map<std::string, std::vector<std::size_t>> shapes_;  // of tensors, by name
  std::size_t steps_ = 0;
  bool replaced_any_ = false;
};

/// The step of an attention: projections, the network's own attention or the one that was asked for
/// in its place, and the projection of its output.
std::unique_ptr<AttentionStep> attention_step(NetworkBuilder& network, StepOptions& options,
                                              const Frame& frame, Sizes& sizes);

}  // namespace wattention
