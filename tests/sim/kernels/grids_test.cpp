#include "sim/kernels/grids.hpp"

#include <catch2/catch.hpp>

#include "sim/random.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

Tensor<float> drawn(std::size_t heads, std::size_t rows, std::size_t cols, std::uint64_t seed) {
  Tensor<float> x(heads, rows, cols);
  Random random(seed);
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = random.normal();
  return x;
}

/// A pixel of the image with zeros around it.
double pixel(const Tensor<float>& x, const Grid& grid, long row, long col, std::size_t channel) {
  if (row < 0 || col < 0 || row >= static_cast<long>(grid.height) ||
      col >= static_cast<long>(grid.width)) {
    return 0.0;
  }
  return x(0, static_cast<std::size_t>(row) * grid.width + static_cast<std::size_t>(col), channel);
}

struct Form {
  Grid grid;
  std::size_t kernel, stride, padding, groups, channels, outputs;  // both of a group
};

/// out[o, r, c] = bias[o] + sum over taps and channels of the group of o.
double naive(const Form& f, const Tensor<float>& x, const Tensor<float>& weights,
             const Tensor<float>& bias, const Grid& to, std::size_t at, std::size_t o) {
  const std::size_t g = o / f.outputs;
  double total = bias(0, 0, o);
  for (std::size_t u = 0; u < f.kernel; ++u) {
    for (std::size_t v = 0; v < f.kernel; ++v) {
      const long row =
          static_cast<long>(at / to.width * f.stride + u) - static_cast<long>(f.padding);
      const long col =
          static_cast<long>(at % to.width * f.stride + v) - static_cast<long>(f.padding);
      for (std::size_t i = 0; i < f.channels; ++i) {
        total += pixel(x, f.grid, row, col, g * f.channels + i) *
                 weights(g, (u * f.kernel + v) * f.channels + i, o % f.outputs);
      }
    }
  }
  return total;
}

}  // namespace

TEST_CASE("A convolution is the naive sum, with stride, padding and groups") {
  const Form f = GENERATE(Form{{1, 1}, 1, 1, 0, 1, 1, 1}, Form{{7, 5}, 1, 1, 0, 1, 3, 4},
                          Form{{7, 5}, 3, 1, 1, 1, 2, 3}, Form{{7, 5}, 3, 2, 1, 1, 3, 5},
                          Form{{9, 4}, 2, 2, 0, 1, 3, 2}, Form{{7, 5}, 7, 4, 3, 1, 3, 4},
                          Form{{7, 5}, 3, 2, 0, 3, 2, 4}, Form{{5, 7}, 3, 1, 2, 4, 1, 1},
                          Form{{1, 1}, 3, 5, 1, 2, 1, 3});
  const Sliding window{f.kernel, f.stride, f.padding};
  const Grid to = window.positions(f.grid);
  const std::size_t outputs = f.groups * f.outputs;
  const auto x = drawn(1, f.grid.pixels(), f.groups * f.channels, 1);
  const auto w = drawn(f.groups, window.taps() * f.channels, f.outputs, 2);
  const auto b = drawn(1, 1, outputs, 3);
  Tensor<float> out(1, to.pixels(), outputs);
  Ledger ledger{"convolution"};
  convolution<float>(ledger.only_phase(), window, f.grid, x, w, b, out);
  CHECK(to.height == (f.grid.height + 2 * f.padding - f.kernel) / f.stride + 1);
  CHECK(to.width == (f.grid.width + 2 * f.padding - f.kernel) / f.stride + 1);
  for (std::size_t at = 0; at < to.pixels(); ++at) {
    for (std::size_t o = 0; o < outputs; ++o) {
      CHECK(out(0, at, o) == Approx(naive(f, x, w, b, to, at, o)).margin(1e-5));
    }
  }
  CHECK(ledger.declared() ==
        counts({{Op::mac, Format::fp32, to.pixels() * outputs * f.kernel * f.kernel * f.channels},
                {Op::add, Format::fp32, to.pixels() * outputs}}));
}

