#pragma once

// Labelled images by name: "fashion-mnist" (Xiao, Rasul, Vollgraf, 2017) in the idx files that
// Debian's package dataset-fashion-mnist installs, gzipped or not.

#include <cstdint>
#include <string>
#include <vector>

#include "models/networks/network.hpp"

namespace wattention {

struct LabelledImages {
  Grid grid;
  std::vector<std::uint8_t> pixels;  // [images, height, width]
  std::vector<std::uint8_t> labels;

  std::size_t size() const { return labels.size(); }
};

struct Dataset {
  std::string description;
  LabelledImages training;
  LabelledImages test;
};

/// "fashion-mnist" or "fashion-mnist:FOLDER". Throws InputError for another name, and for files
/// that are missing, damaged or do not belong together.
Dataset load_dataset(const std::string& name);

/// One image as the network takes it: (pixel / 255 - mean) / deviation. Preprocessing, uncounted.
Activation image_of(const LabelledImages& images, std::size_t index, const NetworkInput& input);

/// Throws InputError where the network's input is not of these sizes.
void demand_fit(const LabelledImages& images, const Network& network, const std::string& dataset);

/// The numbers of an idx file of bytes with that many sides (Y. LeCun's format); `file` is the name
/// for messages.
struct IdxBytes {
  std::vector<std::size_t> shape;
  std::vector<std::uint8_t> data;
};
IdxBytes parse_idx(const std::string& bytes, std::size_t sides, const std::string& file);

}  // namespace wattention
