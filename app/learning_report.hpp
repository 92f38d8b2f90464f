#pragma once

// What `learn-hash` tells: the loss of every bit before and after, learning's own operations and
// energy. For people as a document, for programs as JSON of schema wattention-learning/1. Losses
// are means over heads and sequences, energies picojoules, traffic bytes.

#include <string>
#include <vector>

#include "models/hash_learning.hpp"
#include "reports/document/document.hpp"
#include "sim/prices/price.hpp"

namespace wattention {

struct Learning {
  std::string input;   // a file or a folder
  std::string output;  // the file of hash functions
  LearningOptions options;
  std::size_t heads = 0;
  std::size_t head_dim = 0;
  std::vector<std::size_t> tokens;  // of each sequence
  const EnergyTable& table;
  const LearnedHash& learned;
  std::vector<PricedOperation> priced;
  double host_seconds = 0.0;

  /// Bits whose loss the descent lowered.
  std::size_t improved() const;
  /// "2 sequences, 4 heads, 228 tokens, head dim 64"
  std::string shape() const;
};

/// "bits=16 anchors=25 ..."
std::string options_text(const LearningOptions& options);

Document document_of(const Learning& learning);
std::string json_of(const Learning& learning);

}  // namespace wattention
