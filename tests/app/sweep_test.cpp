// Sweeps, reports on them and queries, through the real binary.

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/sweep_progress.hpp"
#include "sim/version.hpp"
#include "tests/app/process.hpp"
#include "tests/sweeps/rows.hpp"
#include "tests/temporary_folder.hpp"

using namespace wattention;
using nlohmann::json;

namespace {

const std::string small_grid = R"({"schema_version": 1,
  "attentions": ["softmax", {"name": "ecoformer", "options": {"form": ["linear", "hamming"]}}],
  "tokens": [32, 48], "head_dim": 16, "heads": 2,
  "mode": ["execute", "audit", "estimate"], "tables": ["horowitz-45nm", "jouppi-7nm"],
  "networks": {"name": "fashion_pyramid", "attentions": ["native", "ecoformer"]},
  "accounting": ["complete"]})";

Outcome sweep(const std::string& spec, const std::string& database,
              const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"sweep", spec, "--database", database};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return wattention_run(arguments);
}

json report(const std::string& database, const std::vector<std::string>& selection) {
  std::vector<std::string> arguments{"report", "--database", database, "--json", "-"};
  arguments.insert(arguments.end(), selection.begin(), selection.end());
  const Outcome outcome = wattention_run(arguments);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return json::parse(outcome.out);
}

json direct(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--json", "-"});
  const Outcome outcome = wattention_run(arguments);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return json::parse(outcome.out);
}

json without_times(json report) {
  for (const char* part : {"runs", "networks"}) {
    if (!report.contains(part)) continue;
    for (json& run : report[part]) run["host_seconds"] = nullptr;
  }
  return report;
}

void check_refused(const Outcome& outcome, const std::string& message) {
  CHECK(outcome.status == 2);
  CHECK(outcome.err == "error: " + message + "\n");
}

}  // namespace

TEST_CASE("A report on a sweep is the report of the runs themselves") {
  const TemporaryFolder folder;
  const std::string database = folder.path("s.sqlite");
  REQUIRE(sweep(folder.write("s.json", small_grid), database).status == 0);
  for (const std::string mode : {"execute", "audit", "estimate"}) {
    for (const std::string table : {"horowitz-45nm", "jouppi-7nm"}) {
      INFO(mode << " " << table);
      CHECK(without_times(report(database, {"--mode", mode, "--table", table, "--tokens", "48"})) ==
            without_times(direct({"compare", "softmax", "ecoformer:form=linear",
                                  "ecoformer:form=hamming", "--tokens", "48", "--heads", "2",
                                  "--head-dim", "16", "--mode", mode, "--table", table})));
      CHECK(without_times(report(
                database, {"--mode", mode, "--table", table, "--network", "fashion_pyramid"})) ==
            without_times(direct({"network", "fashion_pyramid", "--attention", "native",
                                  "--attention", "ecoformer", "--mode", mode, "--table", table})));
    }
  }
}

TEST_CASE("Text of a report on estimates is byte for byte that of the runs") {
  const TemporaryFolder folder;
  const std::string database = folder.path("s.sqlite");
  REQUIRE(sweep(folder.write("s.json", small_grid), database).status == 0);
  const Outcome from_database =
      wattention_run({"report", "--database", database, "--mode", "estimate", "--tokens", "32",
                      "--table", "jouppi-7nm", "--attention", "softmax"});
  const Outcome from_run =
      wattention_run({"run", "softmax", "--tokens", "32", "--heads", "2", "--head-dim", "16",
                      "--mode", "estimate", "--table", "jouppi-7nm"});
  CHECK(from_database.status == 0);
  CHECK(from_database.out == from_run.out);
}

TEST_CASE("Rows do not depend on how many threads there are") {
  const TemporaryFolder folder;
  const std::string spec = folder.write("s.json", small_grid);
  REQUIRE(sweep(spec, folder.path("1.sqlite"), {"--threads", "1"}).status == 0);
  REQUIRE(sweep(spec, folder.path("7.sqlite"), {"--threads", "7"}).status == 0);
  const auto rows = rows_of(folder.path("1.sqlite"));
  CHECK(rows.size() > 1000);
  CHECK(rows == rows_of(folder.path("7.sqlite")));
}

TEST_CASE("A second call runs what is missing and nothing else") {
  const TemporaryFolder folder;
  const std::string database = folder.path("s.sqlite");
  const auto spec = [&](const std::string& tokens) {
    return folder.write("s.json", R"({"schema_version": 1, "attentions": "softmax", "head_dim": 8,
                                      "mode": "estimate", "tokens": )" +
                                      tokens + "}");
  };
  CHECK(sweep(spec("[8, 16]"), database).out.starts_with("2 runs: 0 were there, 2 done"));
  CHECK(sweep(spec("[8, 16]"), database).out.starts_with("2 runs: 2 were there, 0 done"));
  CHECK(sweep(spec("[4, 8, 16, 32]"), database, {"--dry-run"})
            .out.starts_with("4 runs: 2 are there, 2 to do\nabout "));
  CHECK(sweep(spec("[4, 8, 16, 32]"), database).out.starts_with("4 runs: 2 were there, 2 done"));
  CHECK(report(database, {}).at("runs").size() == 4);
}

TEST_CASE("A dry run says how long, that it is an estimate, and writes nothing") {
  const TemporaryFolder folder;
  const Outcome outcome = sweep(folder.write("s.json", small_grid), folder.path("s.sqlite"),
                                {"--dry-run", "--threads", "2"});
  CHECK(outcome.status == 0);
  CHECK_THAT(outcome.out,
             Catch::StartsWith("48 runs: 0 are there, 48 to do\nabout ") &&
                 Catch::EndsWith(" on 2 threads, an estimate from timing 16 of them\n"));
  CHECK(!std::filesystem::exists(folder.path("s.sqlite")));
}

