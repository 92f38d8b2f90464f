#pragma once

// An invented but consistent report for the tests of writers and plots: softmax attention and
// EcoFormer on 4 heads of 128 tokens, energies = counts x prices of 45 nm, in picojoules.

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

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

inline OperationLine line_of(const std::string& group, const std::string& op, std::uint64_t count) {
  const Price& price = price_of(op);
  const std::string format = op == "logic" ? "bit" : "fp32";
  return {group,        op,        format, count, static_cast<double>(count) * price.pj,
          price.source, price.kind};
}

/// To a Run or a NetworkRun.
template <class AnyRun>
void charge(AnyRun& run, const std::string& group, const std::string& op, std::uint64_t count) {
  run.operations.push_back(line_of(group, op, count));
  const Range energy = run.operations.back().energy_pj;
  for (const TotalGroup& in : total_groups) {
    if (in.holds(op)) run.totals[in.total] += count;
  }
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

/// The same function as softmax(), whose scores are not written.
inline Run flash() {
  Run run = run_named("flash", "flash");
  run.options = {{"tile", std::int64_t{64}}};
  charge(run, "scores", "mac", 2'097'152);
  charge(run, "output", "mac", 2'097'152);
  run.host_seconds = 0.00234;
  run.error_vs_softmax = OutputError{1e-6, 1e-7, 1e-7, 1.0};
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

inline Report with_flash() { return {"1.2.3", {softmax(), flash(), ecoformer()}}; }

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

/// Bytes in accesses of 64 bits: "buffer" at 20 pJ, "dram" from 1300 to 2600 pJ.
inline TrafficLine priced_bytes(const std::string& phase, const std::string& level,
                                std::uint64_t read, std::uint64_t written) {
  const bool dram = level == "dram";
  const Range access_pj = dram ? Range{1300.0, 2600.0} : Range::exactly(20.0);
  const std::uint64_t reads = (read + 7) / 8;
  const std::uint64_t writes = (written + 7) / 8;
  return {phase,
          level,
          read,
          written,
          static_cast<double>(reads + writes) * access_pj,
          dram,
          dram ? "DRAM, a guess" : price_of("add").source,
          dram ? "estimated" : "published",
          64,
          reads,
          writes,
          access_pj,
          access_pj};
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
  run.memory = "tiled";
  run.traffic = {priced_bytes("scores", "buffer", 131'072, 0),
                 priced_bytes("scores", "dram", 131'072, 262'144),
                 priced_bytes("output", "dram", 327'680, 65'536)};
  run.energy_pj = {};
  for (const OperationLine& line : run.operations) run.energy_pj.compute += line.energy_pj;
  for (const TrafficLine& line : run.traffic) run.energy_pj.memory += line.energy_pj;
  run.energy_pj.total += run.energy_pj.compute;
  run.energy_pj.total += run.energy_pj.memory;
  run.host_seconds.reset();
  run.error_vs_softmax.reset();
  return run;
}

/// An item of a reconciliation: what was executed, and what the paper charges.
inline ReconciledItem item_of(const std::string& kind, const std::string& item,
                              std::vector<OperationLine> executed, std::uint64_t multiplications,
                              std::uint64_t additions, ReconciledItem::Verdict verdict) {
  ReconciledItem result{kind, item,   std::move(executed), {}, multiplications, additions,
                        {},   verdict};
  for (const OperationLine& line : result.executed) result.executed_pj += line.energy_pj;
  result.paper_pj += static_cast<double>(multiplications) * price_of("mul").pj;
  result.paper_pj += static_cast<double>(additions) * price_of("add").pj;
  return result;
}

inline NetworkRun network(const std::string& attention) {
  NetworkRun run;
  run.network = "tiny-pyramid";
  run.title = "A pyramid of two stages";
  run.attention = attention;
  run.mode = "execute";
  run.accounting = "complete";
  run.input = "fashion-mnist: 1000 test images";
  run.input_size = "784 tokens (28 x 28) of 1 channels";
  run.weights = "tiny.safetensors";
  run.inputs = 1000;
  run.parameters = 123'456;
  run.table = {"horowitz-45nm", "Horowitz, ISSCC 2014, 45 nm, 0.9 V", 45.0};
  run.read_bytes = 1'234'567;
  run.write_bytes = 765'432;
  run.host_seconds = 4.56;
  return run;
}

inline void move_bytes(NetworkRun& run, const std::string& kind, std::uint64_t read,
                       std::uint64_t written) {
  run.memory = "tiled";
  for (const TrafficLine& line : {priced_bytes(kind, "buffer", 4 * read, 4 * written),
                                  priced_bytes(kind, "dram", read, written)}) {
    run.traffic.push_back(line);
    run.energy_pj.memory += line.energy_pj;
    run.energy_pj.total += line.energy_pj;
  }
}

inline NetworkRun native_network() {
  NetworkRun run = network("native");
  charge(run, "embedding", "mac", 500'000);
  charge(run, "attention", "mac", 9'000'000);
  charge(run, "attention", "exp", 300'000);
  charge(run, "attention", "div", 300'000);
  charge(run, "mlp", "mac", 4'000'000);
  charge(run, "head", "mac", 2'560);
  move_bytes(run, "embedding", 3'280, 12'544);
  move_bytes(run, "attention", 50'176, 25'088);
  move_bytes(run, "mlp", 30'000, 12'544);
  run.layers = {{"embed", "convolution", "embedding", "784 x 1", "196 x 16", false, {}, {}},
                {"block.attn", "softmax", "attention", "196 x 16", "196 x 16", false, {}, {}}};
  run.accuracy = Accuracy{1000, 873};
  return run;
}

inline NetworkRun ecoformer_network() {
  using Verdict = ReconciledItem::Verdict;
  NetworkRun run = network("ecoformer bits=32");
  run.options = {{"bits", std::int64_t{32}}, {"form", std::string("linear")}};
  charge(run, "embedding", "mac", 500'000);
  charge(run, "attention", "mac", 1'000'000);
  charge(run, "attention", "add", 2'000'000);
  charge(run, "attention", "exp", 30'000);
  charge(run, "attention", "logic", 2'000'000);
  charge(run, "mlp", "mac", 4'000'000);
  charge(run, "head", "mac", 2'560);
  move_bytes(run, "embedding", 3'280, 12'544);
  move_bytes(run, "attention", 25'088, 12'544);
  move_bytes(run, "mlp", 30'000, 12'544);
  run.layers = {{"embed", "convolution", "embedding", "784 x 1", "196 x 16", false, {}, {}},
                {"block.attn",
                 "ecoformer",
                 "attention",
                 "196 x 16",
                 "196 x 16",
                 true,
                 {},
                 Range::exactly(6'958'250.0)}};
  run.reconciliation = {
      item_of("embedding", "convolution: products", {line_of("item", "mac", 500'000)}, 500'000,
              500'000, Verdict::same),
      item_of("attention", "ecoformer: kernel",
              {line_of("item", "mac", 1'000'000), line_of("item", "exp", 30'000)}, 100'000, 900'000,
              Verdict::different),
      item_of("attention", "ecoformer: context",
              {line_of("item", "add", 2'000'000), line_of("item", "logic", 2'000'000)}, 0, 0,
              Verdict::left_out),
      item_of("head", "linear: biases", {}, 10, 10, Verdict::not_executed)};
  run.accuracy = Accuracy{1000, 861};
  run.error_vs_native = OutputError{1.5, 0.25, 0.125, 0.987654};
  run.area_um2 = 1.5e9;
  run.notes = {"Hash functions were learned from 16 training images."};
  return run;
}

inline Report of_one_network() { return {"1.2.3", {}, {ecoformer_network()}}; }

inline Report of_two_networks() { return {"1.2.3", {}, {native_network(), ecoformer_network()}}; }

/// softmax, quadratic, and EcoFormer, linear, at three token counts.
inline Report of_three_token_counts() {
  Report report{"1.2.3", {}};
  for (const std::uint64_t tokens : {16U, 128U, 1024U}) {
    for (Run run : {softmax(), ecoformer()}) {
      const double times = static_cast<double>(tokens) / 128.0;
      const double factor = run.attention == "softmax" ? times * times : times;
      run.shape.queries = run.shape.keys = tokens;
      run.energy_pj = {};
      run.totals = {};
      const std::vector<OperationLine> lines = std::exchange(run.operations, {});
      for (const OperationLine& line : lines) {
        charge(run, line.phase, line.op,
               static_cast<std::uint64_t>(static_cast<double>(line.count) * factor));
      }
      for (TrafficLine& line : run.traffic) {
        line.read_bytes = static_cast<std::uint64_t>(static_cast<double>(line.read_bytes) * factor);
        line.write_bytes =
            static_cast<std::uint64_t>(static_cast<double>(line.write_bytes) * factor);
      }
      run.error_vs_softmax.reset();
      run.host_seconds.reset();
      run.mode = "estimate";
      report.runs.push_back(std::move(run));
    }
  }
  return report;
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
  for (NetworkRun& run : report.networks) {
    const auto name = [&] { return text + std::to_string(++number); };
    for (std::string* field :
         {&run.network, &run.title, &run.attention, &run.mode, &run.accounting, &run.input,
          &run.input_size, &run.weights, &run.table.name, &run.table.title}) {
      *field = name();
    }
    run.options.emplace_back(name(), name());
    run.notes.push_back(name());
    const auto rename = [&](OperationLine& line) {
      line = {name(), name(), name(), line.count, line.energy_pj, name(), name()};
    };
    for (OperationLine& line : run.operations) rename(line);
    for (TrafficLine& line : run.traffic) {
      line = {name(), name(), line.read_bytes, line.write_bytes, line.energy_pj};
    }
    for (LayerLine& layer : run.layers) {
      for (std::string* field : {&layer.name, &layer.type, &layer.kind, &layer.in, &layer.out}) {
        *field = name();
      }
    }
    for (ReconciledItem& item : run.reconciliation) {
      item.kind = name();
      item.item = name();
      for (OperationLine& line : item.executed) rename(line);
    }
  }
  return report;
}

}  // namespace wattention::sample
