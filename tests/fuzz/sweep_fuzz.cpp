// libFuzzer: any text is a sweep or an InputError on one line, in bounded time and memory; what is
// one has the keys of its own text read again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "sim/error.hpp"
#include "sweeps/spec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wattention;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.find(".json") != std::string_view::npos || text.find('/') != std::string_view::npos) {
    return 0;  // files of this machine
  }
  try {
    const Sweep sweep = Sweep::parse(text, "fuzz.json");
    if (sweep.items.empty() || sweep.items.size() > most_runs) std::abort();
    if (Sweep::parse(sweep.text, "fuzz.json").id() != sweep.id()) std::abort();
  } catch (const InputError& error) {
    if (std::strchr(error.what(), '\n') != nullptr) std::abort();
  }
  return 0;
}
