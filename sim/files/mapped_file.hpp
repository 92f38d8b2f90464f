#pragma once

// A file's bytes, read-only, mapped into memory (Boost.Iostreams): nothing is read before it is
// touched. Copies share the map, which lives as long as the last of them. An empty file has no
// bytes and no map. A missing file, a folder, a pipe or an unreadable file throws InputError.
// Another program that shortens the file meanwhile would end this one with SIGBUS: Wattention
// itself replaces files by renaming, which leaves a mapped file as it was.

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace wattention {

class MappedFile {
 public:
  explicit MappedFile(const std::string& path);

  std::span<const std::byte> bytes() const { return bytes_; }
  const std::string& path() const { return path_; }
  /// What keeps the bytes alive, for views that outlive this object.
  std::shared_ptr<const void> owner() const { return map_; }

 private:
  std::string path_;
  std::shared_ptr<const void> map_;
  std::span<const std::byte> bytes_;
};

/// A path for a one-line message: as it is, or quoted where it holds control characters.
std::string path_label(const std::string& path);

}  // namespace wattention
