#include "measure/accounting.hpp"

#include <algorithm>
#include <map>

#include "measure/measure.hpp"
#include "models/networks/network.hpp"
#include "models/networks/paper_accounting.hpp"
#include "sim/names.hpp"
#include "sim/prices/price.hpp"

namespace wattention {
namespace {

struct Both {
  OpCounts executed;
  std::uint64_t multiplications = 0;
  std::uint64_t additions = 0;
};

/// In the order in which items first appear.
class Items {
 public:
  Both& operator()(const std::string& kind, const std::string& item) {
    for (auto& [key, both] : items_) {
      if (key.first == kind && key.second == item) return both;
    }
    return items_.emplace_back(std::pair(kind, item), Both{}).second;
  }
  const auto& all() const { return items_; }

 private:
  std::vector<std::pair<std::pair<std::string, std::string>, Both>> items_;
};

void add_executed(Items& items, const std::string& kind, const std::string& prefix,
                  const Ledger& ledger) {
  for (const Phase& phase : ledger.phases()) {
    phase.declared().for_each([&](Op op, Format format, std::uint64_t count) {
      items(kind, prefix + phase.name()).executed.add(op, format, count);
    });
  }
}

void add_executed_layer(Items& items, const NetworkPart& part, const Ledger& ledger) {
  const bool has_products = part.type == "linear" || part.type == "convolution";
  ledger.declared().for_each([&](Op op, Format format, std::uint64_t count) {
    const char* const what = op == Op::mac ? ": products" : ": biases";
    items(part.kind, has_products ? part.type + what : part.type).executed.add(op, format, count);
  });
}

void add_charged(Both& both, const PaperCharge& charge) {
  both.multiplications = sum(both.multiplications, charge.multiplications);
  both.additions = sum(both.additions, charge.additions);
}

bool charges_nothing(const PaperCharge& charge) {
  return charge.multiplications == 0 && charge.additions == 0;
}

ReconciledItem::Verdict verdict_of(const Both& both) {
  using Verdict = ReconciledItem::Verdict;
  const bool charged = both.multiplications != 0 || both.additions != 0;
  if (both.executed == OpCounts{}) return Verdict::not_executed;
  if (!charged) return Verdict::left_out;
  OpCounts as_charged;
  const std::uint64_t macs = both.executed(Op::mac, Format::fp32);
  as_charged.add(Op::mac, Format::fp32, macs);
  as_charged.add(Op::mul, Format::fp32,
                 both.multiplications - std::min(macs, both.multiplications));
  as_charged.add(Op::add, Format::fp32, both.additions - std::min(macs, both.additions));
  return as_charged == both.executed ? Verdict::same : Verdict::different;
}

std::vector<PricedOperation> priced(const OpCounts& counts, const EnergyTable& table) {
  Ledger ledger{"item"};
  counts.for_each([&](Op op, Format format, std::uint64_t count) {
    ledger.only_phase().declare({{op, format, count}}, {});
  });
  return price(ledger, table);
}

std::vector<ReconciledItem> reconciled(const Items& items, const EnergyTable& table) {
  std::vector<ReconciledItem> result;
  for (const auto& [key, both] : items.all()) {
    const std::vector<PricedOperation> executed = priced(both.executed, table);
    OpCounts charged;
    charged.add(Op::mul, Format::fp32, both.multiplications);
    charged.add(Op::add, Format::fp32, both.additions);
    result.push_back({key.first, key.second, operation_lines(executed), total_energy(executed),
                      both.multiplications, both.additions, total_energy(priced(charged, table)),
                      verdict_of(both)});
  }
  return result;
}

void declare(Phase& phase, const PaperCharge& charge) {
  phase.declare(
      {{Op::mul, Format::fp32, charge.multiplications}, {Op::add, Format::fp32, charge.additions}},
      {});
}

}  // namespace

Ledger paper_ledger(const AttentionCore& core) {
  Ledger ledger(core.instance->phases());
  for (const PaperCharge& charge : paper_charges(core)) declare(ledger[charge.phase], charge);
  return ledger;
}

std::vector<Ledger> paper_ledgers(const Network& network) {
  std::vector<Ledger> ledgers = network.ledgers();
  for (const PaperCharge& charge : paper_charges(network)) {
    Ledger& ledger = ledgers[charge.part];
    const bool attention = network.parts()[charge.part].core.has_value();
    declare(attention ? ledger[charge.phase] : ledger.only_phase(), charge);
  }
  return ledgers;
}

std::optional<double> paper_area_um2(const Totals& totals, const EnergyTable& table) {
  const auto& mul = table.price(Op::mul, Format::fp32);
  const auto& add = table.price(Op::add, Format::fp32);
  if (!mul || !add || !mul->area_um2 || !add->area_um2) return std::nullopt;
  return static_cast<double>(totals[Total::multiplications]) * *mul->area_um2 +
         static_cast<double>(totals[Total::additions]) * *add->area_um2;
}

std::vector<ReconciledItem> reconcile(const Network& network, std::span<const Ledger> ledgers,
                                      const EnergyTable& table) {
  const auto prefix_of = [](const NetworkPart& part) {
    return (part.core ? part.core->attention : part.type) + ": ";
  };
  Items items;
  for (std::size_t p = 0; p < ledgers.size(); ++p) {
    const NetworkPart& part = network.parts()[p];
    if (part.core) {
      add_executed(items, part.kind, prefix_of(part), ledgers[p]);
    } else {
      add_executed_layer(items, part, ledgers[p]);
    }
  }
  for (const PaperCharge& charge : paper_charges(network)) {
    if (charges_nothing(charge)) continue;
    const NetworkPart& part = network.parts()[charge.part];
    const bool is_item = part.type == charge.phase;
    add_charged(items(part.kind, is_item ? charge.phase : prefix_of(part) + charge.phase), charge);
  }
  std::vector<ReconciledItem> result = reconciled(items, table);
  std::ranges::stable_sort(result, {}, [](const ReconciledItem& item) {
    return std::ranges::find(part_kinds, item.kind) - part_kinds.begin();
  });
  return result;
}

std::vector<ReconciledItem> reconcile(const AttentionCore& core, const Ledger& ledger,
                                      const EnergyTable& table) {
  Items items;
  add_executed(items, "attention", "", ledger);
  for (const PaperCharge& charge : paper_charges(core)) {
    if (!charges_nothing(charge)) add_charged(items("attention", charge.phase), charge);
  }
  return reconciled(items, table);
}

}  // namespace wattention
