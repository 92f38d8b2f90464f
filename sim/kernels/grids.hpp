#pragma once

// Kernels over images as tokens: [1, height * width, channels], row by row. Zeros around the image
// take part in convolutions as numbers like others, as in published counts.

#include <algorithm>
#include <cstddef>
#include <vector>

#include "sim/kernels/layers.hpp"

namespace wattention {

/// Sides of an image.
struct Grid {
  std::size_t height = 0;
  std::size_t width = 0;

  std::size_t pixels() const { return product(height, width); }
  bool operator==(const Grid&) const = default;
};

/// A square window that slides over a grid.
struct Sliding {
  std::size_t kernel = 1;
  std::size_t stride = 1;
  std::size_t padding = 0;

  std::size_t taps() const { return kernel * kernel; }

  /// Positions of the window along a side: at least one where the padded side holds it.
  std::size_t positions(std::size_t side) const {
    const std::size_t padded = side + 2 * padding;
    return padded < kernel ? 0 : (padded - kernel) / stride + 1;
  }
  Grid positions(const Grid& grid) const { return {positions(grid.height), positions(grid.width)}; }
};

/// Calls visit(tap, pixel) for the taps of the window at output pixel (row, col); `pixel` is that
/// of the input, or grid.pixels() outside of it.
template <class Visit>
void each_tap(const Sliding& window, const Grid& grid, std::size_t row, std::size_t col,
              const Visit& visit) {
  for (std::size_t u = 0; u < window.kernel; ++u) {
    const std::size_t r = row * window.stride + u;
    const bool row_inside = r >= window.padding && r - window.padding < grid.height;
    for (std::size_t v = 0; v < window.kernel; ++v) {
      const std::size_t c = col * window.stride + v;
      const bool inside = row_inside && c >= window.padding && c - window.padding < grid.width;
      visit(u * window.kernel + v,
            inside ? (r - window.padding) * grid.width + c - window.padding : grid.pixels());
    }
  }
}

inline void demand_convolution(bool fits) {
  demand(fits,
         "convolution: expected x [1, pixels, groups * c], weights [groups, taps * c, m], bias "
         "[1, 1, groups * m] or none, out [1, positions, groups * m]");
}

/// out = x * W + b (cross-correlation): x [1, pixels, groups * c], weights [groups, taps * c, m],
/// taps outermost -> [1, positions, groups * m]; taps * c * m * groups macs a position and, where
/// there is a bias (a view with a head), an addition a number.
template <class Real>
void convolution(Phase& phase, const Sliding& window, const Grid& grid, Input<Real> x,
                 Input<Real> weights, Input<Real> bias, View<Real> out) {
  const std::size_t groups = weights.heads;
  const std::size_t channels = x.cols / groups;  // of a group
  const Grid positions = window.positions(grid);
  const bool biased = bias.heads != 0;
  demand_convolution(x.rows == grid.pixels() && x.cols == groups * channels &&
                     weights.rows == window.taps() * channels && out.rows == positions.pixels() &&
                     out.cols == groups * weights.cols && (!biased || bias.cols == out.cols));
  const Work<Real> work(
      phase,
      {{Op::mac, format_of<Real>, product(out.elements(), weights.rows)},
       {Op::add, format_of<Real>, biased ? out.elements() : 0}},
      product_of(x, weights, out, {groups, out.rows, weights.cols, weights.rows}) + reads(bias));
  if constexpr (!computes<Real>) return;
  constexpr std::size_t positions_per_block = std::is_same_v<Real, float> ? 64 : 16;
  View<Real> grouped = out;  // [groups, positions, m]
  grouped.heads = groups;
  grouped.cols = weights.cols;
  grouped.first_width = weights.cols;
  grouped.head_stride = weights.cols;
  const std::uint64_t macs = product(out.elements(), weights.rows);
  each_block<Real>(out.rows, positions_per_block, macs, [&](std::size_t first, std::size_t count) {
    Tensor<Real> patches(groups, count, weights.rows);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = first + i;
      each_tap(window, grid, at / positions.width, at % positions.width,
               [&](std::size_t tap, std::size_t pixel) {
                 for (std::size_t g = 0; g < groups; ++g) {
                   Real* const to = patches.view().row(g, i) + tap * channels;
                   if (pixel == grid.pixels()) {
                     std::fill_n(to, channels, Real(0.0F));
                   } else {
                     std::copy_n(x.row(0, pixel) + g * channels, channels, to);
                   }
                 }
               });
    }
    product_of_matrices<Real>(work, patches, weights, grouped.slice(first, count));
    if (biased) add_bias<Real>(bias, out, first, count);
  });
}

