#pragma once

// The sources of the project, for tests that read them.

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

using Files = std::map<std::string, std::string>;  // path from the root -> text

inline const std::filesystem::path project_root(WATTENTION_SOURCE_DIR);

inline std::string text_of_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// Headers and sources of these folders and all below them; without any, of the whole program.
inline Files project_files(const std::vector<std::string>& folders = {"sim", "models", "reports",
                                                                      "measure", "wattention",
                                                                      "sweeps", "app"}) {
  Files files;
  for (const std::string& folder : folders) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(project_root / folder)) {
      if (entry.path().extension() != ".hpp" && entry.path().extension() != ".cpp") continue;
      files[std::filesystem::relative(entry.path(), project_root).generic_string()] =
          text_of_file(entry.path());
    }
  }
  return files;
}
