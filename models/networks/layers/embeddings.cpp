// Token ids to vectors, and what is added to or put before them.

#include <fmt/format.h>

#include <cmath>

#include "models/networks/layer.hpp"

namespace wattention {
namespace {

/// Rows of tables start as BERT's and ViT's do.
constexpr float usual_spread = 0.02F;

/// out_i = scale * table[id_i]. A row is fetched: traffic, and an operation a number only where
/// the scale is not 1.
struct Embedding {
  static constexpr bool takes_ids = true;

  std::size_t out = 0;
  float scale = 1.0F;
  std::string weight;
  std::size_t vocabulary = 0;
  Tensor<float> table;  // [1, vocabulary, out]

  void read(StepOptions& options) {
    out = options.size("out");
    scale = static_cast<float>(options.number_or("scale", 1.0));
    weight = options.text_or("weight", "");
  }
  Sizes bind(const Sizes& in) {
    vocabulary = in.channels;
    return {in.tokens, out, {}};
  }
  void parameters(ParameterList& parameters) {
    table = Tensor<float>::without_data(1, vocabulary, out);
    parameters.matrix(weight.empty() ? parameters.name(".weight") : weight, {vocabulary, out},
                      usual_spread, table);
  }
  template <class Real>
  void operator()(Phase& phase, const std::vector<std::int32_t>& ids, View<Real> to) const {
    const bool scales = scale != 1.0F;
    const Real factor(scale);
    // As many rows of the table are read as are written.
    const Work<Real> work(
        phase, {{Op::mul, format_of<Real>, scales ? to.elements() : 0}},
        moves_part(shape_as<const Real>(table.view()), to.elements(), false) + writes(to));
    if constexpr (!computes<Real>) return;
    for (std::size_t i = 0; i < to.rows; ++i) {
      const float* const row = table.view().row(0, static_cast<std::size_t>(ids[i]));
      for (std::size_t c = 0; c < to.cols; ++c) {
        const Real number = work.real(row[c]);
        to(0, i, c) = scales ? factor * number : number;
      }
    }
  }
};

/// x_i + table_i.
struct Positions {
  std::size_t rows = 0;  // 0: as many as tokens
  bool leading = false;
  Sizes sizes;
  Tensor<float> table;  // [1, rows, channels]

  void read(StepOptions& options) {
    rows = options.size_or("rows", 0);
    leading = options.flag_or("leading", false);
  }
  Sizes bind(const Sizes& in) {
    sizes = in;
    if (rows == 0) rows = in.tokens;
    if (rows < in.tokens) {
      throw Misfit{"rows", fmt::format("at least {}, a row for each token", in.tokens),
                   fmt::format("{}", rows)};
    }
    return in;
  }
  void parameters(ParameterList& parameters) {
    table = Tensor<float>::without_data(1, rows, sizes.channels);
    std::vector<std::size_t> shape{rows, sizes.channels};
    if (leading) shape.insert(shape.begin(), 1);
    parameters.matrix(parameters.layer(), shape, usual_spread, table);
  }
  template <class Real>
  void operator()(Phase& phase, Input<Real> x, View<Real> out) const {
    sum_of<Real>(phase, x, InArithmetic<Real>(table, phase.arithmetic()).view().slice(0, x.rows),
                 out);
  }
};

/// x_i + [sin(i w), cos(i w)], constants of the network.
struct SinusoidalPositions {
  std::string name;
  Sizes sizes;
  Tensor<float> table;  // [1, tokens, channels]