/// The same with as many groups as channels, one channel a group: weights [1, taps, channels].
template <class Real>
void depthwise_convolution(Phase& phase, const Sliding& window, const Grid& grid, Input<Real> x,
                           Input<Real> weights, Input<Real> bias, View<Real> out) {
  const Grid positions = window.positions(grid);
  const bool biased = bias.heads != 0;
  demand_convolution(x.rows == grid.pixels() && weights.rows == window.taps() &&
                     weights.cols == x.cols && out.rows == positions.pixels() &&
                     out.cols == x.cols && (!biased || bias.cols == out.cols));
  const Work<Real> work(phase,
                        {{Op::mac, format_of<Real>, product(out.elements(), weights.rows)},
                         {Op::add, format_of<Real>, biased ? out.elements() : 0}},
                        reads(x, weights, bias) + writes(out));
  if constexpr (!computes<Real>) return;
  const std::vector<Real> outside(x.cols, Real(0.0F));
  constexpr std::size_t positions_per_block = 256;
  const std::uint64_t macs = product(out.elements(), weights.rows);
  each_block<Real>(out.rows, positions_per_block, macs, [&](std::size_t first, std::size_t count) {
    std::vector<Sum<Real>> sums(x.cols);
    for (std::size_t at = first; at < first + count; ++at) {
      std::fill(sums.begin(), sums.end(), Sum<Real>(0));
      each_tap(window, grid, at / positions.width, at % positions.width,
               [&](std::size_t tap, std::size_t pixel) {
                 const Real* const from = pixel == grid.pixels() ? outside.data() : x.row(0, pixel);
                 const Real* const factors = weights.row(0, tap);
                 for (std::size_t c = 0; c < x.cols; ++c) {
                   sums[c] = mac(sums[c], from[c], factors[c]);
                 }
               });
      Real* const to = out.row(0, at);
      for (std::size_t c = 0; c < x.cols; ++c) to[c] = real_of<Real>(sums[c]);
      if (biased) add_bias<Real>(bias, out, at, 1);
    }
  });
}

/// Cell i of n along a side: [floor(i side / n), ceil((i + 1) side / n)), so that cells overlap
/// where n does not divide the side.
struct Cell {
  Cell(std::size_t i, std::size_t n, std::size_t side)
      : begin(i * side / n), end(((i + 1) * side + n - 1) / n) {}
  std::size_t size() const { return end - begin; }
  std::size_t begin;
  std::size_t end;
};

/// out = means over the cells of a coarser grid: for every number of out, the cell's pixels less
/// one additions, and a multiplication by a factor that is known before.
template <class Real>
void mean_of_cells(Phase& phase, const Grid& grid, const Grid& cells, Input<Real> x,
                   View<Real> out) {
  demand(x.rows == grid.pixels() && out.rows == cells.pixels() && out.cols == x.cols,
         "mean_of_cells: expected a row for each pixel and for each cell");
  std::uint64_t heights = 0;
  std::uint64_t widths = 0;
  for (std::size_t i = 0; i < cells.height; ++i)
    heights += Cell(i, cells.height, grid.height).size();
  for (std::size_t j = 0; j < cells.width; ++j) widths += Cell(j, cells.width, grid.width).size();
  const std::uint64_t summed = product(heights, widths, x.cols);
  const Work<Real> work(phase,
                        {{Op::add, format_of<Sum<Real>>, summed - out.elements()},
                         {Op::mul, format_of<Sum<Real>>, out.elements()}},
                        reads(x) + writes(out));
  if constexpr (!computes<Real>) return;
  std::vector<Sum<Real>> totals(x.cols);
  for (std::size_t at = 0; at < out.rows; ++at) {
    const Cell rows(at / cells.width, cells.height, grid.height);
    const Cell cols(at % cells.width, cells.width, grid.width);
    const Sum<Real> factor(1.0F / static_cast<float>(rows.size() * cols.size()));
    bool first = true;
    for (std::size_t r = rows.begin; r < rows.end; ++r) {
      for (std::size_t c = cols.begin; c < cols.end; ++c) {
        const Real* const from = x.row(0, r * grid.width + c);
        for (std::size_t k = 0; k < x.cols; ++k) {
          const auto number = real_of<Sum<Real>>(from[k]);
          totals[k] = first ? number : totals[k] + number;
        }
        first = false;
      }
    }
    for (std::size_t k = 0; k < x.cols; ++k) out(0, at, k) = real_of<Real>(totals[k] * factor);
  }
}

}  // namespace wattention
