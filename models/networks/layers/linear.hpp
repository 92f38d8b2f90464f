#pragma once

// y = x W + b. An attention uses it for its projections, of which some may be left out: then only
// some bands of the outputs in the file are taken.

#include <vector>

#include "models/networks/layer.hpp"

namespace wattention {

struct Linear {
  std::size_t out = 0;  // 0: `ratio` times the inputs
  std::size_t ratio = 0;
  bool biased = true;
  bool in_out = false;  // the layout of the weights in a file: [in, out] instead of [out, in]
  std::size_t in = 0;
  std::size_t bands = 1;                 // equal parts of the outputs in the file
  std::vector<std::size_t> taken{0};     // those that this layer computes, in this order
  std::vector<std::string> other_names;  // of the layer, where a file lacks its own
  Tensor<float> weights;                 // [1, in, out]
  Tensor<float> bias;                    // [1, 1, out], or no head

  void read(StepOptions& options);
  Sizes bind(const Sizes& sizes);
  void parameters(ParameterList& parameters);
  Geometry geometry() const { return {in, biased}; }

  template <class Real>
  void operator()(Phase& phase, Input<Real> x, View<Real> out_view) const {
    linear<Real>(phase, x, InArithmetic<Real>(weights, phase.arithmetic()),
                 InArithmetic<Real>(bias, phase.arithmetic()), out_view);
  }

 private:
  std::size_t band() const { return out / taken.size(); }
};

}  // namespace wattention
