// libFuzzer: any bytes load as safetensors or throw InputError; what loads is written and read
// again, and written the same.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>

#include "sim/error.hpp"
#include "sim/files/safetensors.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wattention;
  try {
    const auto tensors = parse_safetensors(std::as_bytes(std::span(data, size)), "fuzz");
    const std::string bytes = safetensors_bytes(tensors);
    const auto again =
        parse_safetensors(std::as_bytes(std::span(bytes.data(), bytes.size())), "again");
    if (safetensors_bytes(again) != bytes) std::abort();
  } catch (const InputError& error) {
    if (std::strchr(error.what(), '\n') != nullptr) std::abort();
  }
  return 0;
}
