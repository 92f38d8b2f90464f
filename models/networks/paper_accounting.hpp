#pragma once

// The accounting that EcoFormer's authors published (Liu et al., NeurIPS 2022, Tables 1 and 2, and
// the scripts of their released code): multiplications and additions alone, in fp32, from closed
// forms over a network's sizes. Nothing here is executed; what is executed is in the ledgers.
//
//     convolution   inputs of an output * outputs + outputs where there is a bias, of each
//     linear        tokens * in * out, its bias not counted, of each
//     layer norm    2 * tokens * channels, of each
//     softmax       mul 2 N M C + N M, add 2 N M C a head (N queries, M keys, C head dim)
//     EcoFormer     mul N (2 m + m b + b + 1 + C), add N (2 m C + m b + 2 b + 2 b C + C) a head
//                   (m anchors, b bits)
//     the rest      nothing: activations, residuals, pooling, embeddings

#include <cstdint>
#include <string>
#include <vector>

#include "models/networks/network.hpp"

namespace wattention {

/// What the accounting charges for one phase of one part.
struct PaperCharge {
  std::size_t part = 0;
  std::string phase;  // of an attention, ours that does this; of a layer, what is charged
  std::uint64_t multiplications = 0;
  std::uint64_t additions = 0;
};

/// An attention's core alone. Throws InputError for another attention than softmax and ecoformer.
std::vector<PaperCharge> paper_charges(const AttentionCore& core);

/// In the order of parts.
std::vector<PaperCharge> paper_charges(const Network& network);

/// A number as it is printed, so that its last digit is known.
struct Published {
  explicit Published(std::string printed);
  /// Whether `number` lies within half a unit of the last digit.
  bool covers(double number) const;

  std::string text;
  double value = 0.0;
  int decimals = 0;
};

/// One row of the published table: billions of operations and picojoules, percent.
struct PublishedNetwork {
  std::string network;
  Published multiplications, additions, energy, top1;
};

/// EcoFormer's rows.
const std::vector<PublishedNetwork>& published_ecoformer();

}  // namespace wattention
