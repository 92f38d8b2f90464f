// Fewer tokens: means of them, or the first.

#include "models/networks/layer.hpp"

namespace wattention {
namespace {

struct MeanTokens {
  static Sizes bind(const Sizes& in) { return {1, in.channels, {}}; }
  template <class Real>
  void operator()(Phase& phase, Input<Real> x, View<Real> out) const {
    mean_of_rows<Real>(phase, x, out);
  }
};

struct FirstToken {
  static Sizes bind(const Sizes& in) { return {1, in.channels, {}}; }
  template <class Real>
  void operator()(Phase& phase, Input<Real> x, View<Real> out) const {
    const View<const Real> first = x.slice(0, 1);
    const Work<Real> work(phase, {}, reads(first) + writes(out));
    if constexpr (!computes<Real>) return;
    std::copy_n(first.row(0, 0), first.cols, out.row(0, 0));
  }
};

struct MeanPool {
  Grid from;
  Grid to;

  void read(StepOptions& options) { to.height = to.width = options.size("to"); }
  Sizes bind(const Sizes& in) {
    if (!in.is_image()) throw Misfit{"", "an image", text_of(in)};
    from = in.grid;
    return {to.pixels(), in.channels, to};
  }
  template <class Real>
  void operator()(Phase& phase, Input<Real> x, View<Real> out) const {
    mean_of_cells<Real>(phase, from, to, x, out);
  }
};

const Registration<Layer, LayerOf<MeanTokens>> mean_tokens{"mean_tokens", "the mean of all tokens"};
const Registration<Layer, LayerOf<FirstToken>> first_token{"first_token", "the first token alone"};
const Registration<Layer, LayerOf<MeanPool>> mean_pool{
    "mean_pool", "means of an image's cells, as many as given"};

}  // namespace
}  // namespace wattention
