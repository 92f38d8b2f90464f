#pragma once

// Traffic summed over phases: what each level of memory read and wrote, and the energy of it.
// Bytes, and picojoules or units of the cost table.

#include <cstdint>
#include <string>
#include <vector>

#include "reports/report.hpp"

namespace wattention {

struct LevelSum {
  std::string name = {};
  bool off_chip = false;
  std::uint64_t read_bytes = 0;
  std::uint64_t write_bytes = 0;
  Range energy_pj = {};
};

/// In the order of the hierarchy, from the innermost outward: as lines of a phase are.
std::vector<LevelSum> levels_of(const std::vector<TrafficLine>& traffic);

/// A memory policy in words.
std::string policy_text(const std::string& policy);

}  // namespace wattention
