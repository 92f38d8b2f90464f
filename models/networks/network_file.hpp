#pragma once

// Networks as data: docs/networks.md describes the file. A definition is found by name among those
// that ship (models/zoo/*.json, embedded in the binary), as FILE.json or FILE.json:NAME, or as a
// Hugging Face config.json, whose values replace those of the family that it names. Damaged files
// throw InputError with file and JSON pointer.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/networks/network.hpp"

namespace wattention {

struct ZooEntry {
  std::string name;
  std::string title;
};

/// All networks that ship, by name.
std::vector<ZooEntry> shipped_networks();

/// How tensors of a published file are called differently.
struct WeightNames {
  std::vector<std::string> prefixes;
  std::vector<std::pair<std::string, std::string>> renames;  // of last parts
  std::vector<std::string> ignores;                          // may hold '*'
};

class NetworkDefinition {
 public:
  /// Throws InputError for an unknown name, with the known ones and the nearest.
  static NetworkDefinition find(const std::string& name_or_path);
  /// `file` is the name for messages; `name` says which network of several, "" the only one.
  static NetworkDefinition parse(std::string_view text, const std::string& file,
                                 const std::string& name);

  const std::string& name() const { return name_; }
  const std::string& title() const { return title_; }
  const WeightNames& weight_names() const { return weight_names_; }
  /// Everything that the definition was read from, as JSON on one line.
  std::string content() const;

 private:
  friend class NetworkBuilder;

  void read(const std::string& name);
  void apply_config(const std::shared_ptr<const Json>& config);

  std::shared_ptr<const Json> document_;
  std::shared_ptr<const Json> config_;  // of Hugging Face; absent otherwise
  std::string name_;
  std::string title_;
  Scope scope_;
  WeightNames weight_names_;
};

/// An attention in place of the network's own, where it allows that.
struct Replacement {
  std::string name;
  std::function<std::unique_ptr<Attention>()> make;
};

struct NetworkOptions {
  std::optional<Replacement> replacement;
  std::optional<std::size_t> image_size;  // sides, in place of the file's
  std::optional<std::size_t> tokens;      // length, likewise
};

/// Throws InputError, with file and place, where layers do not fit together.
Network build_network(const NetworkDefinition& definition, const NetworkOptions& options);

}  // namespace wattention
