#include "sim/files/mapped_file.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "sim/error.hpp"
#include "tests/temporary_folder.hpp"

namespace wattention {
namespace {

namespace fs = std::filesystem;

/// While it lives, a test that runs as root has the rights of an ordinary user.
class OrdinaryUser {
 public:
  OrdinaryUser() {
    if (was_root_) REQUIRE(::setresuid(65534, 65534, 0) == 0);
  }
  ~OrdinaryUser() {
    if (was_root_ && ::setresuid(0, 0, 0) != 0) std::abort();
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;

 private:
  bool was_root_ = ::geteuid() == 0;
};

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string message_for(const std::string& path) {
  try {
    const MappedFile file(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a mapped file shows the bytes of the file and knows its path") {
  const TemporaryFolder folder;
  const std::string contents("a\0b\nc", 5);
  const std::string path = folder.write("x.bin", contents);
  const MappedFile file(path);
  CHECK(text_of(file.bytes()) == contents);
  CHECK(file.path() == path);
}

TEST_CASE("copies and owners of a map outlive the first object and the file's name") {
  const TemporaryFolder folder;
  std::optional<MappedFile> first(folder.write("x.bin", "contents"));
  const MappedFile copy = *first;
  const std::shared_ptr<const void> owner = first->owner();
  first.reset();
  fs::remove(folder.path("x.bin"));
  CHECK(text_of(copy.bytes()) == "contents");
  CHECK(owner.use_count() == 2);
}

TEST_CASE("an empty file maps to no bytes") {
  const TemporaryFolder folder;
  const MappedFile file(folder.write("empty.bin", ""));
  CHECK(file.bytes().empty());
  CHECK(file.owner() == nullptr);
}

TEST_CASE("what cannot be mapped is refused with file and reason") {
  const TemporaryFolder folder;
  const std::string missing = folder.path("x.npy");
  CHECK(message_for(missing) == missing + ": file: expected a readable file, found no such file");
  CHECK(message_for(folder.path()) ==
        folder.path() + ": file: expected a readable file, found a folder");
  CHECK(message_for("/dev/null") ==
        "/dev/null: file: expected a readable file, found a device or a pipe");
  CHECK(message_for("") == "\"\": file: expected a readable file, found no such file");

  const std::string below_file = folder.write("plain", "x") + "/y.npy";
  CHECK(message_for(below_file) ==
        below_file + ": file: expected a readable file, found no such file");

  const std::string loop = folder.path("loop");
  fs::create_symlink(loop, loop);
  CHECK(message_for(loop) ==
        loop + ": file: expected a readable file, found Too many levels of symbolic links");
}

TEST_CASE("an unreadable file is refused with the reason") {
  const TemporaryFolder folder;
  const std::string path = folder.write("secret.npy", "x");
  fs::permissions(folder.path(), fs::perms::all);
  fs::permissions(path, fs::perms::none);
  const OrdinaryUser user;
  CHECK(message_for(path) == path + ": file: expected a readable file, found Permission denied");
}

TEST_CASE("a path with control characters stays on one line of a message") {
  CHECK(path_label("plain name.npy") == "plain name.npy");
  CHECK(path_label("two\nlines.npy") == "\"two\\x0alines.npy\"");
  CHECK(message_for("two\nlines.npy") ==
        "\"two\\x0alines.npy\": file: expected a readable file, found no such file");
}

}  // namespace wattention
