#include "sim/files/output_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "sim/error.hpp"
#include "sim/files/mapped_file.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

namespace fs = std::filesystem;

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void throw_unusable(const std::string& path, std::string_view expected,
                                 std::string_view found) {
  throw InputError(path_label(path), "file", expected, found);
}

[[noreturn]] void throw_unwritten(const std::string& path, int error) {
  throw Error(
      fmt::format("{}: file: expected to write it, found {}", path_label(path), reason(error)));
}

void write_and_close(int descriptor, std::string_view contents, const std::string& path) {
  int error = 0;
  while (!contents.empty() && error == 0) {
    const ssize_t written = ::write(descriptor, contents.data(), contents.size());
    if (written >= 0) {
      contents.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  if (::close(descriptor) != 0 && error == 0) error = errno;
  if (error != 0) throw_unwritten(path, error);
}

/// Creates a file beside the target that did not exist; sets `name` to it.
int open_temporary(const std::string& target, const std::string& path, std::string& name) {
  static std::atomic<unsigned> counter{0};
  for (;;) {
    name = fmt::format("{}.tmp-{}-{}", target, ::getpid(), counter++);
    const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0) return descriptor;
    if (errno != EEXIST) {
      throw_unusable(path, "a folder that can be written to", reason(errno));
    }
  }
}

/// The standard streams are shared with the shell, with their position in the file.
int open_directly(const std::string& target, const std::string& path) {
  int descriptor = -1;
  if (target == "/dev/stdout") {
    descriptor = ::dup(STDOUT_FILENO);
  } else if (target == "/dev/stderr") {
    descriptor = ::dup(STDERR_FILENO);
  } else {
    descriptor = ::open(target.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  }
  if (descriptor < 0) throw_unwritten(path, errno);
  return descriptor;
}

void check_folder_of(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  if (fs::path(path).filename().empty())
    throw_unusable(path, "the name of a file", in_quotes(path));
  if (parent.empty()) return;
  std::error_code error;
  const fs::file_status status = fs::status(parent, error);
  if (fs::is_directory(status)) return;
  const std::string shown = in_quotes(parent.string() + "/");
  if (status.type() == fs::file_type::not_found) {
    throw_unusable(path, "a folder that exists", "no " + shown);
  }
  throw_unusable(path, "a folder that exists",
                 error ? error.message() : "a file in place of " + shown);
}

/// Also links such as /dev/stdout, which may lead to a regular file that the shell has opened.
bool is_written_directly(const std::string& path, const fs::file_status& status) {
  if (!fs::exists(status)) return false;
  if (!fs::is_regular_file(status)) return true;
  std::error_code error;
  return (path.starts_with("/dev/") || path.starts_with("/proc/")) &&
         fs::is_symlink(fs::symlink_status(path, error));
}

}  // namespace

OutputFiles::~OutputFiles() {
  for (const Staged& file : staged_) {
    if (!file.temporary.empty()) ::unlink(file.temporary.c_str());
  }
}

void OutputFiles::stage(const std::string& path, std::string_view contents) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) throw_unusable(path, "a file", "a folder");
  check_folder_of(path);
  if (error && status.type() != fs::file_type::not_found) {
    throw_unusable(path, "a file that can be written", error.message());
  }
  if (fs::exists(status) && ::access(path.c_str(), W_OK) != 0) {
    throw_unusable(path, "a file that can be written", reason(errno));
  }
  if (is_written_directly(path, status)) {
    staged_.push_back({path, path, "", std::string(contents)});
    return;
  }

  const std::string target = fs::weakly_canonical(fs::absolute(path), error).string();
  if (error) throw_unusable(path, "a file that can be written", error.message());
  for (const Staged& other : staged_) {
    if (other.target == target) throw_unusable(path, "each output in a file of its own", "two");
  }
  Staged& file = staged_.emplace_back(Staged{path, target, "", ""});
  try {
    const int descriptor = open_temporary(target, path, file.temporary);
    struct stat before {};
    if (fs::exists(status) && ::stat(target.c_str(), &before) == 0) {
      ::fchmod(descriptor, before.st_mode & 0777);
    }
    write_and_close(descriptor, contents, path);
  } catch (...) {
    if (!file.temporary.empty()) ::unlink(file.temporary.c_str());
    staged_.pop_back();
    throw;
  }
}

void OutputFiles::commit() {
  for (const Staged& file : staged_) {
    if (!file.temporary.empty()) continue;
    write_and_close(open_directly(file.target, file.path), file.contents, file.path);
  }
  for (Staged& file : staged_) {
    if (file.temporary.empty()) continue;
    if (std::rename(file.temporary.c_str(), file.target.c_str()) != 0) {
      throw_unwritten(file.path, errno);
    }
    file.temporary.clear();
  }
  staged_.clear();
}

}  // namespace wattention
