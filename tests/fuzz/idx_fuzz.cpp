// libFuzzer: any bytes load as an idx file or throw InputError on one line; what loads has as many
// bytes as its sides say.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "models/networks/dataset.hpp"
#include "sim/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wattention;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const std::size_t sides : {std::size_t{1}, std::size_t{3}}) {
    try {
      const IdxBytes idx = parse_idx(bytes, sides, "fuzz");
      std::size_t expected = 1;
      for (const std::size_t side : idx.shape) expected *= side;
      if (idx.shape.size() != sides || idx.data.size() != expected) std::abort();
    } catch (const InputError& error) {
      if (std::strchr(error.what(), '\n') != nullptr) std::abort();
    }
  }
  return 0;
}
