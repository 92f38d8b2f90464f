// Normalisations of every token by itself.

#include "models/networks/layer.hpp"

namespace wattention {
namespace {

struct LayerNorm {
  float epsilon = 0.0F;
  Tensor<float> weight;
  Tensor<float> bias;
  std::size_t channels = 0;

  void read(StepOptions& options) {
    epsilon = static_cast<float>(options.required("epsilon").non_negative_number());
  }
  Sizes bind(const Sizes& in) {
    channels = in.channels;
    return in;
  }
  void parameters(ParameterList& parameters) {
    parameters.vector(".weight", channels, Parameter::Start::one, weight);
    parameters.vector(".bias", channels, Parameter::Start::zero, bias);
  }
  template <class Real>
  void operator()(Phase& phase, Input<Real> x, View<Real> out) const {
    layer_norm<Real>(phase, x, InArithmetic<Real>(weight, phase.arithmetic()),
                     InArithmetic<Real>(bias, phase.arithmetic()), epsilon, out);
  }
};

struct UnitLength {
  static Sizes bind(const Sizes& in) { return in; }
  template <class Real>
  void operator()(Phase& phase, Input<Real> x, View<Real> out) const {
    normalise_rows<Real>(phase, x, out);
  }
};

const Registration<Layer, LayerOf<LayerNorm>> layer_norm_registration{
    "layer_norm", "mean 0 and variance 1 over channels, then w x + b"};
const Registration<Layer, LayerOf<UnitLength>> unit_length_registration{"unit_length", "x / ||x||"};

}  // namespace
}  // namespace wattention