  void read(StepOptions& options) { name = options.text_or("timescales", ""); }
  Sizes bind(const Sizes& in) {
    sizes = in;
    if (in.channels % 2 != 0) {
      throw Misfit{"", "an even number of channels", fmt::format("{}", in.channels)};
    }
    return in;
  }
  void parameters(ParameterList& parameters) {
    table = Tensor<float>::without_data(1, sizes.tokens, sizes.channels);
    Parameter timescales;
    if (!name.empty()) timescales.names = {name};
    timescales.shape = {sizes.channels / 2};
    timescales.start = Parameter::Start::constant;
    timescales.constant = [channels = sizes.channels] { return usual_timescales(channels); };
    timescales.take = [this](const Array& array) { tabulate(array.data); };
    parameters.add(std::move(timescales));
  }
  static std::vector<float> usual_timescales(std::size_t channels) {
    std::vector<float> w(channels / 2);
    for (std::size_t i = 0; i < w.size(); ++i) {
      const double exponent = 2.0 * static_cast<double>(i) / static_cast<double>(channels);
      w[i] = static_cast<float>(std::pow(10000.0, -exponent));
    }
    return w;
  }
  void tabulate(const std::vector<float>& w) {
    table = Tensor<float>(1, sizes.tokens, sizes.channels);
    for (std::size_t t = 0; t < sizes.tokens; ++t) {
      for (std::size_t i = 0; i < w.size(); ++i) {
        const double angle = static_cast<double>(t) * static_cast<double>(w[i]);
        table(0, t, i) = static_cast<float>(std::sin(angle));
        table(0, t, w.size() + i) = static_cast<float>(std::cos(angle));
      }
    }
  }
  template <class Real>
  void operator()(Phase& phase, Input<Real> x, View<Real> out) const {
    sum_of<Real>(phase, x, InArithmetic<Real>(table, phase.arithmetic()), out);
  }
};

/// A vector of its own before the tokens, which are no image any more.
struct ClassToken {
  Tensor<float> token;

  std::size_t channels = 0;
  Sizes bind(const Sizes& in) {
    channels = in.channels;
    return {in.tokens + 1, in.channels, {}};
  }
  void parameters(ParameterList& parameters) {
    token = Tensor<float>::without_data(1, 1, channels);
    parameters.matrix(parameters.layer(), {1, 1, channels}, usual_spread, token);
  }
  template <class Real>
  void operator()(Phase& phase, Input<Real> x, View<Real> out) const {
    const InArithmetic<Real> first(token, phase.arithmetic());
    const Work<Real> work(phase, {}, reads(first.view(), x) + writes(out));
    if constexpr (!computes<Real>) return;
    std::copy_n(first.view().row(0, 0), channels, out.row(0, 0));
    for (std::size_t i = 0; i < x.rows; ++i) std::copy_n(x.row(0, i), channels, out.row(0, i + 1));
  }
};

/// x_i + table_0 for every token: BERT's type of the first and only sentence.
struct FirstRow {
  std::size_t rows = 1;
  std::size_t channels = 0;
  Tensor<float> table;  // [1, rows, channels]

  void read(StepOptions& options) { rows = options.size("rows"); }
  Sizes bind(const Sizes& in) {
    channels = in.channels;
    return in;
  }
  void parameters(ParameterList& parameters) {
    table = Tensor<float>::without_data(1, rows, channels);
    parameters.matrix(parameters.name(".weight"), {rows, channels}, usual_spread, table);
  }
  template <class Real>
  void operator()(Phase& phase, Input<Real> x, View<Real> out) const {
    const InArithmetic<Real> whole(table, phase.arithmetic());
    const View<const Real> row = whole.view().slice(0, 1);
    const Work<Real> work(phase, {{Op::add, format_of<Real>, out.elements()}},
                          reads(x, row) + writes(out));
    if constexpr (!computes<Real>) return;
    for (std::size_t i = 0; i < x.rows; ++i) {
      for (std::size_t c = 0; c < x.cols; ++c) {
        out(0, i, c) = x(0, i, c) + row(0, 0, c);
      }
    }
  }
};

const Registration<Layer, LayerOf<Embedding>> embedding{"embedding",
                                                        "a row of a table for each id"};
const Registration<Layer, LayerOf<Positions>> positions{"positions",
                                                        "a learned row added to each token"};
const Registration<Layer, LayerOf<SinusoidalPositions>> sinusoidal{
    "sinusoidal_positions", "sines and cosines of the position, added"};
const Registration<Layer, LayerOf<ClassToken>> class_token{"class_token",
                                                           "a learned token in front"};
const Registration<Layer, LayerOf<FirstRow>> first_row{
    "first_row", "the first row of a table, added to each token"};

}  // namespace
}  // namespace wattention
