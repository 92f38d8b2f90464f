#include "measure/network_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "sim/files/finite.hpp"
#include "sim/files/npy.hpp"

namespace wattention {
namespace {

/// Training images that hash functions are drawn from or learned on, as EcoFormer's fine-tuning has
/// it.
constexpr std::size_t images_for_hash = 16;

std::size_t rows_of_input(const Array& array, const Sizes& sizes, const std::string& file) {
  const std::vector<std::size_t> image{sizes.channels, sizes.grid.height, sizes.grid.width};
  if (array.shape.size() == 4 && std::equal(image.begin(), image.end(), array.shape.begin() + 1)) {
    return array.shape.front();
  }
  throw InputError(file, "header: shape",
                   fmt::format("[batch, {}, {}, {}]", image[0], image[1], image[2]),
                   shape_text(array.shape));
}

NetworkInputs inputs_from_file(const std::string& file, const Sizes& sizes, bool allow_nonfinite) {
  if (sizes.ids) {
    const IntegerArray ids = load_npy_integers(file);
    for (std::size_t i = 0; i < ids.data.size(); ++i) {
      if (ids.data[i] < 0 || static_cast<std::size_t>(ids.data[i]) >= sizes.channels) {
        throw InputError(file, fmt::format("data: number {}", i),
                         fmt::format("a token id below {}", sizes.channels),
                         fmt::format("{}", ids.data[i]));
      }
    }
    return {file, 1, [ids](std::size_t) {
              return Activation{Tensor<float>::without_data(1, ids.data.size(), 1), {}, ids.data};
            }};
  }
  const auto array = std::make_shared<Array>(load_npy_array(file));
  if (!allow_nonfinite) demand_finite(*array, file);
  const std::size_t count = rows_of_input(*array, sizes, file);
  return {file, count,
          [array, sizes](std::size_t index) {
            Activation x{Tensor<float>(1, sizes.tokens, sizes.channels), sizes.grid, {}};
            const float* const from = array->data.data() + index * x.tokens.size();
            for (std::size_t c = 0; c < sizes.channels; ++c) {
              for (std::size_t t = 0; t < sizes.tokens; ++t) {
                x.tokens(0, t, c) = from[c * sizes.tokens + t];
              }
            }
            return x;
          },
          nonfinite_in(*array).count};
}

}  // namespace

NetworkInputs network_inputs(const NetworkJob& job, const Network& network) {
  const Sizes& sizes = network.input().sizes;
  if (job.how.mode == Mode::estimate) {
    return {"sizes alone", 1, [sizes](std::size_t) { return input_without_data(sizes); }};
  }
  if (job.dataset != nullptr) {
    const LabelledImages& images = job.dataset->test;
    demand_fit(images, network, job.dataset->description);
    const std::size_t count = std::min(images.size(), job.limit.value_or(images.size()));
    return {fmt::format("{}: {} test images", job.dataset->description, count), count,
            [&images, &network](std::size_t i) { return image_of(images, i, network.input()); }};
  }
  if (job.input) return inputs_from_file(*job.input, sizes, job.how.allow_nonfinite);
  return {fmt::format("drawn, seed {}", job.seed), 1,
          [sizes, seed = job.seed](std::size_t) { return drawn_input(sizes, seed); }};
}

void prepare_attentions(Network& network, const NetworkJob& job, const NetworkInputs& inputs) {
  const auto any = [&](const auto& holds) {
    return std::ranges::any_of(network.parts(), [&](const NetworkPart& part) {
      return part.core && part.core->replaced && holds(*part.core->instance);
    });
  };
  const bool replaced = any([](const Attention&) { return true; });
  const bool hashes = any([](const Attention& attention) { return attention.takes_hash(); });
  std::vector<Activation> examples;
  if (!replaced || job.how.mode == Mode::estimate) {
    examples.push_back(input_without_data(network.input().sizes));
  } else if (hashes && job.dataset != nullptr) {
    const LabelledImages& training = job.dataset->training;
    for (std::size_t i = 0; i < std::min(images_for_hash, training.size()); ++i) {
      examples.push_back(image_of(training, i, network.input()));
    }
  } else {
    const std::size_t most = hashes ? images_for_hash : 1;
    for (std::size_t i = 0; i < std::min(most, inputs.count); ++i) {
      examples.push_back(inputs.make(i));
    }
  }
  network.prepare({job.seed, job.hash}, std::move(examples));
}

std::optional<std::size_t> tokens_of_input(const NetworkJob& job) {
  if (!job.input) return job.tokens;
  const Network probe = build_network(job.definition, {});
  if (!probe.input().sizes.ids) return {};
  const IntegerArray ids = load_npy_integers(*job.input);
  if (ids.shape.size() != 1) {
    throw InputError(*job.input, "header: shape", "[tokens]", shape_text(ids.shape));
  }
  return ids.data.size();
}

}  // namespace wattention