TEST_CASE("A depthwise convolution is one with as many groups as channels") {
  for (const Sliding& window : {Sliding{3, 1, 1}, Sliding{3, 2, 0}, Sliding{5, 3, 2}}) {
    const Grid grid{7, 5};
    constexpr std::size_t channels = 33;
    const Grid to = window.positions(grid);
    const auto x = drawn(1, grid.pixels(), channels, 1);
    const auto depthwise = drawn(1, window.taps(), channels, 2);
    const auto bias = drawn(1, 1, channels, 3);
    Tensor<float> grouped(channels, window.taps(), 1);
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t t = 0; t < window.taps(); ++t) grouped(c, t, 0) = depthwise(0, t, c);
    }
    Tensor<float> a(1, to.pixels(), channels);
    Tensor<float> b(1, to.pixels(), channels);
    Ledger first{"a"};
    Ledger second{"b"};
    depthwise_convolution<float>(first.only_phase(), window, grid, x, depthwise, bias, a);
    convolution<float>(second.only_phase(), window, grid, x, grouped, bias, b);
    for (std::size_t i = 0; i < a.size(); ++i) {
      CHECK(a.data()[i] == Approx(b.data()[i]).margin(1e-5));
    }
    CHECK(first.declared() == second.declared());
    CHECK(first.only_phase().traffic() == second.only_phase().traffic());
    CHECK(first.declared() ==
          counts({{Op::mac, Format::fp32, to.pixels() * channels * window.taps()},
                  {Op::add, Format::fp32, to.pixels() * channels}}));
  }
}

TEST_CASE("A convolution refuses tensors that do not fit its window") {
  const auto x = drawn(1, 35, 3, 1);
  const auto w = drawn(1, 9 * 3, 4, 2);
  Tensor<float> out(1, 35, 4);
  Ledger ledger{"convolution"};
  const auto run = [&](const Sliding& window, const Grid& grid) {
    convolution<float>(ledger.only_phase(), window, grid, x, w, Tensor<float>(), out);
  };
  CHECK_NOTHROW(run({3, 1, 1}, {7, 5}));
  CHECK_THROWS_AS(run({3, 1, 0}, {7, 5}), Error);
  CHECK_THROWS_AS(run({3, 1, 1}, {6, 5}), Error);
  CHECK_THROWS_AS(run({2, 1, 1}, {7, 5}), Error);
}

TEST_CASE("Means of cells overlap where the cells do not divide the sides") {
  const auto [grid, cells] = GENERATE(table<Grid, Grid>({{{7, 5}, {3, 3}},
                                                         {{7, 5}, {1, 1}},
                                                         {{7, 5}, {7, 5}},
                                                         {{4, 6}, {2, 3}},
                                                         {{2, 3}, {7, 7}},
                                                         {{1, 1}, {1, 1}}}));
  const auto x = drawn(1, grid.pixels(), 3, 1);
  Tensor<float> out(1, cells.pixels(), 3);
  Ledger ledger{"means"};
  mean_of_cells<float>(ledger.only_phase(), grid, cells, x, out);
  std::uint64_t additions = 0;
  for (std::size_t i = 0; i < cells.height; ++i) {
    for (std::size_t j = 0; j < cells.width; ++j) {
      // A pixel belongs to cell i where its stretch [r, r + 1) meets [i side / n, (i + 1) side /
      // n).
      const auto within = [](std::size_t p, std::size_t cell, std::size_t n, std::size_t side) {
        return (p + 1) * n > cell * side && p * n < (cell + 1) * side;
      };
      for (std::size_t c = 0; c < 3; ++c) {
        double total = 0.0;
        std::size_t pixels = 0;
        for (std::size_t r = 0; r < grid.height; ++r) {
          for (std::size_t s = 0; s < grid.width; ++s) {
            if (!within(r, i, cells.height, grid.height)) continue;
            if (!within(s, j, cells.width, grid.width)) continue;
            total += x(0, r * grid.width + s, c);
            ++pixels;
          }
        }
        additions += pixels - 1;
        CHECK(out(0, i * cells.width + j, c) ==
              Approx(total / static_cast<double>(pixels)).margin(1e-6));
      }
    }
  }
  CHECK(ledger.declared() ==
        counts({{Op::add, Format::fp32, additions}, {Op::mul, Format::fp32, 3 * cells.pixels()}}));
}
