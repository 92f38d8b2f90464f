#pragma once

// One run of a sweep: everything that its figures depend on but the version of Wattention and the
// contents of the cost table and of the network's file. All of that together makes its key, a UUID
// of version 5 (RFC 4122): equal runs have equal keys on every machine, so that no run is done
// twice. `text_of` is canonical JSON: keys in order, defaults written out.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wattention {

struct SweptAttention {
  std::string name;
  std::vector<std::pair<std::string, std::string>> options;  // those that were set, by name

  /// "ecoformer form=hamming"
  std::string label() const;
  bool operator==(const SweptAttention&) const = default;
};

struct Configuration {
  std::string network;                      // empty: an attention alone
  std::optional<SweptAttention> attention;  // absent: the network's own
  std::string table;
  std::string mode = "execute";
  std::string precision = "fp32";
  std::string accumulate = "fp32";
  std::string accounting = "complete";
  std::string memory = "tiled";
  std::uint64_t seed = 1;
  bool allow_nonfinite = false;  // in outputs; otherwise such a run fails
  // of an attention
  std::size_t heads = 1;
  std::size_t head_dim = 0;
  std::optional<std::size_t> keys;       // absent: as many as queries
  bool share_qk = false;                 // the queries are the keys
  std::optional<std::size_t> value_dim;  // absent: head_dim
  // of either
  std::optional<std::size_t> tokens;
  // of a network
  std::string layer_precision = "fp32";
  std::optional<std::size_t> image_size;

  bool of_network() const { return !network.empty(); }
  bool operator==(const Configuration&) const = default;
};

/// One line of JSON.
std::string text_of(const Configuration& configuration);

/// A UUID of the text, in lower case.
std::string content_id(std::string_view text);

}  // namespace wattention
