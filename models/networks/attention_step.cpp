#include "models/networks/attention_step.hpp"

#include <algorithm>

namespace wattention {
namespace {

/// Where token t of head h stands: windows follow each other row by row, heads within a window.
struct Place {
  std::size_t head;
  std::size_t row;
};

Place place_of(std::size_t token, std::size_t head, std::size_t heads, std::size_t window,
               const Grid& padded) {
  if (window == 0) return {head, token};
  const std::size_t r = token / padded.width;
  const std::size_t c = token % padded.width;
  const std::size_t of_window = r / window * (padded.width / window) + c / window;
  return {of_window * heads + head, r % window * window + c % window};
}

/// A tensor for the numbers of x, or some of them, in another layout; without data where x has
/// none.
Tensor<float> layout_of(const View<const float>& x, std::size_t heads, std::size_t rows,
                        std::size_t cols) {
  Tensor<float> y = x.data == nullptr ? Tensor<float>::without_data(heads, rows, cols)
                                      : Tensor<float>(heads, rows, cols);
  y.set_id(x.id);
  return y;
}

/// Zeros below and to the right, so that windows fill the grid.
Activation padded(const Activation& x, std::size_t window) {
  const Grid to = padded_to(x.grid, window);
  Activation y{layout_of(x.tokens.view(), 1, to.pixels(), x.tokens.cols()), to, {}};
  if (x.tokens.data() == nullptr) return y;
  std::fill_n(y.tokens.data(), y.tokens.size(), 0.0F);
  for (std::size_t r = 0; r < x.grid.height; ++r) {
    for (std::size_t c = 0; c < x.grid.width; ++c) {
      std::copy_n(x.tokens.view().row(0, r * x.grid.width + c), x.tokens.cols(),
                  y.tokens.view().row(0, r * to.width + c));
    }
  }
  return y;
}

}  // namespace

Grid padded_to(const Grid& grid, std::size_t window) {
  const auto up = [window](std::size_t side) { return (side + window - 1) / window * window; };
  return {up(grid.height), up(grid.width)};
}

Activation LayerStep::run(const RunOfNetwork& run, const Activation& x) const {
  return layer_->run(run.mode, run.arithmetics.of_layers, x, run.ledgers[part_]);
}

Tensor<float> AttentionStep::split(const View<const float>& x, std::size_t first_column,
                                   const Grid& grid) const {
  const std::size_t windows = window == 0 ? 1 : x.rows / (window * window);
  Tensor<float> y = layout_of(x, windows * heads, x.rows / windows, head_dim);
  if (x.data == nullptr) return y;
  for (std::size_t t = 0; t < x.rows; ++t) {
    for (std::size_t h = 0; h < heads; ++h) {
      const Place to = place_of(t, h, heads, window, grid);
      std::copy_n(x.row(0, t) + first_column + h * head_dim, head_dim,
                  y.view().row(to.head, to.row));
    }
  }
  return y;
}

Tensor<float> AttentionStep::merge(const View<const float>& x, std::size_t tokens,
                                   const Grid& grid) const {
  Tensor<float> y = layout_of(x, 1, tokens, heads * head_dim);
  if (x.data == nullptr) return y;
  const Grid whole = window == 0 ? grid : padded_to(grid, window);
  for (std::size_t t = 0; t < tokens; ++t) {
    const std::size_t at =
        window == 0 ? t : t / grid.width * whole.width + t % grid.width;  // of the padded grid
    for (std::size_t h = 0; h < heads; ++h) {
      const Place from = place_of(at, h, heads, window, whole);
      std::copy_n(x.row(from.head, from.row), head_dim, y.view().row(0, t) + h * head_dim);
    }
  }
  return y;
}

AttentionStep::Projected AttentionStep::project(const RunOfNetwork& run,
                                                const Activation& x) const {
  Activation changed;
  if (window != 0) changed = padded(x, window);
  if (!reduction.empty()) changed = reduction.run(run, x);
  const Activation& of_windows = window != 0 ? changed : x;
  const Activation& reduced = reduction.empty() ? of_windows : changed;

  Projected result;
  result.shared = shared;
  for (const Projection& projection : projections) {
    const Activation& from = projection.of_reduced ? reduced : of_windows;
    const Activation y = projection.layer.run(run, from);
    for (std::size_t i = 0; i < projection.makes.size(); ++i) {
      Tensor<float>& to = projection.makes[i] == 'q'   ? result.q
                          : projection.makes[i] == 'k' ? result.k
                                                       : result.v;
      to = split(y.tokens.view(), i * heads * head_dim, from.grid);
    }
  }
  return result;
}

Activation AttentionStep::attend(const RunOfNetwork& run, const Projected& x, const Grid& grid,
                                 std::size_t tokens) const {
  const Tensor<float> y =
      attention->run(run.mode, run.arithmetics.of_attentions, x.qkv(), run.ledgers[core]);
  return output->run(run, {merge(y.view(), tokens, grid), grid, {}});
}

Activation AttentionStep::run(const RunOfNetwork& run, const Activation& x) const {
  return attend(run, project(run, x), x.grid, x.tokens.rows());
}

void AttentionStep::prepare(const Preparation& preparation, const RunOfNetwork& run,
                            std::vector<Activation>& inputs) {
  std::vector<Projected> projected;
  projected.reserve(inputs.size());
  for (const Activation& x : inputs) projected.push_back(project(run, x));
  std::vector<View<const float>> sequences;
  sequences.reserve(projected.size());
  for (const Projected& x : projected) sequences.push_back(x.qkv().k);
  const bool hashed = attention->takes_hash();
  attention->prepare(projected.front().qkv(),
                     {hashed ? preparation.hash_file : std::nullopt, preparation.seed,
                      hashed && !hash.tensors.empty() ? &hash : nullptr, sequences});
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    inputs[i] = attend(run, projected[i], inputs[i].grid, inputs[i].tokens.rows());
  }
}

}  // namespace wattention
