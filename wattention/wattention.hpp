#pragma once

// The front door of the library: run an attention on tensors, price what it did on a piece of
// hardware, and read or print the report.
//
//     #include <cstdio>
//     #include <wattention/wattention.hpp>
//
//     int main() {
//       using namespace wattention;
//       const auto workload = Workload::synthetic({.heads = 4, .tokens = 128, .head_dim = 64}, 1);
//       const std::vector<EnergyTable> tables{find_table("horowitz-45nm")};
//       const AttentionChoice ecoformer{"ecoformer", {{"bits", "32"}}};
//       const Measurement measured = measure(ecoformer, workload, {}, tables);
//       const Run& run = measured.runs.front();
//       std::printf("%g to %g pJ\n", run.energy_pj.total.low, run.energy_pj.total.high);
//       std::fputs(written(report_of(measured.runs), "text").c_str(), stdout);
//     }
//
// In CMake: find_package(wattention), then
// target_link_libraries(mine PRIVATE wattention::wattention).
//
// Counts are operations, energies picojoules as a range from low to high, traffic bytes, times
// seconds of this machine. Tensors are float32 [heads, rows, columns], row by row.
//
// Input that cannot be used throws InputError, and whatever else is wrong throws Error; their texts
// name the thing, what was expected and what was found. The library neither prints nor exits.
//
// Beside this door: attention.hpp to write an attention, layer.hpp to write a layer of networks,
// network.hpp to run whole networks, hardware.hpp for cost tables. What these include in turn is
// part of the package, but may move in any release.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "measure/measure.hpp"
#include "models/workload.hpp"
#include "reports/report.hpp"
#include "sim/error.hpp"
#include "sim/version.hpp"
#include "wattention/hardware.hpp"

namespace wattention {

/// The attentions that `measure` knows by name: those that ship and those that the program
/// registered.
std::vector<std::string> attention_names();

/// Runs an attention once and prices it under each table: `runs` has a run a table. Outside of
/// estimate mode they have the error against exact softmax attention, which is computed too, where
/// that takes no more than some seconds. Throws InputError for an unknown attention or option,
/// where the input does not fit, and where a table lacks a price; Error where an audit does not
/// balance.
Measurement measure(const AttentionChoice& choice, const Workload& workload, const RunSettings& how,
                    std::span<const EnergyTable> tables);

/// A report of these runs, by this version of Wattention.
Report report_of(std::vector<Run> runs);

/// The formats that reports are written in: text, markdown, latex, html, csv, json.
std::vector<std::string> report_formats();

/// The whole document, ending with a newline. Throws InputError for an unknown format.
std::string written(const Report& report, std::string_view format);

}  // namespace wattention
