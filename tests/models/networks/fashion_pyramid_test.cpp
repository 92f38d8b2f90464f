// The network that was trained, against what its training gave: models/weights/fashion_pyramid.

#include <filesystem>

#include "models/networks/dataset.hpp"
#include "sim/files/mapped_file.hpp"
#include "sim/files/npy.hpp"
#include "tests/models/networks/small_networks.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

const std::string dataset_folder = "/usr/share/datasets/fashion-mnist";

#ifdef WATTENTION_SANITIZED  // an image takes seconds
constexpr std::size_t images_compared = 3;
constexpr std::size_t images_of_dataset = 3;
#else
constexpr std::size_t images_compared = 64;
constexpr std::size_t images_of_dataset = 500;
#endif

std::string weights_of(const std::string& variant) {
  return std::string(WATTENTION_SOURCE_DIR) + "/models/weights/fashion_pyramid/" + variant +
         ".safetensors";
}

/// The numbers of an .npy file of bytes, whose header takes 128.
std::vector<std::uint8_t> bytes_of(const std::string& name) {
  const MappedFile file(test_data("networks/fashion_pyramid/" + name));
  const auto* const first = reinterpret_cast<const std::uint8_t*>(file.bytes().data());
  constexpr std::size_t header = 128;
  REQUIRE(file.bytes().size() > header);
  return {first + header, first + file.bytes().size()};
}

/// The first 64 test images.
LabelledImages given_images() { return {{28, 28}, bytes_of("images.npy"), bytes_of("labels.npy")}; }

Network trained(const std::string& weights, const std::string& attention,
                const std::vector<std::pair<std::string, std::string>>& settings = {}) {
  const NetworkDefinition definition = NetworkDefinition::find("fashion_pyramid");
  NetworkOptions options;
  if (attention != "softmax") {
    options.replacement = {attention, [attention, settings] {
                             auto made = attention_named(attention);
                             for (const auto& [name, value] : settings) {
                               made->options().set(attention, name, value);
                             }
                             return made;
                           }};
  }
  Network network = build_network(definition, options);
  load_weights(network, definition, options, weights_of(weights));
  return network;
}

std::vector<float> logits_of(const Network& network, const LabelledImages& images, std::size_t i) {
  auto ledgers = network.ledgers();
  const Activation y =
      network.run(Mode::execute, {}, image_of(images, i, network.input()), ledgers);
  return {y.tokens.data(), y.tokens.data() + y.tokens.size()};
}

std::size_t class_of(const float* logits) {
  return static_cast<std::size_t>(std::max_element(logits, logits + 10) - logits);
}

void prepare_with(Network& network, const LabelledImages& images, std::size_t count) {
  std::vector<Activation> inputs;
  for (std::size_t i = 0; i < count; ++i) inputs.push_back(image_of(images, i, network.input()));
  network.prepare({1, {}}, std::move(inputs));
}

bool dataset_is_here() {
  if (std::filesystem::is_directory(dataset_folder)) return true;
  WARN("left out: Debian's package dataset-fashion-mnist is not installed");
  return false;
}

}  // namespace

TEST_CASE("Trained pyramids give the logits that training gave, with either attention") {
  const std::string variant = GENERATE("msa", "ecoformer");
  Network network = trained(variant, variant == "msa" ? "softmax" : variant);
  const LabelledImages images = given_images();
  REQUIRE(images.size() == 64);
  REQUIRE(images.pixels.size() == 64 * 784);
  prepare_with(network, images, 1);
  const Array expected =
      load_npy_array(test_data("networks/fashion_pyramid/" + variant + "/logits.npy"));
  REQUIRE(expected.shape == std::vector<std::size_t>{64, 10});
  for (std::size_t i = 0; i < images_compared; ++i) {
    const std::vector<float> logits = logits_of(network, images, i);
    const float* const given = expected.data.data() + i * 10;
    for (std::size_t c = 0; c < 10; ++c)
      CHECK(logits[c] == Approx(given[c]).margin(1e-3).epsilon(0));
    CHECK(class_of(logits.data()) == class_of(given));
  }
}

TEST_CASE("Trained pyramids balance their books on an image, native and replaced") {
  const std::string variant = GENERATE("msa", "ecoformer");
  Network network = trained(variant, variant == "msa" ? "softmax" : variant);
  const LabelledImages images = given_images();
  prepare_with(network, images, 1);
  check_books(network, image_of(images, 3, network.input()));
}

TEST_CASE("The 64 images given are the data set's first, with its labels") {
  if (!dataset_is_here()) return;
  const Dataset dataset = load_dataset("fashion-mnist");
  CHECK(dataset.training.size() == 60000);
  CHECK(dataset.test.size() == 10000);
  const LabelledImages given = given_images();
  CHECK(std::equal(given.pixels.begin(), given.pixels.end(), dataset.test.pixels.begin()));
  CHECK(std::equal(given.labels.begin(), given.labels.end(), dataset.test.labels.begin()));
}

TEST_CASE("Trained pyramids put the data set's first images in the classes that training did") {
  if (!dataset_is_here()) return;
  const Dataset dataset = load_dataset("fashion-mnist");
  const std::string variant = GENERATE("msa", "ecoformer");
  Network network = trained(variant, variant == "msa" ? "softmax" : variant);
  prepare_with(network, dataset.test, 1);
  const std::vector<std::uint8_t> predicted = bytes_of(variant + "/predictions10k.npy");
  REQUIRE(predicted.size() == 10000);
  std::size_t differ = 0;
  for (std::size_t i = 0; i < images_of_dataset; ++i) {
    if (class_of(logits_of(network, dataset.test, i).data()) != predicted[i]) ++differ;
  }
  // A code whose projection is within rounding of 0 may tip over and change an image's class.
  CHECK(differ <= (variant == "msa" ? 0U : 1U));
}

#ifndef WATTENTION_SANITIZED  // a few images say nothing about accuracy
TEST_CASE("Softmax weights run under EcoFormer without fine-tuning, with learned hash functions") {
  if (!dataset_is_here()) return;
  // 77.6% of 10,000 in training's own figures; 70% leaves room for 500 images and another start.
  const Dataset dataset = load_dataset("fashion-mnist");
  Network network = trained("msa", "ecoformer", {{"hash", "learned"}});
  constexpr std::size_t for_hash = 16;
  prepare_with(network, dataset.training, for_hash);
  std::size_t correct = 0;
  for (std::size_t i = 0; i < images_of_dataset; ++i) {
    if (class_of(logits_of(network, dataset.test, i).data()) == dataset.test.labels[i]) ++correct;
  }
  CHECK(correct * 10 > images_of_dataset * 7);
}
#endif
