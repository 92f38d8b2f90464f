#pragma once

// Numbers for people: three or four significant digits and an SI or IEC prefix, in ASCII ("u" is
// micro). Files for programs carry the exact numbers instead.
//
// Energies go in as what their cost table is in, picojoules or, where `table_unit` is "relative",
// units that are no joules; times as seconds, shares as fractions of one. A range prints in the
// prefix of its upper end: "1.30-2.60 nJ". Nothing here throws; a number that is not finite prints
// as "inf" or "nan".

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/range.hpp"

namespace wattention {

struct EnergyUnit {
  std::string_view name;  // "nJ", "k units"
  double pj = 1.0;        // one of it, in what the cost table is in
};

/// The unit in which `pj` reads as a number from 1 to 999, as far as there is one.
EnergyUnit energy_unit(double pj, std::string_view table_unit);

/// Three significant digits without a unit: "1.30", "26.0", "784".
std::string three_digits(double value);

/// Exact below 10,000, else three digits: "784", "1.23 M".
std::string si_count(std::uint64_t count);

/// "12.3 pJ", "1.30-2.60 nJ", "1.23 M units"
std::string si_energy(const Range& pj, std::string_view table_unit);

/// "512 B", "1.50 MiB"
std::string iec_bytes(std::uint64_t bytes);

/// "1.23 ms"
std::string si_seconds(double seconds);

/// "12.3%"; "<0.1%" for what would round to nothing; "-" for what is not a number.
std::string percent(double share);

}  // namespace wattention
