#include "sweeps/query.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>

#include <algorithm>
#include <span>

#include "sim/error.hpp"

namespace wattention {
namespace {

int reading_alone(void* /*context*/, int action, const char* /*a*/, const char* /*b*/,
                  const char* /*database*/, const char* /*trigger*/) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    default:
      return SQLITE_DENY;
  }
}

[[noreturn]] void refuse_sql(std::string found) {
  std::ranges::replace_if(
      found, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  throw InputError("query", "SQL", "one SELECT that SQLite takes", found);
}

/// What the text holds after its first statement; throws where it holds no statement.
void demand_one_statement(sqlite3* connection, const std::string& sql) {
  if (sql.find('\0') != std::string::npos) refuse_sql("a zero byte");
  const char* rest = sql.c_str();
  int statements = 0;
  while (*rest != '\0') {
    sqlite3_stmt* statement = nullptr;
    const int result = sqlite3_prepare_v2(connection, rest, -1, &statement, &rest);
    if (result != SQLITE_OK) throw SQLite::Exception(connection, result);
    const bool reads = sqlite3_stmt_readonly(statement) != 0;  // nor is VACUUM asked about
    if (statement != nullptr) ++statements;
    sqlite3_finalize(statement);
    if (!reads) refuse_sql("a statement that does more than read");
  }
  if (statements == 0) refuse_sql("no statement");
  if (statements > 1) refuse_sql("several statements");
}

QueryValue value_of(const SQLite::Column& column) {
  if (column.isInteger()) return column.getInt64();
  if (column.isFloat()) return column.getDouble();
  if (column.isText()) return column.getString();
  if (column.isNull()) return std::monostate();
  const auto* const bytes = static_cast<const unsigned char*>(column.getBlob());
  return fmt::format("{:02x}",
                     fmt::join(std::span(bytes, static_cast<std::size_t>(column.getBytes())), ""));
}

}  // namespace

template <class Action>
auto Query::checked(const Action& action) {
  return database_.guarded([&] {
    try {
      return action();
    } catch (const SQLite::Exception& error) {
      constexpr int primary = 0xff;
      switch (error.getErrorCode() & primary) {
        case SQLITE_AUTH:
          refuse_sql("a statement that does more than read");
        case SQLITE_ERROR:
        case SQLITE_RANGE:
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG:
          refuse_sql(error.what());
        default:
          throw;
      }
    }
  });
}

Query::Query(const std::string& path, const std::string& sql) : database_(Database::open(path)) {
  checked([&] {
    sqlite3* const connection = database_.connection().getHandle();
    sqlite3_set_authorizer(connection, reading_alone, nullptr);
    demand_one_statement(connection, sql);
    statement_ = std::make_unique<SQLite::Statement>(database_.connection(), sql);
    for (int i = 0; i < statement_->getColumnCount(); ++i) {
      columns_.emplace_back(statement_->getColumnName(i));
    }
  });
}

bool Query::next(std::vector<QueryValue>& row) {
  return checked([&] {
    row.clear();
    if (!statement_->executeStep()) return false;
    for (int i = 0; i < statement_->getColumnCount(); ++i) {
      row.push_back(value_of(statement_->getColumn(i)));
    }
    return true;
  });
}

}  // namespace wattention
