#pragma once

// Energy of logic at another process node and voltage, after A. Stillmaker and B. Baas, "Scaling
// equations for the accurate prediction of CMOS device performance from 180 nm to 7 nm",
// Integration 58 (2017). For each node
//
//     E(V) = a V^2 + b V + c,      E' = E * E_to(V_to) / E_from(V_from)
//
// with V in volts. Only the nodes that the paper fits, and only from 0.6 to 1.2 V: there every one
// of these polynomials grows with the voltage; below, that of 65 nm (lowest at 0.586 V) does not.
//
// A rough guide: from 45 nm at 0.9 V to 7 nm at 0.7 V it gives 17.7 times less, where published
// tables of the two nodes differ by 2 to 4 for logic.

#include <string>
#include <string_view>

#include "sim/files/json_cursor.hpp"

namespace wattention {

struct Process {
  double node_nm;
  double voltage_v;
};

inline constexpr double lowest_scaled_voltage = 0.6;
inline constexpr double highest_scaled_voltage = 1.2;

/// E_to / E_from; throws InputError for a node that is not fitted or a voltage out of range.
double energy_factor(const Process& from, const Process& to);

struct ScaledTable {
  Json document;
  double factor;
  Process from;
  std::vector<std::string> kept;  // memory levels that are off chip
};

/// A table at another process: energies of operations, overheads and memory on the chip times the
/// factor. What was published is derived, what was an estimate stays one; sources are kept, a note
/// says what was there. Areas, which the energy's factor says nothing about, are left out. Throws
/// InputError where the document is no table, lacks its voltage, or is in relative units.
ScaledTable scaled(Json document, const Process& to);

}  // namespace wattention
