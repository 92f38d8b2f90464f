// Functions of every number by itself.

#include "models/networks/layer.hpp"

namespace wattention {
namespace {

struct SameSizes {
  static Sizes bind(const Sizes& in) { return in; }
};

struct Gelu : SameSizes {
  template <class Real>
  void operator()(Phase& phase, Input<Real> x, View<Real> out) const {
    gelu<Real>(phase, x, out);
  }
};

struct GeluByTanh : SameSizes {
  template <class Real>
  void operator()(Phase& phase, Input<Real> x, View<Real> out) const {
    gelu_by_tanh<Real>(phase, x, out);
  }
};

struct Relu : SameSizes {
  template <class Real>
  void operator()(Phase& phase, Input<Real> x, View<Real> out) const {
    relu<Real>(phase, x, out);
  }
};

struct Tanh : SameSizes {
  template <class Real>
  void operator()(Phase& phase, Input<Real> x, View<Real> out) const {
    hyperbolic_tangent<Real>(phase, x, out);
  }
};

const Registration<Layer, LayerOf<Gelu>> gelu_registration{"gelu", "x Phi(x), by erf"};
const Registration<Layer, LayerOf<GeluByTanh>> gelu_tanh_registration{
    "gelu_tanh", "the approximation of x Phi(x) by tanh"};
const Registration<Layer, LayerOf<Relu>> relu_registration{"relu", "max(x, 0)"};
const Registration<Layer, LayerOf<Tanh>> tanh_registration{"tanh", "hyperbolic tangent"};

}  // namespace
}  // namespace wattention
