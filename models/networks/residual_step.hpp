#pragma once

// A residual within a network: y = shortcut(x) + body(x), the shortcut being x itself or layers.

#include <vector>

#include "models/networks/network.hpp"

namespace wattention {

class ResidualStep final : public Step {
 public:
  Sequence body;
  Sequence shortcut;     // empty: x itself
  std::size_t part = 0;  // the sum's place among the parts

  Activation run(const RunOfNetwork& run, const Activation& x) const override;
  void prepare(const Preparation& preparation, const RunOfNetwork& run,
               std::vector<Activation>& inputs) override;

 private:
  Activation sum(const RunOfNetwork& run, const Activation& a, const Activation& b) const;
};

}  // namespace wattention
