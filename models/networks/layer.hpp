#pragma once

// A layer of a network, for the program: a type in the registry, options from the network's file,
// tensors, and one call that runs it in a mode. For its author: a struct whose templated operator()
// works under any scalar type, as attentions do, and one line that registers LayerOf<Struct>.
//
//     struct LayerNorm {
//       void read(StepOptions& options);                  // may be absent
//       Sizes bind(const Sizes& in);                      // throws Misfit
//       void parameters(ParameterList& parameters);       // may be absent
//       template <class Real>
//       void operator()(Phase& phase, Input<Real> x, View<Real> out) const;
//     };

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "models/attention.hpp"
#include "models/networks/step_options.hpp"
#include "sim/kernels/grids.hpp"
#include "sim/tensor/array.hpp"

namespace wattention {

/// What flows: tokens [1, tokens, channels]; those of an image are the pixels of its grid. Before
/// an embedding, ids below `channels`.
struct Sizes {
  std::size_t tokens = 0;
  std::size_t channels = 0;
  Grid grid;  // without pixels where the tokens are a sequence
  bool ids = false;

  bool is_image() const { return grid.height != 0; }
};

/// "196 tokens (14 x 14) of 64 channels"
std::string text_of(const Sizes& sizes);

struct Activation {
  Tensor<float> tokens;  // without data in estimate mode
  Grid grid;
  std::vector<std::int32_t> ids;
};

/// Sizes that a layer cannot take; whoever knows the file makes an InputError of it.
struct Misfit {
  std::string option;  // "" for the layer as a whole
  std::string expected;
  std::string found;
};

/// A tensor of trained weights: its names in a file (the first that is there counts; none for a
/// constant), its shape there, how it starts without a file, and where it goes.
struct Parameter {
  enum class Start : std::uint8_t { zero, one, normal, constant, absent };

  std::vector<std::string> names;
  std::vector<std::size_t> shape;  // empty: any
  Start start = Start::zero;       // absent: it may be missing, and is not drawn
  float spread = 0.0F;             // standard deviation of a normal start
  std::function<std::vector<float>()> constant = {};
  std::function<void(const Array&)> take;
  std::uint64_t unused = 0;  // numbers that this network leaves out
};

/// The parameters of a layer, named after it.
class ParameterList {
 public:
  ParameterList(std::string layer, std::vector<Parameter>& list)
      : layer_(std::move(layer)), list_(&list) {}

  const std::string& layer() const { return layer_; }
  /// `suffix` ".weight", say; a name that starts with '/' is meant as it stands.
  std::string name(std::string_view suffix) const;
  void add(Parameter parameter) { list_->push_back(std::move(parameter)); }
  /// A vector [size] into `to` [1, 1, size].
  void vector(std::string_view suffix, std::size_t size, Parameter::Start start, Tensor<float>& to);
  /// A matrix in the layout of `to` [1, rows, cols].
  void matrix(const std::string& name, std::vector<std::size_t> shape, float spread,
              Tensor<float>& to);

 private:
  std::string layer_;
  std::vector<Parameter>* list_;
};

/// What the published accounting needs to know of a convolution or a linear layer.
struct Geometry {
  std::uint64_t inputs_of_output = 0;  // numbers that one output sums
  bool bias = false;
};

class Layer {
 public:
  virtual ~Layer() = default;

  /// Its options from a network's file.
  virtual void read(StepOptions& options) = 0;
  /// The sizes that come out. Throws Misfit.
  virtual Sizes bind(const Sizes& in) = 0;
  virtual void parameters(ParameterList& parameters) = 0;
  virtual Geometry geometry() const = 0;
  virtual Activation run(Mode mode, const Arithmetic& arithmetic, const Activation& x,
                         Ledger& ledger) const = 0;
};

/// What LayerOf<Functor> needs of a layer's author: the sizes that come out, and a call that fills
/// the output under any scalar type from numbers [1, tokens, channels] or from ids.
template <class Functor>
concept LayerFunctor = std::is_default_constructible_v<Functor> &&
    requires(Functor functor, const Functor& constant, const Sizes& in, Phase& phase,
             View<const Shape<Rounded>> x, const std::vector<std::int32_t>& ids,
             View<Shape<Rounded>> out) {
  { functor.bind(in) } -> std::same_as<Sizes>;
  requires requires { constant.template operator()<Shape<Rounded>>(phase, x, out); } || requires {
    constant.template operator()<Shape<Rounded>>(phase, ids, out);
  };
};

template <LayerFunctor Functor>
class LayerOf final : public Layer {
 public:
  LayerOf() = default;
  explicit LayerOf(Functor functor) : functor_(std::move(functor)) {}
  LayerOf(const LayerOf&) = delete;  // parameters point into the functor
  LayerOf& operator=(const LayerOf&) = delete;

  void read(StepOptions& options) override {
    if constexpr (requires { functor_.read(options); }) functor_.read(options);
  }

  Sizes bind(const Sizes& in) override {
    if constexpr (requires { Functor::takes_ids; }) {
      if (!in.ids) throw Misfit{"", "token ids", text_of(in)};
    } else {
      if (in.ids) throw Misfit{"", "tokens of numbers (an embedding before)", text_of(in)};
    }
    out_ = functor_.bind(in);
    return out_;
  }

  void parameters(ParameterList& parameters) override {
    if constexpr (requires { functor_.parameters(parameters); }) functor_.parameters(parameters);
  }

  Geometry geometry() const override {
    if constexpr (requires { functor_.geometry(); }) return functor_.geometry();
    return {};
  }

  /// The ledger has one phase.
  Activation run(Mode mode, const Arithmetic& arithmetic, const Activation& x,
                 Ledger& ledger) const override {
    return in_mode(mode, arithmetic, ledger,
                   [&]<class Real>() { return run_in<Real>(x, ledger.only_phase()); });
  }

 private:
  template <class Real>
  Activation run_in(const Activation& x, Phase& phase) const {
    Tensor<Real> out(1, out_.tokens, out_.channels);
    if constexpr (requires { Functor::takes_ids; }) {
      functor_.template operator()<Real>(phase, x.ids, out.view());
    } else {
      const InArithmetic<Real> in(x.tokens, phase.arithmetic());
      functor_.template operator()<Real>(phase, in.view(), out.view());
    }
    return {as_floats(std::move(out)), out_.grid, {}};
  }

  Functor functor_;
  Sizes out_;
};

}  // namespace wattention
