// Two-dimensional convolution of images (cross-correlation, as networks have it).

#include <fmt/format.h>

#include <cmath>

#include "models/networks/layer.hpp"

namespace wattention {
namespace {

struct Convolution {
  Sliding window;
  bool half_padding = false;
  std::size_t out = 0;     // 0: as many as come in
  std::size_t groups = 1;  // 0: depthwise
  bool biased = true;
  Sizes in;
  Tensor<float> weights;  // [groups, taps * channels of a group, out of a group]
  Tensor<float> bias;     // [1, 1, out], or no head

  bool depthwise() const { return groups == in.channels && out == in.channels && groups != 1; }
  std::size_t group_inputs() const { return in.channels / groups; }
  std::size_t group_outputs() const { return out / groups; }

  void read(StepOptions& options) {
    window.kernel = options.size("kernel");
    window.stride = options.size_or("stride", 1);
    const auto padding = options.find("padding");
    half_padding = padding && padding->is_string();
    if (half_padding && padding->string() != "half") padding->fail("an integer or \"half\"");
    window.padding = half_padding ? window.kernel / 2
                                  : (padding ? padding->unsigned_integer(0, StepOptions::most) : 0);
    out = options.size_or("out", 0);
    groups = options.flag_or("depthwise", false) ? 0 : options.size_or("groups", 1);
    biased = options.flag_or("bias", true);
  }

  Sizes bind(const Sizes& sizes) {
    in = sizes;
    if (!in.is_image()) throw Misfit{"", "an image", text_of(in)};
    if (out == 0) out = in.channels;
    if (groups == 0) groups = in.channels;
    if (in.channels % groups != 0 || out % groups != 0) {
      throw Misfit{"groups", fmt::format("a divisor of {} and {} channels", in.channels, out),
                   fmt::format("{}", groups)};
    }
    const Grid positions = window.positions(in.grid);
    if (positions.height == 0 || positions.width == 0) {
      throw Misfit{
          "kernel",
          fmt::format("at most the padded sides of {} x {}", in.grid.height + 2 * window.padding,
                      in.grid.width + 2 * window.padding),
          fmt::format("{}", window.kernel)};
    }
    return {positions.pixels(), out, positions};
  }

  void parameters(ParameterList& parameters) {
    const std::size_t rows = product(window.taps(), group_inputs());
    weights = depthwise() ? Tensor<float>::without_data(1, window.taps(), in.channels)
                          : Tensor<float>::without_data(groups, rows, group_outputs());
    parameters.add({{parameters.name(".weight")},
                    {out, group_inputs(), window.kernel, window.kernel},
                    Parameter::Start::normal,
                    1.0F / std::sqrt(static_cast<float>(rows)),
                    {},
                    [this](const Array& array) { take(array); }});
    if (biased) parameters.vector(".bias", out, Parameter::Start::zero, bias);
  }

  void take(const Array& array) {
    weights = Tensor<float>(weights.heads(), weights.rows(), weights.cols());
    const std::size_t taps = window.taps();
    for (std::size_t o = 0; o < out; ++o) {
      for (std::size_t i = 0; i < group_inputs(); ++i) {
        for (std::size_t t = 0; t < taps; ++t) {
          const float number = array.data[(o * group_inputs() + i) * taps + t];
          if (depthwise()) {
            weights(0, t, o) = number;
          } else {
            weights(o / group_outputs(), t * group_inputs() + i, o % group_outputs()) = number;
          }
        }
      }
    }
  }

  Geometry geometry() const { return {product(window.taps(), group_inputs()), biased}; }

  template <class Real>
  void operator()(Phase& phase, Input<Real> x, View<Real> to) const {
    const InArithmetic<Real> w(weights, phase.arithmetic());
    const InArithmetic<Real> b(bias, phase.arithmetic());
    if (depthwise()) {
      depthwise_convolution<Real>(phase, window, in.grid, x, w, b, to);
    } else {
      convolution<Real>(phase, window, in.grid, x, w, b, to);
    }
  }
};

const Registration<Layer, LayerOf<Convolution>> registration{
    "convolution", "two-dimensional, with stride, padding and groups"};

}  // namespace
}  // namespace wattention
