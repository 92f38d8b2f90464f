#include "reports/findings/memory_levels.hpp"

#include <algorithm>

namespace wattention {

std::vector<LevelSum> levels_of(const std::vector<TrafficLine>& traffic) {
  std::vector<LevelSum> levels;
  for (const TrafficLine& line : traffic) {
    auto level = std::ranges::find(levels, line.level, &LevelSum::name);
    if (level == levels.end()) {
      level = levels.insert(levels.end(), LevelSum{line.level, line.off_chip});
    }
    level->read_bytes += line.read_bytes;
    level->write_bytes += line.write_bytes;
    level->energy_pj += line.energy_pj;
  }
  std::ranges::stable_sort(levels, {}, &LevelSum::off_chip);
  return levels;
}

std::string policy_text(const std::string& policy) {
  if (policy == "ideal") return "ideal, every tensor crosses each level once, a lower bound";
  if (policy == "tiled") return "tiled, products cut for each level, least recently used leaves";
  if (policy == "trace") return "trace, the tiled loop nests through simulated caches";
  return policy;
}

}  // namespace wattention
