#include "models/networks/layers/linear.hpp"

#include <cmath>

namespace wattention {

void Linear::read(StepOptions& options) {
  ratio = options.size_or("ratio", 0);
  out = ratio == 0 ? options.size("out") : 0;
  biased = options.flag_or("bias", true);
  in_out = options.flag_or("in_out", false);
}

Sizes Linear::bind(const Sizes& sizes) {
  in = sizes.channels;
  if (ratio != 0) out = product(ratio, in);
  return {sizes.tokens, out, sizes.grid};
}

void Linear::parameters(ParameterList& parameters) {
  weights = Tensor<float>::without_data(1, in, out);
  if (biased) bias = Tensor<float>::without_data(1, 1, out);
  const std::size_t in_file = band() * bands;
  const auto names = [&](const char* suffix) {
    std::vector<std::string> all{parameters.name(suffix)};
    for (const std::string& other : other_names) all.push_back(other + suffix);
    return all;
  };
  const float spread = 1.0F / std::sqrt(static_cast<float>(in));
  parameters.add({names(".weight"),
                  in_out ? std::vector{in, in_file} : std::vector{in_file, in},
                  Parameter::Start::normal,
                  spread,
                  {},
                  [this, in_file](const Array& array) {
                    weights = Tensor<float>(1, in, out);
                    for (std::size_t t = 0; t < taken.size(); ++t) {
                      for (std::size_t o = 0; o < band(); ++o) {
                        const std::size_t from = taken[t] * band() + o;
                        for (std::size_t i = 0; i < in; ++i) {
                          weights(0, i, t * band() + o) =
                              array.data[in_out ? i * in_file + from : from * in + i];
                        }
                      }
                    }
                  },
                  product(in, in_file - out)});
  if (!biased) return;
  parameters.add({names(".bias"),
                  {in_file},
                  Parameter::Start::zero,
                  0.0F,
                  {},
                  [this](const Array& array) {
                    bias = Tensor<float>(1, 1, out);
                    for (std::size_t t = 0; t < taken.size(); ++t) {
                      for (std::size_t o = 0; o < band(); ++o) {
                        bias(0, 0, t * band() + o) = array.data[taken[t] * band() + o];
                      }
                    }
                  },
                  in_file - out});
}

namespace {
const Registration<Layer, LayerOf<Linear>> registration{"linear", "x W + b"};
}

}  // namespace wattention
