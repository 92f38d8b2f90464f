// The published table, to the integer, and its reconciliation with what is executed.

#include "measure/accounting.hpp"

#include "measure/network_run.hpp"
#include "models/networks/paper_accounting.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "tests/models/networks/small_networks.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

const EnergyTable& horowitz() {
  static const EnergyTable table = find_table("horowitz-45nm");
  return table;
}

NetworkRun counted(const std::string& network, const std::string& attention,
                   Accounting accounting) {
  NetworkJob job{NetworkDefinition::find(network)};
  job.attention = AttentionChoice{attention};
  job.how.mode = Mode::estimate;
  job.how.accounting = accounting;
  job.how.reconcile = true;
  return measure_network(job, std::span(&horowitz(), 1)).runs.front();
}

void check_sums(const std::vector<ReconciledItem>& items, const NetworkRun& paper,
                const NetworkRun& complete) {
  std::uint64_t multiplications = 0;
  std::uint64_t additions = 0;
  std::uint64_t executed = 0;
  std::uint64_t operations = 0;
  double paper_pj = 0.0;
  double executed_pj = 0.0;
  for (const ReconciledItem& item : items) {
    multiplications += item.paper_multiplications;
    additions += item.paper_additions;
    paper_pj += item.paper_pj.middle();
    executed_pj += item.executed_pj.middle();
    for (const OperationLine& line : item.executed) executed += line.count;
  }
  for (const OperationLine& line : complete.operations) operations += line.count;
  CHECK(multiplications == paper.totals[Total::multiplications]);
  CHECK(additions == paper.totals[Total::additions]);
  CHECK(executed == operations);
  CHECK(paper_pj == Approx(paper.energy_pj.total.middle()).epsilon(1e-12));
  CHECK(executed_pj == Approx(complete.energy_pj.compute.middle()).epsilon(1e-12));
}

}  // namespace

TEST_CASE("The published recipe gives its integers, energies and areas") {
  struct Row {
    const char* network;
    const char* attention;
    std::uint64_t mul, add;
    double energy;  // 1e9 pJ
  };
  const Row row = GENERATE(Row{"pvtv2-b0", "ecoformer", 535392840, 564786176, 2.4893},
                           Row{"pvtv2-b0", "softmax", 2015865904, 1993315712, 9.2527},
                           Row{"pvtv2-b2", "ecoformer", 3852777536, 3965112192, 17.8239},
                           Row{"pvtv2-b2", "softmax", 8640611832, 8604980992, 39.7147},
                           Row{"twins-svt-s", "ecoformer", 2718878336, 2808034816, 12.5871},
                           Row{"twins-svt-s", "softmax", 5957848896, 5910366720, 27.3634});
  INFO(row.network << " " << row.attention);
  const NetworkRun run = counted(row.network, row.attention, Accounting::paper);
  CHECK(run.totals[Total::multiplications] == row.mul);
  CHECK(run.totals[Total::additions] == row.add);
  CHECK(run.totals[Total::macs] == 0);
  CHECK(run.energy_pj.total.middle() / 1e9 == Approx(row.energy).margin(0.00005).epsilon(0));
  CHECK(run.energy_pj.total.middle() ==
        Approx(3.7 * static_cast<double>(row.mul) + 0.9 * static_cast<double>(row.add)));
  REQUIRE(run.area_um2);
  CHECK(*run.area_um2 ==
        Approx(7700.0 * static_cast<double>(row.mul) + 4184.0 * static_cast<double>(row.add)));
}

TEST_CASE(
    "All that is published of EcoFormer's networks follows from the recipe, but B3's additions") {
  std::vector<std::string> off;
  for (const PublishedNetwork& published : published_ecoformer()) {
    const NetworkRun run = counted(published.network, "ecoformer", Accounting::paper);
    const auto check = [&](const char* what, double ours, const Published& printed) {
      if (!printed.covers(ours)) off.push_back(published.network + " " + what);
    };
    check("mul", static_cast<double>(run.totals[Total::multiplications]) / 1e9,
          published.multiplications);
    check("add", static_cast<double>(run.totals[Total::additions]) / 1e9, published.additions);
    check("energy", run.energy_pj.total.middle() / 1e9, published.energy);
  }
  CHECK(off == std::vector<std::string>{"pvtv2-b3 add"});
}

TEST_CASE("EcoFormer saves 73% of PVTv2-B0's energy as the paper counts") {
  const double eco = counted("pvtv2-b0", "ecoformer", Accounting::paper).energy_pj.total.middle();
  const double soft = counted("pvtv2-b0", "softmax", Accounting::paper).energy_pj.total.middle();
  CHECK(1.0 - eco / soft == Approx(0.73).margin(0.005));
}

