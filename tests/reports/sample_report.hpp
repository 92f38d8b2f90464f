#pragma once

// An invented but consistent report for the tests of writers and plots: softmax attention and
// EcoFormer on 4 heads of 128 tokens, energies = counts x prices of 45 nm, in picojoules.

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "reports/report.hpp"

namespace wattention::sample {

struct Price {
  Range pj;
  std::string source;
  std::string kind;
};

inline const Price& price_of(const std::string& op) {
  static const std::string horowitz =
      "M. Horowitz, Computing's energy problem, ISSCC 2014, Fig. 1.1.9";
  static const std::string polynomial = "range reduction and a polynomial: 4 mul, 4 add";
  static const std::map<std::string, Price> prices{
      {"mul", {Range::exactly(3.7), horowitz, "published"}},
      {"add", {Range::exactly(0.9), horowitz, "published"}},
      {"mac", {Range::exactly(4.6), "mul + add", "derived"}},
      {"div",
       {Range::exactly(26.3), "PMC8934428, Table 3: 7.1 x mul, on a Cortex-M4F", "estimated"}},
      {"sqrt", {Range::exactly(26.3), "as a division", "estimated"}},
      {"exp", {Range::exactly(18.4), polynomial, "estimated"}},
      {"compare", {Range::exactly(0.9), "as an addition, PMC8934428", "published"}},
      {"logic", {Range::exactly(0.003125), "one bit of an int add", "derived"}}};
  return prices.at(op);
}

inline void charge(Run& run, const std::string& phase, const std::string& op, std::uint64_t count) {
  const Price& price = price_of(op);
  const Range energy = static_cast<double>(count) * price.pj;
  const std::string format = op == "logic" ? "bit" : "fp32";
  run.operations.push_back({phase, op, format, count, energy, price.source, price.kind});
  const bool is_mac = op == "mac";
  Totals& totals = run.totals;
  if (is_mac) totals.macs += count;
  if (is_mac || op == "mul") totals.multiplications += count;
  if (is_mac || op == "add") totals.additions += count;
  if (op == "div") totals.divisions += count;
  if (op == "sqrt") totals.square_roots += count;
  if (op == "exp") totals.exponentials += count;
  if (op == "compare") totals.comparisons += count;
  if (op == "logic") totals.bit_operations += count;
  run.energy_pj.compute += energy;
  run.energy_pj.total += energy;
}

inline Run run_named(const std::string& attention, const std::string& label) {
  Run run;
  run.attention = attention;
  run.label = label;
  run.mode = "execute";
  run.accounting = "complete";
  run.input = "q.npy, k.npy, v.npy";
  run.shape = {4, 4, 128, 128, 32, 32, false};
  run.table = {"horowitz-45nm", "Horowitz, ISSCC 2014, 45 nm, 0.9 V", 45.0};
  run.notes = {"Arithmetic only: no registers, clock or wires."};
  return run;
}

inline Run softmax() {
  Run run = run_named("softmax", "softmax");
  run.options = {{"causal", false}};
  charge(run, "scores", "mac", 2'097'152);
  charge(run, "scores", "mul", 65'536);
  charge(run, "softmax", "compare", 65'024);
  charge(run, "softmax", "add", 130'560);
  charge(run, "softmax", "exp", 65'536);
  charge(run, "softmax", "div", 65'536);
  charge(run, "output", "mac", 2'097'152);
  run.traffic = {{"scores", "unmodelled", 131'072, 262'144, {}},
                 {"softmax", "unmodelled", 262'144, 262'144, {}},
                 {"output", "unmodelled", 327'680, 65'536, {}}};
  run.host_seconds = 0.00123;
  run.error_vs_softmax = OutputError{0.0, 0.0, 0.0, 1.0};
  return run;
}

inline Run ecoformer() {
  Run run = run_named("ecoformer", "ecoformer form=linear");
  run.options = {{"bits", std::int64_t{16}},
                 {"anchors", std::int64_t{25}},
                 {"bias_term", std::string("token")},
                 {"form", std::string("linear")},
                 {"ridge", 0.5}};
  charge(run, "normalise", "mac", 32'768);
  charge(run, "normalise", "sqrt", 1'024);
  charge(run, "normalise", "div", 32'768);
  charge(run, "kernel", "add", 819'200);
  charge(run, "kernel", "mac", 819'200);
  charge(run, "kernel", "exp", 25'600);
  charge(run, "hash", "mac", 409'600);
  charge(run, "hash", "compare", 16'384);
  charge(run, "context", "add", 262'144);
  charge(run, "context", "logic", 262'144);
  charge(run, "normaliser", "add", 8'192);
  charge(run, "output", "add", 262'144);
  charge(run, "output", "logic", 262'144);
  charge(run, "output", "div", 16'384);
  run.traffic = {{"normalise", "unmodelled", 131'072, 131'072, {}},
                 {"kernel", "unmodelled", 143'872, 102'400, {}},
                 {"hash", "unmodelled", 108'800, 2'048, {}},
                 {"context", "unmodelled", 67'584, 8'192, {}},
                 {"normaliser", "unmodelled", 1'024, 256, {}},
                 {"output", "unmodelled", 9'472, 65'536, {}}};
  run.host_seconds = 0.000456;
  run.error_vs_softmax = OutputError{0.0312, 0.00456, 0.123, 0.992345};
  run.notes.push_back("Hash functions were drawn from the input's own keys, with seed 1.");
  return run;
}

inline Report of_one() { return {"1.2.3", {ecoformer()}}; }

inline Report of_two() { return {"1.2.3", {softmax(), ecoformer()}}; }

/// The two, and again under a table where softmax attention takes less.
inline Report under_two_tables() {
  Report report = of_two();
  for (Run run : {softmax(), ecoformer()}) {
    const double energy = run.attention == "softmax" ? 1000.0 : 2000.0;
    run.table = {"cheap-mul", "Multiplications for nothing", 7.0, "relative", "an addition is 1"};
    const double factor = energy / run.energy_pj.total.middle();
    for (OperationLine& line : run.operations) line.energy_pj = factor * line.energy_pj;
    run.energy_pj.compute = run.energy_pj.total = Range::exactly(energy);
    report.runs.push_back(std::move(run));
  }
  return report;
}

/// A run whose prices are ranges, and whose memory is priced.
inline Run with_ranges() {
  Run run = run_named("softmax", "softmax causal=true");
  run.table = {"dram-45nm", "", 45.0};
  run.options = {{"causal", true}};
  run.shape.key_heads = 2;
  run.shape.shared_queries_and_keys = true;
  charge(run, "scores", "mac", 2'097'152);
  charge(run, "output", "mac", 2'097'152);
  for (OperationLine& line : run.operations) line.energy_pj.high *= 2.0;
  const std::string dram = "DRAM, a guess";
  run.memory = "tiled";
  run.traffic = {
      {"scores", "buffer", 131'072, 0, Range::exactly(327'680.0), false, price_of("add").source,
       "published"},
      {"scores", "dram", 131'072, 262'144, {63'897'600.0, 127'795'200.0}, true, dram, "estimated"},
      {"output", "dram", 327'680, 65'536, {63'897'600.0, 127'795'200.0}, true, dram, "estimated"}};
  run.energy_pj = {};
  for (const OperationLine& line : run.operations) run.energy_pj.compute += line.energy_pj;
  for (const TrafficLine& line : run.traffic) run.energy_pj.memory += line.energy_pj;
  run.energy_pj.total += run.energy_pj.compute;
  run.energy_pj.total += run.energy_pj.memory;
  run.host_seconds.reset();
  run.error_vs_softmax.reset();
  return run;
}

/// Text that does harm wherever it is passed on unescaped.
inline std::string hostile_text() {
  return "\"; system \"touch hostile\" `touch hostile` '\n\\n$(touch hostile)\x1b[31m<script>&\xff";
}

/// Names and labels replaced by `text`, with a number so that they differ.
inline Report renamed(Report report, const std::string& text) {
  int number = 0;
  for (Run& run : report.runs) {
    const auto name = [&] { return text + std::to_string(++number); };
    run.attention = name();
    run.label = name();
    run.input = name();
    run.mode = name();
    run.accounting = name();
    run.table.name = name();
    run.table.title = name();
    run.options.emplace_back(name(), name());
    run.notes.push_back(name());
    for (OperationLine& line : run.operations) {
      line = {name(), name(), name(), line.count, line.energy_pj, name(), name()};
    }
    for (TrafficLine& line : run.traffic) {
      line = {name(), name(), line.read_bytes, line.write_bytes, line.energy_pj};
    }
  }
  return report;
}

}  // namespace wattention::sample
