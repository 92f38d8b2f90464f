#pragma once

// An attention within a network: projections of the tokens to queries, keys and values of all
// heads, the attention itself, and the projection of its output.
//
//     q = x W_q, (k, v) = reduce(x) (W_k, W_v);  y = attention(q, k, v) W_o
//
// Queries, keys and values are regrouped from [tokens, heads * d] to [heads, tokens, d], or to
// [windows * heads, w * w, d], which is a layout: no operation, no traffic.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/networks/layers/linear.hpp"
#include "models/networks/network.hpp"

namespace wattention {

/// A layer with its place among the parts.
class LayerStep final : public Step {
 public:
  LayerStep(std::shared_ptr<Layer> layer, std::size_t part)
      : layer_(std::move(layer)), part_(part) {}
  Activation run(const RunOfNetwork& run, const Activation& x) const override;

 private:
  std::shared_ptr<Layer> layer_;
  std::size_t part_;
};

class AttentionStep final : public Step {
 public:
  struct Projection {
    LayerStep layer;
    std::string makes;  // of q, k and v, in the order of the outputs
    bool of_reduced = false;
  };

  std::size_t heads = 1;
  std::size_t head_dim = 1;
  std::size_t window = 0;  // 0: none
  bool shared = false;     // queries are keys
  Sequence reduction;      // before keys and values; may be empty
  std::vector<Projection> projections;
  std::shared_ptr<Attention> attention;
  std::size_t core = 0;  // its part
  std::unique_ptr<LayerStep> output;
  HashTensors hash;  // from weights; empty where these have none

  Activation run(const RunOfNetwork& run, const Activation& x) const override;
  void prepare(const Preparation& preparation, const RunOfNetwork& run,
               std::vector<Activation>& inputs) override;

 private:
  struct Projected {
    Tensor<float> q, k, v;
    bool shared = false;
    Qkv<float> qkv() const { return {q, shared ? q : k, v, shared}; }
  };

  Projected project(const RunOfNetwork& run, const Activation& x) const;
  Activation attend(const RunOfNetwork& run, const Projected& x, const Grid& grid,
                    std::size_t tokens) const;
  Tensor<float> split(const View<const float>& x, std::size_t first_column, const Grid& grid) const;
  Tensor<float> merge(const View<const float>& x, std::size_t tokens, const Grid& grid) const;
};

/// Sides of a grid padded to whole windows.
Grid padded_to(const Grid& grid, std::size_t window);

}  // namespace wattention
