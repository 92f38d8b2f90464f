#pragma once

// Whole networks: those that ship, those of your own files, with the attention of your choice.
//
//     #include <wattention/network.hpp>
//
//     using namespace wattention;
//     NetworkJob job{.definition = NetworkDefinition::find("pvtv2-b0")};
//     job.attention = AttentionChoice{"ecoformer"};
//     job.how.mode = Mode::estimate;
//     const std::vector<EnergyTable> tables{find_table("horowitz-45nm")};
//     const NetworkRun run = measure_network(job, tables).runs.front();
//     std::fputs(written(Report{version, {}, {run}}, "text").c_str(), stdout);
//
// Operations, totals and energy (pJ) are those of one input; `host_seconds` is of all. Without
// weights they are drawn by seed. Files of networks are JSON, so that this door includes
// nlohmann/json. An unknown network throws InputError with the known ones and the nearest; a file
// that is damaged, or layers that do not fit together, with file and place.

#include "measure/network_run.hpp"
#include "models/networks/dataset.hpp"
#include "models/networks/network_file.hpp"
#include "wattention/wattention.hpp"
