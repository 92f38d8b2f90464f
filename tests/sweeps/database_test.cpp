#include "sweeps/database.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <limits>

#include "reports/writer.hpp"
#include "sim/error.hpp"
#include "sweeps/run_reader.hpp"
#include "sweeps/run_writer.hpp"
#include "tests/reports/sample_report.hpp"
#include "tests/sweeps/rows.hpp"
#include "tests/temporary_folder.hpp"

namespace wattention {
namespace {

std::string json_of(const Report& report) {
  return Registry<Writer>::global().make("json", "format")->write(report);
}

RunIdentity identity(std::size_t position, const std::string& content = "c") {
  return {"key" + std::to_string(position), "{\"n\":" + std::to_string(position) + "}", position,
          "1.2.3", content};
}

void store(Database& database, const std::vector<RunResult>& results) {
  std::vector<RunWriter::Stored> rows;
  for (std::size_t i = 0; i < results.size(); ++i) rows.push_back({identity(i), &results[i]});
  RunWriter(database).store(rows);
}

std::vector<RunResult> sample_runs() {
  std::vector<RunResult> results;
  for (const Run& run : sample::of_two().runs) results.emplace_back(run);
  return results;
}

void execute(const std::string& path, const std::string& sql) {
  SQLite::Database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(sql);
}

void check_refused(const std::string& path, const std::string& expected_and_found) {
  const std::string message = path + ": database: expected " + expected_and_found;
  CHECK_THROWS_MATCHES(Database::open(path), InputError, Catch::Message(message));
}

std::string made(const TemporaryFolder& folder) {
  const std::string path = folder.path("sweep.sqlite");
  Database database = Database::open_or_make(path);
  store(database, sample_runs());
  return path;
}

TEST_CASE("A report out of a database is the one that went in") {
  const TemporaryFolder folder;
  Database database = Database::open(made(folder));
  Report expected = sample::of_two();
  expected.version = "1.2.3";
  CHECK(json_of(report_of(database, {})) == json_of(expected));
}

TEST_CASE("Ranges, every type of option, and numbers that are not finite come back") {
  Run run = sample::with_ranges();
  run.options = {{"flag", true}, {"count", std::int64_t{-3}}, {"real", 0.1}, {"text", "a\"\n"}};
  run.notes = {"first", "", "third \xce\xbc"};
  run.error_vs_softmax = OutputError{std::nan(""), 1e-300, 0.1, -1.0};
  run.energy_pj.memory = {0.0, std::numeric_limits<double>::infinity()};
  run.operations.front().count = (std::uint64_t{1} << 63) - 1;
  Database database = Database::temporary();
  store(database, {run});
  CHECK(json_of(report_of(database, {})) == json_of({"1.2.3", {run}}));
}

TEST_CASE("A count that SQLite cannot hold is an error, not a negative number") {
  Run run = sample::with_ranges();
  run.operations.front().count = std::uint64_t{1} << 63;
  Database database = Database::temporary();
  CHECK_THROWS_AS(store(database, {run}), Error);
  CHECK(database.keys().empty());
}

TEST_CASE("A run that is there already stays as it is") {
  Database database = Database::temporary();
  store(database, sample_runs());
  const std::string before = json_of(report_of(database, {}));
  std::vector<RunResult> others = sample_runs();
  std::get<Run>(others[0]).label = "another";
  store(database, others);
  CHECK(json_of(report_of(database, {})) == before);
}

TEST_CASE("A report shows of each configuration the run that was stored last") {
  Database database = Database::temporary();
  store(database, sample_runs());
  Run newer = sample::of_two().runs[0];
  newer.notes = {"newer"};
  const RunResult result = newer;
  RunIdentity id = identity(0);
  id.key = "of a newer version";
  id.tool_version = "1.3.0";
  const std::vector<RunWriter::Stored> rows{{id, &result}};
  RunWriter(database).store(rows);
  const Report report = report_of(database, {});
  REQUIRE(report.runs.size() == 2);
  CHECK(report.runs[0].notes == std::vector<std::string>{"newer"});
  CHECK(report.version == "1.3.0, 1.2.3");
}

TEST_CASE("A selection takes what fits all of its lists, and none is an error") {
  Database database = Database::temporary();
  std::vector<RunResult> runs = sample_runs();
  runs.emplace_back(sample::native_network());
  std::get<NetworkRun>(runs.back()).accuracy.reset();
  store(database, runs);
  const auto count = [&](const RunSelection& selection) {
    return report_of(database, selection).runs.size();
  };
  RunSelection selection;
  selection.attentions = {"ecoformer"};
  CHECK(count(selection) == 1);
  selection.attentions = {"ecoformer", "softmax"};
  CHECK(count(selection) == 2);
  selection.tokens = {128};
  CHECK(count(selection) == 2);
  selection.tokens = {128, 129};
  CHECK_THROWS_WITH(count(selection), Catch::Contains("tokens: expected ") &&
                                          Catch::Contains("128") &&
                                          Catch::Contains("found \"129\""));
  selection.tokens = {128};
  selection.networks = {"tiny-pyramid"};
  CHECK_THROWS_WITH(count(selection), Catch::Contains("some that fit the selection, found none"));
}

TEST_CASE("A database goes through bytes unchanged") {
  Database database = Database::temporary();
  store(database, sample_runs());
  const std::vector<char> bytes = database.bytes();
  Database copy = Database::from_bytes(bytes);
  CHECK(json_of(report_of(copy, {})) == json_of(report_of(database, {})));
  std::vector<char> cut(bytes.begin(), bytes.begin() + 2000);
  CHECK_THROWS_AS(Database::from_bytes(cut), InputError);
}

TEST_CASE("What is no database of sweeps is refused with one line") {
  const TemporaryFolder folder;
  check_refused(folder.path("none.sqlite"), "a database of sweeps, found no such file");
  check_refused(folder.path(), "a database of sweeps, found something else");
  check_refused(folder.write("empty.sqlite", ""), "a database of sweeps, found an empty one");
  check_refused(folder.write("text.sqlite", std::string(4096, 'x')),
                "a database of sweeps, found another kind of file");
  const std::string foreign = folder.path("foreign.sqlite");
  execute(foreign, "CREATE TABLE runs (x)");
  check_refused(foreign, "a database of sweeps, found one of another program");
  CHECK_THROWS_AS(Database::open_or_make(foreign), InputError);
}

TEST_CASE("A database of an older or newer schema, or of a changed one, is refused and stays") {
  const TemporaryFolder folder;
  const std::string path = made(folder);
  execute(path, "PRAGMA user_version = 3");
  const std::string before = folder.read("sweep.sqlite");
  check_refused(path, "schema version 2, found 3, which a newer Wattention wrote");
  CHECK_THROWS_AS(Database::open_or_make(path), InputError);
  CHECK(folder.read("sweep.sqlite") == before);
  execute(path, "PRAGMA user_version = 1");
  check_refused(
      path, "schema version 2, found 1, which an older Wattention wrote: sweep into a new file");
  CHECK_THROWS_AS(Database::open_or_make(path), InputError);
  execute(path, "PRAGMA user_version = 2; ALTER TABLE notes ADD COLUMN more TEXT");
  check_refused(path, "the table notes of this schema, found none or another");
}

TEST_CASE("A damaged database is refused before anything is written") {
  const TemporaryFolder folder;
  const std::string path = made(folder);
  std::string bytes = folder.read("sweep.sqlite");
  const std::size_t page = 4096;
  REQUIRE(bytes.size() > 12 * page);
  for (std::size_t i = 8; i < bytes.size() / page; ++i) bytes.replace(i * page, 64, 64, '\xff');
  folder.write("sweep.sqlite", bytes);
  CHECK_THROWS_AS(Database::open_or_make(path), InputError);
  CHECK(folder.read("sweep.sqlite") == bytes);
}

TEST_CASE("A database cut or changed anywhere gives an error or a report, never a crash") {
  const TemporaryFolder folder;
  made(folder);
  const std::string whole = folder.read("sweep.sqlite");
  std::size_t refused = 0;
  for (std::size_t i = 0; i < 400; ++i) {
    std::string bytes = whole;
    const std::size_t at = (i * 2654435761U) % bytes.size();
    if (i % 8 == 0) bytes.resize(at);
    for (std::size_t b = at; b < std::min(at + 4, bytes.size()); ++b) {
      bytes[b] = static_cast<char>(bytes[b] + 1 + static_cast<char>(i % 100));
    }
    const std::string path = folder.write("damaged.sqlite", bytes);
    try {
      Database database = Database::open(path);
      json_of(report_of(database, {}));
    } catch (const Error& error) {
      ++refused;
      CHECK(std::string(error.what()).find('\n') == std::string::npos);
    }
  }
  CHECK(refused > 40);
}

TEST_CASE("A database whose writer was killed half-way is read as it was before") {
  const TemporaryFolder folder;
  const std::string path = made(folder);
  const std::vector<std::string> before = rows_of(path);
  const std::string copy = folder.path("copy.sqlite");
  {
    SQLite::Database writer(path, SQLite::OPEN_READWRITE);
    writer.exec(
        "PRAGMA cache_size = 1; BEGIN; UPDATE operations SET count = 0;"
        "UPDATE traffic SET read_bytes = 0; UPDATE notes SET note = 'changed'");
    std::filesystem::copy_file(path, copy);
    std::filesystem::copy_file(path + "-journal", copy + "-journal");
  }
  REQUIRE(folder.read("copy.sqlite") != folder.read("sweep.sqlite"));
  CHECK(rows_of(copy) == before);
}

TEST_CASE("Two writers at a time store every run once") {
  const TemporaryFolder folder;
  Database first = Database::open_or_make(folder.path("sweep.sqlite"));
  Database second = Database::open_or_make(folder.path("sweep.sqlite"));
  const std::vector<RunResult> results = sample_runs();
  RunWriter one(first);
  RunWriter other(second);
  for (std::size_t i = 0; i < 4; ++i) {
    const std::vector<RunWriter::Stored> rows{{identity(i), &results[i % 2]}};
    (i % 2 == 0 ? one : other).store(rows);
    other.store(rows);
  }
  CHECK(first.keys().size() == 4);
  CHECK(report_of(first, {}).runs.size() == 4);
}

TEST_CASE("A query reads and does nothing else") {
  const TemporaryFolder folder;
  const std::string path = made(folder);
  const std::string before = folder.read("sweep.sqlite");
  for (const char* sql : {"DELETE FROM runs", "UPDATE runs SET label = ''", "DROP TABLE runs",
                          "PRAGMA user_version = 9", "ATTACH 'x.sqlite' AS x", "VACUUM",
                          "SELECT 1; SELECT 2", "", "-- nothing", "SELEC 1",
                          "SELECT nothing FROM runs", "SELECT load_extension('x')", "BEGIN"}) {
    INFO(sql);
    std::vector<QueryValue> row;
    CHECK_THROWS_AS(Query(path, sql).next(row), InputError);
  }
  CHECK(folder.read("sweep.sqlite") == before);
  Query query(path, "SELECT count(*) AS n, 'a', NULL, 0.5, x'00ff' FROM runs; ");
  std::vector<QueryValue> row;
  REQUIRE(query.next(row));
  CHECK(query.columns()[0] == "n");
  CHECK(row == std::vector<QueryValue>{std::int64_t{2}, "a", std::monostate(), 0.5, "00ff"});
  CHECK(!query.next(row));
}

}  // namespace
}  // namespace wattention
