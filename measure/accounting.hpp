#pragma once

// The two accountings: *complete* is what was executed, *paper* the closed forms that EcoFormer's
// authors published (models/networks/paper_accounting.hpp). Never mixed: a report is in the one or
// the other, and a reconciliation sets them beside each other, item by item.

#include <optional>
#include <span>
#include <vector>

#include "reports/report.hpp"
#include "sim/ledger/ledger.hpp"
#include "sim/prices/energy_table.hpp"

namespace wattention {

class Network;
struct AttentionCore;

enum class Accounting : std::uint8_t { complete, paper };
template <>
inline constexpr auto names_of<Accounting> = names("complete", "paper");

/// The published accounting as ledgers: fp32 multiplications and additions alone.
Ledger paper_ledger(const AttentionCore& core);
std::vector<Ledger> paper_ledgers(const Network& network);

/// One unit an operation, as the paper adds areas up; nothing where the table lacks them.
std::optional<double> paper_area_um2(const Totals& totals, const EnergyTable& table);

/// Every operation that one accounting has and the other lacks. Items are types of layers and
/// phases of attentions, each within its kind of layer. Ledgers hold one input.
std::vector<ReconciledItem> reconcile(const Network& network, std::span<const Ledger> ledgers,
                                      const EnergyTable& table);
std::vector<ReconciledItem> reconcile(const AttentionCore& core, const Ledger& ledger,
                                      const EnergyTable& table);

}  // namespace wattention
