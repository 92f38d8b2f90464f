#include "app/learning_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "measure/measure.hpp"
#include "reports/document/document_parts.hpp"
#include "reports/document/phrases.hpp"
#include "reports/formats/json_parts.hpp"
#include "reports/wording/numbers.hpp"
#include "sim/version.hpp"

namespace wattention {
namespace {

using Kind = Column::Kind;

/// Mean over the bits of one of their losses.
double mean_loss(const LearnedHash& learned, float BitLoss::*loss) {
  double total = 0.0;
  for (const BitLoss& bit : learned.losses) total += static_cast<double>(bit.*loss);
  return total / static_cast<double>(learned.losses.size());
}

Table loss_table(const LearnedHash& learned) {
  Table table{"Losses of the bits",
              "bit",
              {{"bit", Kind::name, 0},
               {"loss at the start", Kind::number, 20},
               {"after the descent", Kind::number, 20},
               {"kept", Kind::number, 20},
               {"which", Kind::text, 10}},
              {},
              ""};
  const auto shown = [](double loss) { return fmt::format("{:.5f}", loss); };
  for (std::size_t bit = 0; bit < learned.losses.size(); ++bit) {
    const BitLoss& loss = learned.losses[bit];
    table.row({fmt::format("{}", bit), shown(static_cast<double>(loss.start)),
               shown(static_cast<double>(loss.optimised)), shown(static_cast<double>(loss.kept)),
               loss.improved ? "learned" : "start"});
  }
  table.rule();
  table.row({"mean", shown(mean_loss(learned, &BitLoss::start)),
             shown(mean_loss(learned, &BitLoss::optimised)),
             shown(mean_loss(learned, &BitLoss::kept)), ""});
  return table;
}

/// What learning shares with a run of an attention: operations and their prices.
Run priced_run(const Learning& learning) {
  Run run;
  run.table = table_line(learning.table);
  run.operations = operation_lines(learning.priced);
  run.totals = totals_of(learning.learned.ledger.declared());
  run.energy_pj.compute = run.energy_pj.total = total_energy(learning.priced);
  return run;
}

OrderedJson bits_of(const LearnedHash& learned) {
  OrderedJson bits = OrderedJson::array();
  for (const BitLoss& loss : learned.losses) {
    bits.push_back({{"bit", bits.size()},
                    {"loss_start", number(static_cast<double>(loss.start))},
                    {"loss_optimised", number(static_cast<double>(loss.optimised))},
                    {"loss_kept", number(static_cast<double>(loss.kept))},
                    {"improved", loss.improved}});
  }
  return bits;
}

}  // namespace

std::size_t Learning::improved() const {
  return static_cast<std::size_t>(std::ranges::count_if(learned.losses, &BitLoss::improved));
}

std::string Learning::shape() const {
  return fmt::format("{} sequence{}, {} tokens, {} head{}, head dim {}", tokens.size(),
                     tokens.size() == 1 ? "" : "s",
                     std::accumulate(tokens.begin(), tokens.end(), std::size_t{0}), heads,
                     heads == 1 ? "" : "s", head_dim);
}

std::string options_text(const LearningOptions& o) {
  return fmt::format("bits={} anchors={} top={} iterations={} rate={} momentum={} seed={}", o.bits,
                     o.anchors, o.top, o.iterations, o.rate, o.momentum, o.seed);
}

Document document_of(const Learning& learning) {
  const Run run = priced_run(learning);
  Document document{
      "learn-hash",
      {Facts{"",
             {{"options", options_text(learning.options)},
              {"input", learning.input},
              {"shape", learning.shape()},
              {"cost table", table_text(run.table)},
              {"written", learning.output}}},
       loss_table(learning.learned),
       operations_table("Operations", "phase", run.operations, run.energy_pj, run.table.unit)}};
  document.blocks.emplace_back(
      Facts{"",
            {{"losses", fmt::format("the descent improved {} of {} bits", learning.improved(),
                                    learning.options.bits)},
             {"totals", totals_text(run.totals)},
             {"energy", energy_text(run.energy_pj, run.table.unit)},
             {"prices", fmt::format("{} of {}", price_shares(run.operations, run.traffic),
                                    priced_energy(run.energy_pj))},
             {"host time",
              si_seconds(learning.host_seconds) + " on this machine, not on the hardware above"}},
            true});
  add_estimates(document, run);
  add_notes_and_sources(document, {version, {run}});
  return document;
}

std::string json_of(const Learning& learning) {
  const LearningOptions& o = learning.options;
  OrderedJson traffic = OrderedJson::array();
  for (const Phase& phase : learning.learned.ledger.phases()) {
    traffic.push_back({{"phase", phase.name()},
                       {"read_bytes", phase.traffic().read_bytes},
                       {"write_bytes", phase.traffic().write_bytes}});
  }
  const OrderedJson document = {
      {"schema", "wattention-learning/1"},
      {"version", version},
      {"input", learning.input},
      {"output", learning.output},
      {"options",
       {{"bits", o.bits},
        {"anchors", o.anchors},
        {"top", o.top},
        {"iterations", o.iterations},
        {"rate", number(static_cast<double>(o.rate))},
        {"momentum", number(static_cast<double>(o.momentum))},
        {"seed", o.seed}}},
      {"shape",
       {{"heads", learning.heads}, {"head_dim", learning.head_dim}, {"tokens", learning.tokens}}},
      {"table",
       {{"name", learning.table.name()},
        {"node_nm", number(learning.table.node_nm())},
        {"unit", name_of(learning.table.unit())}}},
      {"bits", bits_of(learning.learned)},
      {"mean_loss",
       {{"start", number(mean_loss(learning.learned, &BitLoss::start))},
        {"optimised", number(mean_loss(learning.learned, &BitLoss::optimised))},
        {"kept", number(mean_loss(learning.learned, &BitLoss::kept))}}},
      {"operations", operations_json(operation_lines(learning.priced), "phase")},
      {"traffic", traffic},
      {"totals", json_of(totals_of(learning.learned.ledger.declared()))},
      {"energy_pj", {{"compute", number(total_energy(learning.priced))}}},
      {"host_seconds", number(learning.host_seconds)}};
  return json_text(document);
}

}  // namespace wattention
