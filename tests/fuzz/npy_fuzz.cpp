// libFuzzer: any bytes load as .npy or throw InputError; what loads is written and read again the
// same.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>

#include "sim/error.hpp"
#include "sim/files/npy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wattention;
  try {
    const Array array = parse_npy(std::as_bytes(std::span(data, size)), "fuzz.npy");
    const std::string bytes = npy_bytes(array);
    const Array again = parse_npy(std::as_bytes(std::span(bytes.data(), bytes.size())), "again");
    const std::size_t data_bytes = array.data.size() * sizeof(float);
    if (again.shape != array.shape ||
        std::memcmp(again.data.data(), array.data.data(), data_bytes) != 0) {
      std::abort();
    }
  } catch (const InputError& error) {
    if (std::strchr(error.what(), '\n') != nullptr) std::abort();
  }
  return 0;
}
