#pragma once

// Stores runs in a database, one transaction a batch. A run whose key is there already is left as
// it is. Every number of a Run or NetworkRun is kept, so that sweeps/run_reader.hpp gives back the
// same struct; what no sweep makes (reconciliations, accuracies) is refused, as are counts beyond
// 2^63 - 1, which SQLite cannot hold.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <variant>

#include "reports/report.hpp"
#include "sweeps/database.hpp"

namespace wattention {

using RunResult = std::variant<Run, NetworkRun>;

/// What identifies a run that is stored.
struct RunIdentity {
  std::string key;
  std::string configuration;  // as JSON
  std::size_t position = 0;
  std::string tool_version;
  std::string table_content;
};

class RunWriter {
 public:
  explicit RunWriter(Database& database);
  ~RunWriter();
  RunWriter(const RunWriter&) = delete;
  RunWriter& operator=(const RunWriter&) = delete;

  struct Stored {
    RunIdentity identity;
    const RunResult* result;
  };
  void store(std::span<const Stored> batch);

 private:
  struct Statements;
  Database& database_;
  std::unique_ptr<Statements> statements_;
};

}  // namespace wattention
