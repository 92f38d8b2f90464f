// libFuzzer: any text, as the file of any component of Accelergy's (its first byte says which),
// becomes a cost table that loads, or throws InputError on one line.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "sim/error.hpp"
#include "sim/prices/accelergy_class.hpp"
#include "sim/prices/accelergy_import.hpp"
#include "sim/prices/energy_table.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wattention;
  if (size == 0) return 0;
  const auto& classes = accelergy_classes();
  const std::string file(classes[data[0] % classes.size()].name);
  try {
    const Csv csv = parse_csv({reinterpret_cast<const char*>(data) + 1, size - 1}, file + ".csv");
    const ImportedTable imported = import_accelergy({&csv, 1}, {}, "fuzz");
    EnergyTable::parse(imported.text, "imported.json");
  } catch (const InputError& error) {
    if (std::strchr(error.what(), '\n') != nullptr) std::abort();
  }
  return 0;
}
