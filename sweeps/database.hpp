#pragma once

// The SQLite file that holds the runs of sweeps (sweeps/schema.hpp). One transaction a batch with a
// rollback journal, not write-ahead logging: a file at rest is one file, readable on read-only
// media, and a killed writer loses the batch in flight alone. Before use the file is compared with
// the schema; what is no database of ours, newer, damaged or not writable throws InputError with
// the file, a full disk or a lock Error: one line each, and what was stored stays.

#include <SQLiteCpp/SQLiteCpp.h>

#include <memory>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace wattention {

class Database {
 public:
  /// A database that is there, for reading.
  static Database open(const std::string& path);
  /// For reading and writing; made where there is none.
  static Database open_or_make(const std::string& path);
  /// Empty, in memory.
  static Database temporary();
  /// A database that `bytes` gave, in memory.
  static Database from_bytes(std::span<const char> bytes);

  /// The whole database as the bytes of its file.
  std::vector<char> bytes();

  /// Of the runs that are stored.
  std::unordered_set<std::string> keys();

  SQLite::Database& connection() { return *connection_; }
  const std::string& path() const { return path_; }

  /// Calls `action`, and translates what SQLite throws.
  template <class Action>
  auto guarded(const Action& action) {
    try {
      return action();
    } catch (const SQLite::Exception& error) {
      refuse(error);
    }
  }

 private:
  Database(std::string path, std::unique_ptr<SQLite::Database> connection)
      : path_(std::move(path)), connection_(std::move(connection)) {}
  [[noreturn]] void refuse(const SQLite::Exception& error) const;
  void check(bool for_writing);
  void make_schema();

  std::string path_;
  std::unique_ptr<SQLite::Database> connection_;
};

}  // namespace wattention
