#pragma once

// Output files that appear together, complete, or not at all.
//
// `stage` writes to a temporary file beside the target, so that a full disk or a missing folder is
// found before any target is touched; `commit` renames. What was not committed is removed by the
// destructor. A target that is no regular file (/dev/stdout, a pipe) is written by `commit`, before
// the first rename. A symbolic link stays, the file behind it is replaced. A wrong path throws
// InputError, a failed write Error, both with the file and the reason.

#include <string>
#include <string_view>
#include <vector>

namespace wattention {

class OutputFiles {
 public:
  OutputFiles() = default;
  ~OutputFiles();
  OutputFiles(const OutputFiles&) = delete;
  OutputFiles& operator=(const OutputFiles&) = delete;

  void stage(const std::string& path, std::string_view contents);
  void commit();

 private:
  struct Staged {
    std::string path;       // as given, for messages
    std::string target;     // with symbolic links resolved
    std::string temporary;  // "" for a target that is written directly
    std::string contents;   // of a target that is written directly
  };

  std::vector<Staged> staged_;
};

}  // namespace wattention
