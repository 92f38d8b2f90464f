#pragma once

// What a run found, as plain data. Every writer prints this same struct; none computes energy.
// Counts are operations, energies picojoules, traffic bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/range.hpp"

namespace wattention {

using OptionValue = std::variant<bool, std::int64_t, double, std::string>;

struct OperationLine {
  std::string phase;
  std::string op;
  std::string format;
  std::uint64_t count = 0;
  Range energy_pj;
  std::string source;  // of the price, written out
  std::string kind;    // of the price: published, derived, estimated
};

struct TrafficLine {
  std::string phase;
  std::string level;
  std::uint64_t read_bytes = 0;
  std::uint64_t write_bytes = 0;
  Range energy_pj;
};

struct Totals {
  std::uint64_t multiplications = 0;  // mul + mac
  std::uint64_t additions = 0;        // add + mac
  std::uint64_t macs = 0;
  std::uint64_t divisions = 0;
  std::uint64_t square_roots = 0;
  std::uint64_t exponentials = 0;
  std::uint64_t comparisons = 0;
  std::uint64_t bit_operations = 0;  // logic + popcount
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

struct Run {
  struct Shape {
    std::uint64_t heads = 0;
    std::uint64_t key_heads = 0;
    std::uint64_t queries = 0;
    std::uint64_t keys = 0;
    std::uint64_t head_dim = 0;
    std::uint64_t value_dim = 0;
    bool shared_queries_and_keys = false;
  };
  struct Table {
    std::string name;
    std::string title;
    double node_nm = 0.0;
  };

  std::string attention;
  std::string label;  // the attention and the options that were set: "ecoformer form=hamming"
  std::vector<std::pair<std::string, OptionValue>> options;  // all of them, defaults included
  std::string mode;                                          // execute, audit, estimate
  std::string precision = "fp32";                            // fp32, fp16, bf16
  std::string accumulate = "fp32";                           // sums in 16 bits: fp32, same
  std::string accounting;                                    // complete, paper
  std::string input;                                         // where the tensors came from
  Shape shape;
  Table table;
  std::vector<OperationLine> operations;  // in the order of phases
  std::vector<TrafficLine> traffic;       // in the order of phases
  Totals totals;
  Energy energy_pj;
  std::optional<double> host_seconds;           // this machine's time; not in estimate mode
  std::optional<OutputError> error_vs_softmax;  // where it was computed
  std::vector<std::string> notes;               // what a reader must know about these figures
};

struct Report {
  std::string version;  // of Wattention
  std::vector<Run> runs;
};

}  // namespace wattention
