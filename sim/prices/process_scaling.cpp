#include "sim/prices/process_scaling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "sim/error.hpp"
#include "sim/files/json_cursor.hpp"
#include "sim/names.hpp"
#include "sim/prices/energy_table.hpp"

namespace wattention {
namespace {

struct Fit {
  double node_nm, a, b, c;
  double energy(double v) const { return a * v * v + b * v + c; }
};
constexpr std::array<Fit, 10> fits{{{130, 7.171, -6.709, 2.904},
                                    {90, 4.762, -4.781, 2.092},
                                    {65, 3.755, -4.398, 1.975},
                                    {45, 1.103, -0.362, 0.2767},
                                    {32, 0.9559, -0.7823, 0.471},
                                    {20, 0.373, -0.1582, 0.04104},
                                    {16, 0.2958, -0.1241, 0.03024},
                                    {14, 0.2363, -0.09675, 0.02239},
                                    {10, 0.2068, -0.09311, 0.02375},
                                    {7, 0.1776, -0.09097, 0.02447}}};

/// Where messages say that a node or voltage stands.
struct Place {
  std::string_view file, node, voltage;
};
constexpr Place asked{"scaling", "node", "voltage"};

double energy_at(const Process& process, const Place& place) {
  const auto* const fit = std::ranges::find(fits, process.node_nm, &Fit::node_nm);
  if (fit == fits.end()) {
    std::vector<std::string> nodes;
    nodes.reserve(fits.size());
    for (const Fit& known : fits) nodes.push_back(fmt::format("{}", known.node_nm));
    throw InputError(place.file, place.node,
                     fmt::format("one of {} nm, which are fitted", joined(nodes)),
                     fmt::format("{}", process.node_nm));
  }
  if (!(process.voltage_v >= lowest_scaled_voltage &&
        process.voltage_v <= highest_scaled_voltage)) {
    throw InputError(place.file, place.voltage,
                     fmt::format("from {} to {} V", lowest_scaled_voltage, highest_scaled_voltage),
                     fmt::format("{}", process.voltage_v));
  }
  return fit->energy(process.voltage_v);
}

Process process_of(const EnergyTable& table, const std::string& file) {
  if (table.unit() == Unit::relative) {
    throw InputError(file, "/unit", "pJ, as relative costs have no scale", "\"relative\"");
  }
  if (!table.voltage_v()) {
    throw InputError(file, "/voltage_v", "the voltage to scale from", "nothing");
  }
  return {table.node_nm(), *table.voltage_v()};
}

class Scaling {
 public:
  Scaling(double factor, const Process& from, const Process& to)
      : factor_(factor), from_(from), to_(to) {}

  /// The energies of one entry under `keys`, its kind and its note.
  void apply(nlohmann::json& entry, std::initializer_list<const char*> keys) const {
    std::string before;
    for (const char* key : keys) {
      const std::string energy = scale(entry.at(key));
      if (before.find(energy) == std::string::npos) {
        before += (before.empty() ? "" : " and ") + energy;
      }
    }
    if (entry.at("kind") == name_of(Kind::published)) entry["kind"] = name_of(Kind::derived);
    const std::string note = fmt::format(
        "Scaled by {:.4g} from {} nm at {} V to {} nm at {} V, after Stillmaker and Baas 2017; "
        "there {} pJ.",
        factor_, from_.node_nm, from_.voltage_v, to_.node_nm, to_.voltage_v, before);
    entry["note"] = entry.contains("note") ? note + " " + entry["note"].get<std::string>() : note;
    entry.erase("area_um2");
  }

 private:
  /// What it was, as text.
  std::string scale(nlohmann::json& energy) const {
    if (!energy.is_array()) {
      const auto before = energy.get<double>();
      energy = factor_ * before;
      return text_of(Range::exactly(before));
    }
    const Range before{energy[0].get<double>(), energy[1].get<double>()};
    energy = {factor_ * before.low, factor_ * before.high};
    return text_of(before);
  }

  double factor_;
  Process from_, to_;
};

/// Members of `table[key]`, which may be absent, as an array or an object.
template <class Visit>
void for_each_member(nlohmann::json& table, const char* key, const Visit& visit) {
  if (!table.contains(key)) return;
  for (nlohmann::json& member : table[key]) visit(member);
}

}  // namespace

double energy_factor(const Process& from, const Process& to) {
  return energy_at(to, asked) / energy_at(from, asked);
}

ScaledTable scaled(Json document, const Process& to) {
  const EnergyTable table = EnergyTable::read(document);
  const Process from = process_of(table, document.file);
  const double before = energy_at(from, {document.file, "/node_nm", "/voltage_v"});
  const double factor = energy_at(to, asked) / before;
  const Scaling scaling(factor, from, to);

  nlohmann::json& json = document.value;
  for_each_member(json, "operations", [&](nlohmann::json& operations) {
    for (nlohmann::json& operation : operations) {
      if (operation.contains("energy_pj")) scaling.apply(operation, {"energy_pj"});
      operation.erase("area_um2");
    }
  });
  std::vector<std::string> kept;
  std::size_t index = 0;
  for_each_member(json, "memory", [&](nlohmann::json& level) {
    const MemoryLevel& read = table.memory()[index++];
    if (read.off_chip()) {
      kept.push_back(read.level);
    } else if (!level.contains("interpolate")) {
      scaling.apply(level, {"read_pj", "write_pj"});
    }
  });
  for_each_member(json, "sram_points", [&](nlohmann::json& point) {
    scaling.apply(point, {"read_pj", "write_pj"});
  });
  for_each_member(json, "overheads",
                  [&](nlohmann::json& overhead) { scaling.apply(overhead, {"energy_pj"}); });

  json["name"] = fmt::format("{}-to-{}nm", table.name(), to.node_nm);
  json["title"] = fmt::format("{}; scaled to {} nm, {} V", table.title(), to.node_nm, to.voltage_v);
  json["note"] = fmt::format(
      "Energies on the chip, memory like logic, are {:.4g} times those of {} ({} nm, {} V), after "
      "A. Stillmaker and B. "
      "Baas, Scaling equations for the accurate prediction of CMOS device performance from 180 nm "
      "to 7 nm, Integration 58 (2017). Memory off the chip is not scaled{}; areas are left out.{}",
      factor, table.name(), from.node_nm, from.voltage_v,
      kept.empty() ? "" : " (" + joined(kept) + ")",
      table.note().empty() ? "" : " Of that table: " + table.note());
  json["node_nm"] = to.node_nm;
  json["voltage_v"] = to.voltage_v;
  EnergyTable::read(document);
  return {std::move(document), factor, from, std::move(kept)};
}

}  // namespace wattention
