#include "models/hash_functions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "sim/files/finite.hpp"
#include "sim/files/safetensors.hpp"
#include "sim/names.hpp"
#include "sim/random.hpp"

namespace wattention {
namespace {

/// Keys over which the mean of drawn hash functions is taken: enough for three digits.
constexpr std::size_t most_keys_of_mean = 16384;

Tensor<float> head_tensor(const Array& array, std::size_t heads, std::size_t rows,
                          std::size_t cols) {
  Tensor<float> tensor(heads, rows, cols);
  std::ranges::copy(array.data, tensor.data());
  return tensor;
}

/// Rows 0, s, 2 s, ... with the smallest stride s that leaves at most `most`.
View<const float> evenly_spaced(View<const float> x, std::size_t most) {
  const std::size_t stride = (x.rows + most - 1) / most;
  x.rows = (x.rows + stride - 1) / stride;
  x.row_stride *= stride;
  return x;
}

/// mean_j exp(-||x'_i - a_j||^2 / (2 sigma)) over i, [H, 1, m], sigma being that of these keys.
Tensor<float> mean_kernel(const View<const float>& keys, const Tensor<float>& anchors) {
  const std::size_t heads = keys.heads;
  Ledger uncounted{"set-up"};
  Phase& phase = uncounted["set-up"];
  Tensor<float> unit(heads, keys.rows, keys.cols);
  Tensor<float> kernel(heads, keys.rows, anchors.cols());
  Tensor<float> sigma(heads, 1, 1);
  Tensor<float> zero(heads, 1, anchors.cols());
  std::fill_n(zero.data(), zero.size(), 0.0F);
  normalise_rows<float>(phase, keys, unit);
  squared_distances<float>(phase, unit, anchors, kernel);
  mean_of_head<float>(phase, kernel, sigma);
  gaussian_factor<float>(phase, sigma, sigma);
  centred_gaussian<float>(phase, kernel, sigma, zero, kernel);
  Tensor<float> mean(heads, 1, anchors.cols());
  sum_of_rows<float>(phase, kernel, mean);
  scaled<float>(phase, mean, 1.0F / static_cast<float>(keys.rows), mean);
  return mean;
}

}  // namespace

Tensor<float> HashFunctions::factor() const {
  if (sigma.data() == nullptr) return Tensor<float>::without_data(sigma.heads(), 1, 1);
  Tensor<float> factor(sigma.heads(), 1, 1);
  for (std::size_t h = 0; h < factor.heads(); ++h) {
    factor(h, 0, 0) = -0.5F / std::max(sigma(h, 0, 0), 1e-12F);
  }
  return factor;
}

HashFunctions load_hash_functions(const std::string& file, std::size_t heads,
                                  std::size_t head_dim) {
  const std::map<std::string, Array> tensors = load_safetensors(file);
  for (const auto& [name, array] : tensors) demand_finite_parameter(array, file, name);
  return hash_functions_of(tensors, file, heads, head_dim);
}

HashFunctions hash_functions_of(const std::map<std::string, Array>& arrays, const std::string& file,
                                std::size_t heads, std::size_t head_dim) {
  const std::vector<std::string> known{"anchors", "coefficients", "mean", "sigma"};
  for (const auto& [name, array] : arrays) {
    if (std::ranges::find(known, name) == known.end()) {
      throw InputError(file, "tensors", one_of(known, name), in_quotes(name));
    }
  }
  const auto array_of = [&](const std::string& name, const std::string& sizes) -> const Array& {
    const auto found = arrays.find(name);
    if (found == arrays.end()) {
      throw InputError(file, name, fmt::format("a tensor {}", sizes), "none");
    }
    return found->second;
  };
  const auto demand_shape = [&](const std::string& name, const Array& array,
                                const std::vector<std::size_t>& shape, const std::string& sizes) {
    if (array.shape != shape) {
      throw InputError(file, name, fmt::format("shape {} {}", sizes, shape_text(shape)),
                       shape_text(array.shape));
    }
  };

  const std::string anchor_sizes = "[key heads, anchors, head dim]";
  const std::string coefficient_sizes = "[key heads, bits, anchors]";
  const Array& anchors = array_of("anchors", anchor_sizes);
  const Array& coefficients = array_of("coefficients", coefficient_sizes);
  const Array& mean = array_of("mean", "[key heads, anchors]");
  const std::size_t anchor_count = anchors.shape.size() == 3 ? anchors.shape[1] : 0;
  const std::size_t bits = coefficients.shape.size() == 3 ? coefficients.shape[1] : 0;
  demand_shape("anchors", anchors, {heads, std::max<std::size_t>(anchor_count, 1), head_dim},
               anchor_sizes);
  demand_shape("coefficients", coefficients, {heads, std::max<std::size_t>(bits, 1), anchor_count},
               coefficient_sizes);
  demand_shape("mean", mean, {heads, anchor_count}, "[key heads, anchors]");

  HashFunctions functions;
  functions.anchors = transposed(head_tensor(anchors, heads, anchor_count, head_dim).view());
  functions.coefficients = transposed(head_tensor(coefficients, heads, bits, anchor_count).view());
  functions.mean = head_tensor(mean, heads, 1, anchor_count);
  if (arrays.contains("sigma")) {
    demand_shape("sigma", arrays.at("sigma"), {heads}, "[key heads]");
    functions.sigma = head_tensor(arrays.at("sigma"), heads, 1, 1);
  }
  functions.origin = file;
  return functions;
}

std::map<std::string, Array> hash_tensors(const HashFunctions& functions) {
  const auto array_of = [](const View<const float>& x, std::vector<std::size_t> shape) {
    return Array{std::move(shape), std::vector<float>(x.data, x.data + x.elements())};
  };
  const std::size_t heads = functions.anchors.heads();
  const std::size_t anchor_count = functions.anchors.cols();
  const Tensor<float> anchors = transposed(functions.anchors.view());
  const Tensor<float> coefficients = transposed(functions.coefficients.view());
  std::map<std::string, Array> tensors{
      {"anchors", array_of(anchors, {heads, anchor_count, anchors.cols()})},
      {"coefficients", array_of(coefficients, {heads, functions.bits(), anchor_count})},
      {"mean", array_of(functions.mean, {heads, anchor_count})}};
  if (functions.brings_sigma()) tensors["sigma"] = array_of(functions.sigma, {heads});
  return tensors;
}

HashFunctions draw_hash_start(std::span<const View<const float>> sequences, std::size_t anchors,
                              std::size_t bits, std::uint64_t seed) {
  struct Token {
    const View<const float>* sequence;
    std::size_t row;
  };
  std::vector<Token> order;
  for (const View<const float>& x : sequences) {
    demand(x.heads == sequences.front().heads && x.cols == sequences.front().cols,
           "draw_hash_start: expected sequences that agree in heads and head dim");
    for (std::size_t i = 0; i < x.rows; ++i) order.push_back({&x, i});
  }
  const std::size_t heads = sequences.front().heads;
  const std::size_t head_dim = sequences.front().cols;

  Random random(seed);
  Tensor<float> drawn(heads, anchors, head_dim);
  for (std::size_t a = 0; a < anchors; ++a) {
    const std::size_t place = a % order.size();  // past the last token, the same ones again
    if (a < order.size()) {
      std::swap(order[place], order[place + random.below(order.size() - place)]);
    }
    for (std::size_t h = 0; h < heads; ++h) {
      std::copy_n(order[place].sequence->row(h, order[place].row), head_dim,
                  drawn.view().row(h, a));
    }
  }
  Ledger uncounted{"set-up"};
  Tensor<float> unit_anchors(heads, anchors, head_dim);
  normalise_rows<float>(uncounted["set-up"], drawn, unit_anchors);

  HashFunctions functions;
  functions.anchors = transposed(unit_anchors.view());
  functions.coefficients = Tensor<float>(heads, anchors, bits);
  std::generate_n(functions.coefficients.data(), functions.coefficients.size(),
                  [&random] { return random.normal(); });
  return functions;
}

HashFunctions draw_hash_functions(std::span<const View<const float>> sequences, std::size_t anchors,
                                  std::size_t bits, std::uint64_t seed) {
  const View<const float>& first = sequences.front();
  const std::string origin =
      sequences.size() == 1
          ? fmt::format("drawn from the input's keys, seed {}", seed)
          : fmt::format("drawn from the keys of {} inputs, seed {}", sequences.size(), seed);
  HashFunctions functions;
  if (first.data == nullptr) {
    functions.origin = origin;
    functions.anchors = Tensor<float>::without_data(first.heads, first.cols, anchors);
    functions.coefficients = Tensor<float>::without_data(first.heads, anchors, bits);
    functions.mean = Tensor<float>::without_data(first.heads, 1, anchors);
    return functions;
  }

  functions = draw_hash_start(sequences, anchors, bits, seed);
  functions.origin = origin;
  for (const View<const float>& keys : sequences) {
    Tensor<float> mean = mean_kernel(evenly_spaced(keys, most_keys_of_mean), functions.anchors);
    if (functions.mean.heads() == 0) {
      functions.mean = std::move(mean);
    } else {
      for (std::size_t i = 0; i < mean.size(); ++i) functions.mean.data()[i] += mean.data()[i];
    }
  }
  const auto count = static_cast<float>(sequences.size());
  for (std::size_t i = 0; i < functions.mean.size(); ++i) functions.mean.data()[i] /= count;
  return functions;
}

}  // namespace wattention
