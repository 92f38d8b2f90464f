#include "sim/files/mapped_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/iostreams/device/mapped_file.hpp>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "sim/error.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

[[noreturn]] void throw_unreadable(const std::string& path, std::string_view found) {
  throw InputError(path_label(path), "file", "a readable file", found);
}

}  // namespace

std::string path_label(const std::string& path) {
  const bool plain = std::none_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  return plain && !path.empty() ? path : in_quotes(path);
}

MappedFile::MappedFile(const std::string& path) : path_(path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) throw_unreadable(path, "no such file");
  if (error) throw_unreadable(path, error.message());
  if (status.type() == fs::file_type::directory) throw_unreadable(path, "a folder");
  if (status.type() != fs::file_type::regular) throw_unreadable(path, "a device or a pipe");
  if (::access(path.c_str(), R_OK) != 0) {
    throw_unreadable(path, std::generic_category().message(errno));
  }
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) throw_unreadable(path, error.message());
  if (size == 0) return;

  try {
    const auto map = std::make_shared<const boost::iostreams::mapped_file_source>(path);
    bytes_ = std::as_bytes(std::span(map->data(), map->size()));
    map_ = map;
  } catch (const std::ios_base::failure& failure) {
    throw_unreadable(path, in_quotes(failure.what()));
  }
}

}  // namespace wattention
