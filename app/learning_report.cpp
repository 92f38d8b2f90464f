#include "app/learning_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "measure/measure.hpp"
#include "reports/document/phrases.hpp"
#include "reports/formats/columns.hpp"
#include "reports/formats/text_parts.hpp"
#include "reports/wording/numbers.hpp"
#include "reports/wording/printable.hpp"
#include "sim/version.hpp"

namespace wattention {
namespace {

using Align = Columns::Align;
using OrderedJson = nlohmann::ordered_json;

/// Mean over the bits of one of their losses.
double mean_loss(const LearnedHash& learned, float BitLoss::*loss) {
  double total = 0.0;
  for (const BitLoss& bit : learned.losses) total += static_cast<double>(bit.*loss);
  return total / static_cast<double>(learned.losses.size());
}

std::string loss_table(const LearnedHash& learned) {
  Columns table({{"bit", Align::left, 0},
                 {"loss at the start", Align::right, 20},
                 {"after the descent", Align::right, 20},
                 {"kept", Align::right, 20},
                 {"which", Align::left, 10}});
  const auto number = [](double loss) { return fmt::format("{:.5f}", loss); };
  for (std::size_t bit = 0; bit < learned.losses.size(); ++bit) {
    const BitLoss& loss = learned.losses[bit];
    table.row({fmt::format("{}", bit), number(static_cast<double>(loss.start)),
               number(static_cast<double>(loss.optimised)), number(static_cast<double>(loss.kept)),
               loss.improved ? "learned" : "start"});
  }
  table.rule();
  table.row({"mean", number(mean_loss(learned, &BitLoss::start)),
             number(mean_loss(learned, &BitLoss::optimised)),
             number(mean_loss(learned, &BitLoss::kept)), ""});
  return table.text();
}

std::string operations_table(const Learning& learning) {
  const Range total = total_energy(learning.priced);
  Columns table({{"phase", Align::left, 0},
                 {"op", Align::left, 10},
                 {"format", Align::left, 8},
                 {"count", Align::right, 9},
                 {"energy", Align::right, 17},
                 {"share", Align::right, 6},
                 {"price", Align::left, 12}});
  std::string_view phase;
  for (const PricedOperation& line : learning.priced) {
    if (!phase.empty() && phase != line.phase) table.rule();
    table.row({phase == line.phase ? "" : line.phase, std::string(name_of(line.op)),
               std::string(name_of(line.format)), si_count(line.count),
               si_energy(line.energy_pj, name_of(learning.table.unit())),
               share_of(line.energy_pj, total), std::string(name_of(line.price.kind))});
    phase = line.phase;
  }
  table.rule();
  table.row({"all of learning", "", "", "", si_energy(total, name_of(learning.table.unit())),
             share_of(total, total), ""});
  return table.text();
}

OrderedJson number(double value) {
  return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr);
}

OrderedJson number(const Range& range) {
  return range.exact() ? number(range.low)
                       : OrderedJson::array({number(range.low), number(range.high)});
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

OrderedJson json_of(const Totals& totals) {
  return {{"multiplications", totals.multiplications},
          {"additions", totals.additions},
          {"macs", totals.macs},
          {"divisions", totals.divisions},
          {"square_roots", totals.square_roots},
          {"exponentials", totals.exponentials},
          {"comparisons", totals.comparisons},
          {"bit_operations", totals.bit_operations}};
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

std::string text_of(const Learning& learning) {
  const EnergyTable& table = learning.table;
  std::string text = heading("learn-hash");
  text += fact_line({"options", options_text(learning.options)});
  text += fact_line({"input", learning.input});
  text += fact_line({"shape", learning.shape()});
  text += fact_line({"cost table", table_text(table_line(table))});
  text += fmt::format("\n{}\n{}\n", loss_table(learning.learned), operations_table(learning));
  const Totals totals = totals_of(learning.learned.ledger.declared());
  text += fact_line({"losses", fmt::format("the descent improved {} of {} bits",
                                           learning.improved(), learning.options.bits)});
  text += fact_line(
      {"totals", fmt::format("{} multiplications, {} additions, {} exponentials, {} divisions, "
                             "{} comparisons, {} bit operations",
                             si_count(totals.multiplications), si_count(totals.additions),
                             si_count(totals.exponentials), si_count(totals.divisions),
                             si_count(totals.comparisons), si_count(totals.bit_operations))});
  text += fact_line(
      {"energy", si_energy(total_energy(learning.priced), name_of(table.unit())) + " of compute"});
  text += fact_line({"host time", si_seconds(learning.host_seconds) +
                                      " on this machine, not on the hardware above"});
  return text + fact_line({"written", learning.output});
}

std::string json_of(const Learning& learning) {
  const LearningOptions& o = learning.options;
  OrderedJson operations = OrderedJson::array();
  for (const PricedOperation& line : learning.priced) {
    operations.push_back({{"phase", line.phase},
                          {"op", name_of(line.op)},
                          {"format", name_of(line.format)},
                          {"count", line.count},
                          {"energy_pj", number(line.energy_pj)},
                          {"source", line.price.source},
                          {"kind", name_of(line.price.kind)}});
  }
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
      {"operations", operations},
      {"traffic", traffic},
      {"totals", json_of(totals_of(learning.learned.ledger.declared()))},
      {"energy_pj", {{"compute", number(total_energy(learning.priced))}}},
      {"host_seconds", number(learning.host_seconds)}};
  constexpr int indent = 2;
  constexpr bool ascii_only = false;
  return document.dump(indent, ' ', ascii_only, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace wattention
