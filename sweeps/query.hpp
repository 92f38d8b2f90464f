#pragma once

// One SELECT on a database of sweeps, row by row. The connection is read-only, and an authorizer
// refuses everything but reading: another statement, a second one, or SQL that SQLite does not take
// throws InputError on one line.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "sweeps/database.hpp"

namespace wattention {

/// NULL, an integer, a real number, a text. Blobs are written in hexadecimal.
using QueryValue = std::variant<std::monostate, std::int64_t, double, std::string>;

class Query {
 public:
  Query(const std::string& path, const std::string& sql);

  const std::vector<std::string>& columns() const { return columns_; }
  /// The next row; false at the end.
  bool next(std::vector<QueryValue>& row);

 private:
  template <class Action>
  auto checked(const Action& action);

  Database database_;
  std::unique_ptr<SQLite::Statement> statement_;
  std::vector<std::string> columns_;
};

}  // namespace wattention
