#include "reports/plots/gnuplot.hpp"

#include <gnuplot-iostream.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <system_error>

#include "reports/wording/printable.hpp"
#include "sim/error.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

namespace fs = std::filesystem;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code failure;
    const fs::path parent = fs::temp_directory_path(failure);
    std::string path = (parent / "wattention-plot-XXXXXX").string();
    if (failure || ::mkdtemp(path.data()) == nullptr) {
      throw Error("plot: expected a temporary folder that can be written, found none at " +
                  in_quotes(parent.string()));
    }
    path_ = path;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string shell_string(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result + "'";
}

std::string contents_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The last line of what gnuplot said, or "".
std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

std::string run_gnuplot(const std::string& script) {
  const TemporaryFolder folder;
  // The shell outlives gnuplot and reads what gnuplot left unread: neither a missing gnuplot nor
  // one that gave up early breaks the pipe, and nothing reaches the terminal.
  const std::string command = "cd " + shell_string(folder.path().string()) +
                              " && { gnuplot -d >messages 2>&1; echo $? >status; };"
                              " while read -r rest; do :; done";
  try {
    Gnuplot gnuplot(command);
    gnuplot << script << "\nunset output\n";
  } catch (const std::exception& failure) {
    throw Error("plot: expected gnuplot to run, found " + in_quotes(failure.what()));
  }
  const std::string status = last_line(contents_of(folder.path() / "status"));
  if (status == "127") {
    throw Error("plot: expected the program gnuplot (Debian: gnuplot-nox), found none");
  }
  std::string picture = contents_of(folder.path() / gnuplot_output);
  if (status != "0" || picture.empty()) {
    throw Error("plot: expected gnuplot to draw, found status " + status + ", " +
                in_quotes(last_line(contents_of(folder.path() / "messages"))));
  }
  return picture;
}

std::string gnuplot_string(std::string_view text) {
  std::string result = "'";
  for (const char c : printable(text)) {
    result += c;
    if (c == '\'') result += c;
  }
  return result + "'";
}

}  // namespace wattention
