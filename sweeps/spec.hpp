#pragma once

// A sweep as a file: a grid of attentions and of networks (docs/sweeps.md). Every key but the
// version may hold one value or a list; the runs are all combinations, each once. Read through the
// strict cursor: an unknown key, name or option throws InputError with file, JSON pointer and the
// nearest known one. Everything that the file names is found and read here, so that a sweep does
// not stop half-way for a misspelt table.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/networks/network_file.hpp"
#include "sim/prices/energy_table.hpp"
#include "sweeps/configuration.hpp"

namespace wattention {

struct Sweep {
  struct Item {
    Configuration configuration;
    std::string key;
  };

  std::string file;
  std::string text;                                   // the specification on one line
  std::vector<Item> items;                            // in the order of the grid
  std::map<std::string, EnergyTable> tables;          // by their own names
  std::map<std::string, std::string> table_ids;       // their contents
  std::map<std::string, NetworkDefinition> networks;  // as the file names them
  std::map<std::string, std::string> network_ids;
  std::vector<std::string> notes;  // what its author should know, such as new names of tables

  /// Of all keys: equal where the runs are the same.
  std::string id() const;

  static Sweep load(const std::filesystem::path& path);
  /// `file` is the name for messages.
  static Sweep parse(std::string_view text, const std::string& file);
};

/// More is refused: 1,000,000 runs.
inline constexpr std::size_t most_runs = 1'000'000;

}  // namespace wattention