TEST_CASE("Runs that cannot be done fail alone, with one line in the end") {
  const TemporaryFolder folder;
  const std::string table = folder.write(
      "mul.json", R"({"schema_version": 1, "name": "mul-only", "title": "t", "node_nm": 7,
    "references": {"r": "a report"}, "operations": {"fp32": {
    "mul": {"energy_pj": 1.5, "source": "r", "kind": "user"}}}})");
  const std::string spec = folder.write(
      "s.json", R"({"schema_version": 1, "attentions": "softmax", "head_dim": 8, "tokens": [8, 16],
                    "mode": "estimate", "tables": [")" +
                    table + R"(", "horowitz-45nm"]})");
  const Outcome outcome = sweep(spec, folder.path("s.sqlite"));
  CHECK(outcome.status == 2);
  CHECK(std::ranges::count(outcome.err, '\n') == 1);
  CHECK_THAT(outcome.err, Catch::StartsWith("error: " + spec + ": 2 of 4 runs failed, first {") &&
                              Catch::Contains("\"table\":\"mul-only\",\"tokens\":8"));
  CHECK(report(folder.path("s.sqlite"), {}).at("runs").size() == 2);
}

TEST_CASE("A wrong specification, or a file that is no database, is one line and touches nothing") {
  const TemporaryFolder folder;
  const std::string database = folder.path("s.sqlite");
  const std::string wrong = folder.write(
      "s.json", R"({"schema_version": 1, "attentions": "sofmax", "tokens": 8, "head_dim": 8})");
  const Outcome outcome = sweep(wrong, database);
  CHECK(outcome.status == 2);
  CHECK_THAT(outcome.err,
             Catch::StartsWith("error: " + wrong + ": /attentions: expected one of ") &&
                 Catch::EndsWith("(did you mean softmax?), found string \"sofmax\"\n"));
  CHECK(!std::filesystem::exists(database));

  const std::string text = folder.write("notes.txt", std::string(2000, 'a'));
  const std::string spec = folder.write("g.json", small_grid);
  for (const auto& arguments :
       {std::vector<std::string>{"sweep", spec, "--database", text},
        std::vector<std::string>{"report", "--database", text},
        std::vector<std::string>{"query", "--database", text, "SELECT 1"}}) {
    check_refused(wattention_run(arguments),
                  text + ": database: expected a database of sweeps, found another kind of file");
  }
  CHECK(folder.read("notes.txt") == std::string(2000, 'a'));
}

TEST_CASE("A query prints aligned columns, CSV or JSON, and writes nothing") {
  const TemporaryFolder folder;
  const std::string database = folder.path("s.sqlite");
  REQUIRE(sweep(folder.write("s.json", R"({"schema_version": 1, "attentions": ["softmax", "flash"],
      "head_dim": 8, "tokens": [8, 128], "mode": "estimate"})"),
                database)
              .status == 0);
  const auto query = [&](const std::string& sql, const std::string& format) {
    return wattention_run({"query", "--database", database, sql, "--format", format});
  };
  const std::string sql = "SELECT label, queries FROM runs ORDER BY position";
  CHECK(
      query(sql, "text").out ==
      "label    queries\nsoftmax        8\nflash          8\nsoftmax      128\nflash        128\n");
  CHECK(query("SELECT 'a,\"b' AS x, NULL AS y, 0.1 AS z", "csv").out ==
        "x,y,z\r\n\"a,\"\"b\",,0.1\r\n");
  CHECK(query("SELECT NULL AS x, NULL AS y", "csv").out == "x,y\r\n,\r\n");
  CHECK(json::parse(query("SELECT 9223372036854775807 AS n, NULL, 'a'", "json").out) ==
        json{{"columns", {"n", "NULL", "'a'"}}, {"rows", {{9223372036854775807, nullptr, "a"}}}});
  check_refused(query("DELETE FROM runs", "text"),
                "query: SQL: expected one SELECT that SQLite takes, found a statement that does "
                "more than read");
  check_refused(query("SELECT nope FROM runs", "text"),
                "query: SQL: expected one SELECT that SQLite takes, found no such column: nope");
}

TEST_CASE("Energies in the tables add up to those of their runs") {
  const TemporaryFolder folder;
  const std::string database = folder.path("s.sqlite");
  REQUIRE(sweep(folder.write("s.json", small_grid), database).status == 0);
  for (const std::string table : {"operations", "traffic"}) {
    const std::string total = table == "traffic" ? "memory_pj_high" : "compute_pj_high";
    Query query(database, "SELECT count(*), max(abs(s - t) / t) FROM (SELECT " + total +
                              " AS t, (SELECT sum(energy_pj_high) FROM " + table +
                              " WHERE run = runs.id) AS s FROM runs)");
    std::vector<QueryValue> row;
    REQUIRE(query.next(row));
    CHECK(std::get<std::int64_t>(row[0]) == 48);
    CHECK(std::get<double>(row[1]) < 1e-12);
  }
}

TEST_CASE("Progress says how many, how fast and how long it takes") {
  CHECK(progress_text(0, 100, 0.0) == "[........................] 0 of 100");
  CHECK(progress_text(50, 100, 2.0) == "[############............] 50 of 100, 25/s, 2 s left");
  CHECK(progress_text(100, 100, 500.0) == "[########################] 100 of 100, 0.2/s");
  CHECK(duration_text(0.25) == "250 ms");
  CHECK(duration_text(200.0) == "3 min 20 s");
  CHECK(duration_text(7500.0) == "2 h 5 min");
}
