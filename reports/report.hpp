#pragma once

// What a run of an attention, or of a whole network, found, as plain data. Every writer prints this
// same struct; none computes energy. Counts are operations, energies picojoules, traffic bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reports/totals.hpp"
#include "sim/option_value.hpp"
#include "sim/range.hpp"

namespace wattention {

struct OperationLine {
  std::string phase;
  std::string op;
  std::string format;
  std::uint64_t count = 0;
  Range energy_pj;
  std::string source;  // of the price, written out
  std::string kind;    // of the price: published, derived, estimated, user
};

/// Bytes that cross into or out of a memory level; "unmodelled" where no hierarchy was applied.
struct TrafficLine {
  std::string phase;
  std::string level;
  std::uint64_t read_bytes = 0;
  std::uint64_t write_bytes = 0;
  Range energy_pj = {};
  bool off_chip = false;
  std::string source = {};  // of the level's energies, written out
  std::string kind = {};    // of these: published, derived, estimated, user
  // Where it is priced, energy_pj = read_accesses x read_pj + write_accesses x write_pj:
  std::uint64_t access_bits = 0;
  std::uint64_t read_accesses = 0;
  std::uint64_t write_accesses = 0;
  Range read_pj = {};  // of one access
  Range write_pj = {};
};

struct Energy {
  Range compute;
  Range memory;
  Range total;
};

/// Difference to exact softmax attention on the same input, over all numbers of the output.
struct OutputError {
  double max_abs = 0.0;
  double rmse = 0.0;
  double relative_l2 = 0.0;  // ||y - exact|| / ||exact||
  double cosine = 1.0;       // of the two outputs as vectors
};

/// Something that is executed, charged by the published accounting, or both.
struct ReconciledItem {
  enum class Verdict : std::uint8_t { same, different, left_out, not_executed };

  std::string kind;  // of the layer
  std::string item;  // "linear: biases"
  std::vector<OperationLine> executed;
  Range executed_pj;
  std::uint64_t paper_multiplications = 0;
  std::uint64_t paper_additions = 0;
  Range paper_pj;
  Verdict verdict = Verdict::same;
};

/// What a run of an attention and of a network share: how it came about, what it took, and the
/// price.
struct Result {
  struct Table {
    std::string name;
    std::string title;
    double node_nm = 0.0;
    std::string unit = "pJ";     // or "relative": what is called pJ here is units, no joules
    std::string unit_note = {};  // what one unit is
  };

  std::string attention;  // of a network: "native", or with its options: "ecoformer bits=32"
  std::vector<std::pair<std::string, OptionValue>> options;  // all of them, defaults included
  std::string mode;                                          // execute, audit, estimate
  std::string precision = "fp32";                            // fp32, fp16, bf16, e4m3, e5m2
  std::string accumulate = "fp32";                           // sums in 16 bits: fp32, same
  std::string accounting;                                    // complete, paper
  std::string input;                                         // where the tensors came from
  Table table;
  std::vector<OperationLine> operations;  // in the order of phases, or of kinds of layers
  std::string memory = "none";            // policy that traffic is modelled under
  std::vector<TrafficLine> traffic;       // in the same order
  Totals totals;
  Energy energy_pj;
  std::optional<double> host_seconds;          // this machine's time; not in estimate mode
  std::optional<double> area_um2;              // the published accounting's: one unit an operation
  std::vector<ReconciledItem> reconciliation;  // where it was asked for
  std::vector<std::string> notes;              // what a reader must know about these figures
};

/// One attention on one input.
struct Run : Result {
  struct Shape {
    std::uint64_t heads = 0;
    std::uint64_t key_heads = 0;
    std::uint64_t queries = 0;
    std::uint64_t keys = 0;
    std::uint64_t head_dim = 0;
    std::uint64_t value_dim = 0;
    bool shared_queries_and_keys = false;
    bool operator==(const Shape&) const = default;
  };

  std::string label;  // the attention and the options that were set: "ecoformer form=hamming"
  Shape shape;
  std::optional<OutputError> error_vs_softmax;  // where it was computed
};

/// A layer of a network: one input's share, compute alone.
struct LayerLine {
  std::string name;
  std::string type;
  std::string kind;  // what energy is grouped by: embedding, projection, attention, mlp, ...
  std::string in, out;
  bool replaced = false;  // an attention in place of the network's own
  Totals totals;
  Range energy_pj;
};

struct Accuracy {
  std::uint64_t images = 0;
  std::uint64_t correct = 0;
  double top1() const { return static_cast<double>(correct) / static_cast<double>(images); }
};

/// A whole network. Operations, totals and energy are those of one input, and what phases are to an
/// attention, kinds of layers are here; the time is that of all inputs.
struct NetworkRun : Result {
  std::string network;
  std::string title;
  std::string layer_precision = "fp32";  // of the layers around attentions
  std::string weights;
  std::string input_size;
  std::uint64_t inputs = 1;
  std::uint64_t parameters = 0;
  std::vector<LayerLine> layers;
  std::uint64_t read_bytes = 0;  // of tensors, whatever the levels
  std::uint64_t write_bytes = 0;
  std::optional<Accuracy> accuracy;
  std::optional<OutputError> error_vs_native;  // of the output, against the network's own attention
};

struct Report {
  std::string version;  // of Wattention
  std::vector<Run> runs = {};
  std::vector<NetworkRun> networks = {};
};

}  // namespace wattention
