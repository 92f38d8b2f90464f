#pragma once

// EcoFormer's published table of networks beside the same recipe here: what it says, what we count,
// and where it does not follow from its own recipe.

#include <string>
#include <vector>

#include "models/networks/paper_accounting.hpp"
#include "reports/document/document.hpp"
#include "reports/report.hpp"
#include "sim/prices/energy_table.hpp"

namespace wattention {

/// A published network, as we count it with EcoFormer and with softmax attention.
struct CountedNetwork {
  PublishedNetwork published;
  NetworkRun ecoformer;
  NetworkRun softmax;
};

/// Every published network by the paper's accounting, under a table in picojoules.
std::vector<CountedNetwork> counted_networks(const EnergyTable& table, bool reconcile);

/// For people.
Document document_of(const std::vector<CountedNetwork>& networks, const EnergyTable& table);

/// For programs: schema wattention-reproduce/1.
std::string json_of(const std::vector<CountedNetwork>& networks);

}  // namespace wattention
