#pragma once

// Texts that were looked at and approved: tests/reports/approved/NAME. A test compares exactly;
// where the text differs, the received one is written into the temporary folder and its path is
// part of the message. WATTENTION_APPROVE=1 rewrites the approved file instead.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace wattention::sample {

inline std::string contents_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  REQUIRE(file.flush().good());
}

inline void check_approved(const std::string& name, const std::string& received) {
  const std::filesystem::path folder =
      std::filesystem::path(WATTENTION_SOURCE_DIR) / "tests" / "reports" / "approved";
  const char* approve = std::getenv("WATTENTION_APPROVE");
  if (approve != nullptr && std::string(approve) == "1") {
    write_file(folder / name, received);
    WARN("approved " << name);
    return;
  }
  if (contents_of(folder / name) == received) {
    SUCCEED(name);
    return;
  }
  const std::filesystem::path kept =
      std::filesystem::temp_directory_path() / ("wattention-received-" + name);
  write_file(kept, received);
  FAIL("expected the text of " << (folder / name).string() << ", received " << kept.string());
}

}  // namespace wattention::sample
