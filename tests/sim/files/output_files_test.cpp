#include "sim/files/output_files.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "sim/error.hpp"
#include "tests/temporary_folder.hpp"

namespace wattention {
namespace {

namespace fs = std::filesystem;

std::set<std::string> names_in(const TemporaryFolder& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

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

using Names = std::set<std::string>;

/// While it lives, files of this process cannot grow beyond `bytes`, as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

}  // namespace

TEST_CASE("staged files appear together when they are committed") {
  const TemporaryFolder folder;
  const std::string large(3'000'000, 'x');
  folder.write("b.json", "before");
  {
    OutputFiles files;
    files.stage(folder.path("a.npy"), large);
    files.stage(folder.path("b.json"), "after");
    CHECK_FALSE(fs::exists(folder.path("a.npy")));
    CHECK(folder.read("b.json") == "before");
    files.commit();
  }
  CHECK(folder.read("a.npy") == large);
  CHECK(folder.read("b.json") == "after");
  CHECK(names_in(folder) == Names{"a.npy", "b.json"});
}

TEST_CASE("files that are not committed leave nothing behind") {
  const TemporaryFolder folder;
  folder.write("b.json", "before");
  {
    OutputFiles files;
    files.stage(folder.path("a.npy"), "x");
    files.stage(folder.path("b.json"), "after");
    CHECK(names_in(folder).size() == 3);
  }
  CHECK(names_in(folder) == Names{"b.json"});
  CHECK(folder.read("b.json") == "before");
}

TEST_CASE("a file in the current folder can be written") {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  OutputFiles files;
  files.stage("out.npy", "x");
  CHECK_THROWS_WITH(files.stage("./out.npy", "y"),
                    "./out.npy: file: expected each output in a file of its own, found two");
  CHECK_THROWS_WITH(files.stage("missing/out.npy", "y"),
                    "missing/out.npy: file: expected a folder that exists, found no \"missing/\"");
  CHECK_THROWS_WITH(files.stage("missing/", "y"),
                    "missing/: file: expected the name of a file, found \"missing/\"");
  CHECK_THROWS_WITH(files.stage("", "y"), "\"\": file: expected the name of a file, found \"\"");
  files.commit();
  fs::current_path(before);
  CHECK(folder.read("out.npy") == "x");
  CHECK(names_in(folder) == Names{"out.npy"});
}

TEST_CASE("a target that cannot be a file is refused and nothing is left") {
  const TemporaryFolder folder;
  folder.write("plain", "x");
  fs::create_directory(folder.path("sub"));
  OutputFiles files;
  CHECK_THROWS_WITH(files.stage(folder.path("sub"), "y"),
                    folder.path("sub") + ": file: expected a file, found a folder");
  CHECK_THROWS_WITH(files.stage(folder.path("plain/y"), "y"),
                    folder.path("plain/y") +
                        ": file: expected a folder that exists, found a file in place of \"" +
                        folder.path("plain/") + "\"");
  const std::string long_name(300, 'n');
  CHECK_THROWS_AS(files.stage(folder.path(long_name), "y"), InputError);
  CHECK_THROWS_WITH(files.stage(folder.path(std::string(250, 'n')), "y"),
                    Catch::EndsWith("found File name too long"));
  files.commit();
  CHECK(names_in(folder) == Names{"plain", "sub"});
}

TEST_CASE("a file or folder without permission to write is refused") {
  const TemporaryFolder folder;
  const std::string path = folder.write("kept.npy", "before");
  fs::create_directory(folder.path("kept"));
  fs::permissions(folder.path(), fs::perms::all);
  fs::permissions(path, fs::perms::owner_read);
  fs::permissions(folder.path("kept"), fs::perms(0555));
  {
    const OrdinaryUser user;
    OutputFiles files;
    CHECK_THROWS_WITH(
        files.stage(path, "x"),
        path + ": file: expected a file that can be written, found Permission denied");
    CHECK_THROWS_WITH(
        files.stage(folder.path("kept/x"), "x"),
        folder.path("kept/x") +
            ": file: expected a folder that can be written to, found Permission denied");
    files.commit();
  }
  CHECK(folder.read("kept.npy") == "before");
  CHECK(names_in(folder) == Names{"kept", "kept.npy"});
}

TEST_CASE("a full disk is an error, and the target stays as it was") {
  const TemporaryFolder folder;
  folder.write("a.npy", "before");
  OutputFiles files;
  files.stage(folder.path("b.npy"), "small");
  {
    const FullDisk disk(1000);
    CHECK_THROWS_WITH(files.stage(folder.path("a.npy"), std::string(5000, 'x')),
                      folder.path("a.npy") + ": file: expected to write it, found File too large");
  }
  CHECK(names_in(folder).size() == 2);
  files.commit();
  CHECK(folder.read("a.npy") == "before");
  CHECK(names_in(folder) == Names{"a.npy", "b.npy"});
}

TEST_CASE("a device that fails at commit leaves the other targets untouched") {
  const TemporaryFolder folder;
  folder.write("a.npy", "before");
  {
    OutputFiles files;
    files.stage(folder.path("a.npy"), "after");
    files.stage("/dev/full", "y");
    CHECK_THROWS_WITH(files.commit(),
                      "/dev/full: file: expected to write it, found No space left on device");
  }
  CHECK(folder.read("a.npy") == "before");
  CHECK(names_in(folder) == Names{"a.npy"});
}

TEST_CASE("a target that became a folder meanwhile is an error at commit") {
  const TemporaryFolder folder;
  {
    OutputFiles files;
    files.stage(folder.path("a.npy"), "x");
    fs::create_directory(folder.path("a.npy"));
    CHECK_THROWS_WITH(files.commit(),
                      folder.path("a.npy") + ": file: expected to write it, found Is a directory");
  }
  CHECK(names_in(folder) == Names{"a.npy"});
}

TEST_CASE("devices and pipes are written directly at commit") {
  const TemporaryFolder folder;
  const std::string pipe = folder.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  std::array<char, 16> read{};
  OutputFiles files;
  files.stage(pipe, "through");
  files.stage("/dev/null", "nothing");
  CHECK(::read(reader, read.data(), read.size()) == 0);
  files.commit();
  CHECK(::read(reader, read.data(), read.size()) == 7);
  CHECK(std::string(read.data()) == "through");
  ::close(reader);
  CHECK(fs::status("/dev/null").type() == fs::file_type::character);
  CHECK(names_in(folder) == Names{"pipe"});
}

TEST_CASE("standard output in a file is continued, not replaced") {
  const TemporaryFolder folder;
  folder.write("out.txt", "");
  const int file = ::open(folder.path("out.txt").c_str(), O_WRONLY);
  const int before = ::dup(STDOUT_FILENO);
  ::fflush(stdout);
  ::dup2(file, STDOUT_FILENO);
  const bool first = ::write(STDOUT_FILENO, "first ", 6) == 6;
  OutputFiles files;
  files.stage("/dev/stdout", "second ");
  files.commit();
  const bool last = ::write(STDOUT_FILENO, "third", 5) == 5;
  ::dup2(before, STDOUT_FILENO);
  ::close(before);
  ::close(file);
  CHECK((first && last));
  CHECK(folder.read("out.txt") == "first second third");
}

TEST_CASE("a replaced file keeps its permissions, and a link keeps pointing to it") {
  const TemporaryFolder folder;
  const std::string path = folder.write("real.json", "before");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink(path, folder.path("link.json"));
  OutputFiles files;
  files.stage(folder.path("link.json"), "after");
  files.commit();
  CHECK(fs::is_symlink(folder.path("link.json")));
  CHECK(folder.read("real.json") == "after");
  CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

}  // namespace wattention