TEST_CASE("Reconciled items add up to the totals of both accountings") {
  for (const char* network : {"pvtv2-b0", "twins-svt-s", "fashion_pyramid"}) {
    for (const char* attention : {"ecoformer", "softmax"}) {
      INFO(network << " " << attention);
      const NetworkRun paper = counted(network, attention, Accounting::paper);
      const NetworkRun complete = counted(network, attention, Accounting::complete);
      check_sums(paper.reconciliation, paper, complete);
      check_sums(complete.reconciliation, paper, complete);
    }
  }
}

TEST_CASE("Reconciling PVTv2-B0 shows the squares and exponentials that the paper leaves out") {
  const auto executed = [](const NetworkRun& run, const std::string& item, const std::string& op) {
    std::uint64_t count = 0;
    for (const ReconciledItem& line : run.reconciliation) {
      if (line.item != item) continue;
      for (const OperationLine& operation : line.executed) {
        if (operation.op == op) count += operation.count;
      }
    }
    return count;
  };
  const NetworkRun eco = counted("pvtv2-b0", "ecoformer", Accounting::complete);
  std::uint64_t distances = 0;  // tokens * heads * anchors * head dim of the stages with EcoFormer
  std::uint64_t pairs = 0;
  const std::vector<std::array<std::uint64_t, 3>> stages{
      {3136, 32, 1}, {784, 64, 2}, {196, 160, 5}};
  for (const auto& [tokens, dim, heads] : stages) {
    distances += 2 * tokens * dim * 25;
    pairs += 2 * heads * tokens * tokens;
  }
  CHECK(distances == 9'094'400);
  CHECK(executed(eco, "ecoformer: kernel", "mac") == distances);
  CHECK(executed(eco, "ecoformer: normalise", "sqrt") == 2 * (3136 + 2 * 784 + 5 * 196));
  const NetworkRun soft = counted("pvtv2-b0", "softmax", Accounting::complete);
  pairs += 2 * 8 * 49 * 49;
  CHECK(executed(soft, "softmax: softmax", "exp") == pairs);
  CHECK(pairs == Approx(22.6e6).epsilon(0.005));
  using Verdict = ReconciledItem::Verdict;
  for (const ReconciledItem& item : eco.reconciliation) {
    if (item.item == "gelu" || item.item == "residual") CHECK(item.verdict == Verdict::left_out);
    if (item.item == "linear: products") CHECK(item.verdict == Verdict::same);
  }
}

TEST_CASE("Over 97% of PVTv2-B0's energy is outside the attentions that EcoFormer replaces") {
  const NetworkRun run = counted("pvtv2-b0", "ecoformer", Accounting::paper);
  double replaced = 0.0;
  for (const LayerLine& layer : run.layers) {
    if (layer.replaced) replaced += layer.energy_pj.middle();
  }
  CHECK(replaced > 0.0);
  CHECK(replaced < 0.03 * run.energy_pj.total.middle());
}

TEST_CASE("A single attention reconciles item by item, and its sums are both accountings'") {
  for (const char* name : {"softmax", "ecoformer"}) {
    INFO(name);
    const auto attention = attention_named(name);
    const AttentionCore core{name, true, 2, 65, 65, 8, attention.get()};
    const auto workload = shared(2, 65, 8);
    attention->prepare(workload.qkv(), {});
    Ledger ledger(attention->phases());
    attention->run(Mode::estimate, workload.qkv(), ledger);
    const Ledger paper = paper_ledger(core);
    OpCounts executed;
    OpCounts charged;
    for (const ReconciledItem& item : reconcile(core, ledger, horowitz())) {
      charged.add(Op::mul, Format::fp32, item.paper_multiplications);
      charged.add(Op::add, Format::fp32, item.paper_additions);
      for (const OperationLine& line : item.executed) {
        executed.add(*find_named<Op>(line.op), *find_named<Format>(line.format), line.count);
      }
    }
    CHECK(executed == ledger.declared());
    CHECK(charged == paper.declared());
  }
}

TEST_CASE("Accountings have names, and an unknown one is answered with both") {
  CHECK(named<Accounting>("accounting", "paper") == Accounting::paper);
  CHECK(name_of(Accounting::complete) == "complete");
  CHECK_THROWS_WITH(named<Accounting>("accounting", "papers"),
                    "accounting: expected one of complete, paper (did you mean "
                    "paper?), found \"papers\"");
}
