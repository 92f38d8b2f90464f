#pragma once

// What a terminal gets and a file does not: colours and progress in place. Colours also need
// NO_COLOR (no-color.org) unset and a TERM that is not dumb.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace wattention {

inline bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

inline bool takes_colours(std::FILE* stream) {
  const char* const refused = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  const bool wanted = refused == nullptr || *refused == '\0';
  const bool capable = terminal != nullptr && std::string_view(terminal) != "dumb";
  return wanted && capable && is_terminal(stream);
}

/// `text` in bold where the stream takes it; `colour` is an SGR code, 0 for none.
inline std::string bold(std::string_view text, std::FILE* stream, int colour = 0) {
  if (!takes_colours(stream)) return std::string(text);
  const std::string code = colour == 0 ? "1" : "1;" + std::to_string(colour);
  return "\x1b[" + code + "m" + std::string(text) + "\x1b[0m";
}

/// A sentence that a command says beside its result: "note: ..." on stderr; nothing where it is
/// empty.
inline void print_note(std::string_view note) {
  if (note.empty()) return;
  const std::string line = bold("note:", stderr) + " " + std::string(note) + "\n";
  std::fputs(line.c_str(), stderr);
}

}  // namespace wattention
