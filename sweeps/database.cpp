#include "sweeps/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cstring>
#include <filesystem>
#include <system_error>

#include "sim/error.hpp"
#include "sim/files/mapped_file.hpp"
#include "sweeps/schema.hpp"

namespace wattention {
namespace {

constexpr int busy_milliseconds = 10'000;
constexpr const char* place = "database";

std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

[[noreturn]] void refuse_as(const std::string& path, const SQLite::Exception& error) {
  constexpr int primary = 0xff;
  const auto bad = [&path](std::string_view expected, std::string_view found) {
    throw InputError(path, place, expected, found);
  };
  switch (error.getErrorCode() & primary) {
    case SQLITE_NOTADB:
      bad("a database of sweeps", "another kind of file");
      break;
    case SQLITE_CORRUPT:
      bad("an intact database", "a damaged one: " + one_line(error.what()));
      break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      bad("a file that can be written", "a read-only one");
      break;
    case SQLITE_CANTOPEN:
      bad("a file in a folder that can be written", "none that SQLite can open");
      break;
    case SQLITE_FULL:
      throw Error(
          fmt::format("{}: {}: expected room on the disk, found none; what was stored "
                      "stays",
                      path, place));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(
          fmt::format("{}: {}: expected to write, found that another program does", path, place));
    default:
      break;
  }
  throw Error(fmt::format("{}: {}: {}", path, place, one_line(error.what())));
}

std::unique_ptr<SQLite::Database> connected(const std::string& path, int flags) {
  auto connection = std::make_unique<SQLite::Database>(path, flags, busy_milliseconds);
  connection->exec("PRAGMA trusted_schema = OFF");
  return connection;
}

std::int64_t pragma(SQLite::Database& connection, const char* name) {
  return connection.execAndGet(fmt::format("PRAGMA {}", name)).getInt64();
}

void demand_regular_file(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    throw InputError(path_label(path), place, "a database of sweeps", "no such file");
  }
  if (!std::filesystem::is_regular_file(path, ignored)) {
    throw InputError(path_label(path), place, "a database of sweeps", "something else");
  }
}

}  // namespace

Database Database::open(const std::string& path) {
  demand_regular_file(path);
  Database database(path_label(path), nullptr);
  database.guarded([&] {
    database.connection_ = connected(path, SQLite::OPEN_READONLY);
    try {
      database.connection_->exec("SELECT count(*) FROM sqlite_schema");
    } catch (const SQLite::Exception& error) {
      if (error.getExtendedErrorCode() != SQLITE_READONLY_ROLLBACK) throw;
      // A writer was killed: what it had not finished is taken back once, then reading goes on.
      connected(path, SQLite::OPEN_READWRITE)->exec("SELECT count(*) FROM sqlite_schema");
      database.connection_ = connected(path, SQLite::OPEN_READONLY);
    }
    constexpr bool for_writing = false;
    database.check(for_writing);
  });
  return database;
}

Database Database::open_or_make(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) demand_regular_file(path);
  Database database(path_label(path), nullptr);
  database.guarded([&] {
    database.connection_ = connected(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    const bool fresh =
        pragma(*database.connection_, "application_id") == 0 &&
        database.connection_->execAndGet("SELECT count(*) FROM sqlite_schema").getInt64() == 0;
    if (fresh) {
      database.make_schema();
    } else {
      constexpr bool for_writing = true;
      database.check(for_writing);
    }
  });
  return database;
}

Database Database::temporary() {
  Database database("memory", nullptr);
  database.guarded([&] {
    database.connection_ = connected(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database.make_schema();
  });
  return database;
}

Database Database::from_bytes(std::span<const char> bytes) {
  Database database("memory", nullptr);
  database.guarded([&] {
    database.connection_ = connected(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    auto* const copy = static_cast<unsigned char*>(sqlite3_malloc64(bytes.size() + 1));
    if (copy == nullptr) throw std::bad_alloc();
    std::memcpy(copy, bytes.data(), bytes.size());
    database.connection_->check(sqlite3_deserialize(
        database.connection_->getHandle(), "main", copy, static_cast<sqlite3_int64>(bytes.size()),
        static_cast<sqlite3_int64>(bytes.size()),
        SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY));
    constexpr bool for_writing = false;
    database.check(for_writing);
  });
  return database;
}

std::vector<char> Database::bytes() {
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, decltype(&sqlite3_free)> bytes(
      sqlite3_serialize(connection_->getHandle(), "main", &size, 0), &sqlite3_free);
  if (!bytes) throw std::bad_alloc();
  return {bytes.get(), bytes.get() + size};
}

void Database::make_schema() {
  SQLite::Transaction transaction(*connection_, SQLite::TransactionBehavior::IMMEDIATE);
  for (const SchemaTable& table : schema()) connection_->exec(table.sql);
  connection_->exec(fmt::format("PRAGMA application_id = {}", application_id));
  connection_->exec(fmt::format("PRAGMA user_version = {}", schema_version));
  transaction.commit();
}

void Database::check(bool for_writing) {
  if (pragma(*connection_, "application_id") != application_id) {
    throw InputError(path_, place, "a database of sweeps",
                     connection_->execAndGet("SELECT count(*) FROM sqlite_schema").getInt64() == 0
                         ? "an empty one"
                         : "one of another program");
  }
  const std::int64_t found = pragma(*connection_, "user_version");
  if (found > schema_version) {
    throw InputError(path_, place, fmt::format("schema version {}", schema_version),
                     fmt::format("{}, which a newer Wattention wrote", found));
  }
  if (found < schema_version) {
    throw InputError(
        path_, place, fmt::format("schema version {}", schema_version),
        fmt::format("{}, which an older Wattention wrote: sweep into a new file", found));
  }
  for (const SchemaTable& table : schema()) {
    SQLite::Statement query(*connection_, "SELECT sql FROM sqlite_schema WHERE name = ?");
    query.bind(1, table.name);
    if (!query.executeStep() || query.getColumn(0).getString() != table.sql) {
      throw InputError(path_, place, fmt::format("the table {} of this schema", table.name),
                       "none or another");
    }
  }
  if (!for_writing) return;
  const std::string damage = connection_->execAndGet("PRAGMA quick_check(1)").getString();
  if (damage != "ok") {
    throw InputError(path_, place, "an intact database", "a damaged one: " + one_line(damage));
  }
  // Found now, before anything is computed: a read-only file, folder or disk.
  SQLite::Transaction transaction(*connection_, SQLite::TransactionBehavior::IMMEDIATE);
  connection_->exec(fmt::format("PRAGMA user_version = {}", schema_version));
  transaction.commit();
}

void Database::refuse(const SQLite::Exception& error) const { refuse_as(path_, error); }

std::unordered_set<std::string> Database::keys() {
  return guarded([&] {
    std::unordered_set<std::string> keys;
    SQLite::Statement query(*connection_, "SELECT key FROM runs");
    while (query.executeStep()) keys.insert(query.getColumn(0).getString());
    return keys;
  });
}

}  // namespace wattention
