#include "app/reconcile.hpp"

#include <algorithm>
#include <map>

#include "app/measure.hpp"
#include "models/networks/paper_accounting.hpp"
#include "sim/energy.hpp"

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

std::string item_of(const Part& part, const std::string& what) {
  if (part.core) return part.core->attention + ": " + what;
  return part.type == what ? what : part.type + ": " + what;
}

void add_executed(Items& items, const Part& part, const Ledger& ledger) {
  const bool has_products = part.type == "linear" || part.type == "convolution";
  for (const Phase& phase : ledger.phases()) {
    phase.declared().for_each([&](Op op, Format format, std::uint64_t count) {
      const std::string what =
          has_products ? (op == Op::mac ? "products" : "biases") : phase.name();
      items(part.kind, item_of(part, what)).executed.add(op, format, count);
    });
  }
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

}  // namespace

std::vector<ReconciledItem> reconcile(const Network& network, std::span<const Ledger> ledgers,
                                      const EnergyTable& table) {
  Items items;
  for (std::size_t p = 0; p < ledgers.size(); ++p) {
    add_executed(items, network.parts()[p], ledgers[p]);
  }
  for (const PaperCharge& charge : paper_charges(network)) {
    if (charge.multiplications == 0 && charge.additions == 0) continue;
    const Part& part = network.parts()[charge.part];
    Both& both = items(part.kind, item_of(part, charge.phase));
    both.multiplications = sum(both.multiplications, charge.multiplications);
    both.additions = sum(both.additions, charge.additions);
  }

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
  std::ranges::stable_sort(result, {}, [](const ReconciledItem& item) {
    return std::ranges::find(part_kinds, item.kind) - part_kinds.begin();
  });
  return result;
}

}  // namespace wattention
