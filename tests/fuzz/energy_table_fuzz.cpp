// libFuzzer: any text loads as an energy table or throws InputError on one line.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "sim/error.hpp"
#include "sim/prices/energy_table.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wattention;
  try {
    EnergyTable::parse(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.json");
  } catch (const InputError& error) {
    if (std::strchr(error.what(), '\n') != nullptr) std::abort();
  }
  return 0;
}
