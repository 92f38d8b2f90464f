#include "reports/formats/csv.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "reports/writer.hpp"
#include "tests/reports/approved.hpp"
#include "tests/reports/sample_report.hpp"

namespace wattention {
namespace {

std::string written(const Report& report) {
  return Registry<Writer>::global().make("csv", "format")->write(report);
}

using Line = std::vector<std::string>;

/// RFC 4180, read by its grammar.
std::vector<Line> lines_of(const std::string& text) {
  std::vector<Line> lines;
  std::size_t i = 0;
  while (i < text.size()) {
    Line line;
    for (bool more = true; more;) {
      std::string cell;
      if (text[i] == '"') {
        for (++i; text[i] != '"' || text[i + 1] == '"'; ++i) {
          cell += text[i];
          if (text[i] == '"') ++i;
        }
        ++i;
      } else {
        while (text[i] != ',' && text[i] != '\r') {
          REQUIRE(text[i] != '"');
          cell += text[i++];
        }
      }
      line.push_back(cell);
      more = text[i] == ',';
      if (more) ++i;
    }
    REQUIRE(text.substr(i, 2) == "\r\n");
    i += 2;
    lines.push_back(line);
  }
  return lines;
}

using Row = std::map<std::string, std::string>;

std::vector<Row> rows_of(const Report& report) {
  const std::vector<Line> lines = lines_of(written(report));
  std::vector<Row> rows;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    REQUIRE(lines[i].size() == lines[0].size());
    Row row;
    for (std::size_t column = 0; column < lines[0].size(); ++column) {
      row[lines[0][column]] = lines[i][column];
    }
    rows.push_back(row);
  }
  return rows;
}

std::vector<Row> records(const std::vector<Row>& rows, const std::string& record) {
  std::vector<Row> found;
  std::ranges::copy_if(rows, std::back_inserter(found),
                       [&](const Row& row) { return row.at("record") == record; });
  return found;
}

TEST_CASE("The CSV reports of a run, a comparison and networks are the approved ones") {
  sample::check_approved("ranges.csv", written({"1.2.3", {sample::with_ranges()}}));
  sample::check_approved("two_runs.csv", written(sample::of_two()));
  sample::check_approved("one_network.csv", written(sample::of_one_network()));
  sample::check_approved("two_networks.csv", written(sample::of_two_networks()));
}

TEST_CASE("The header of the CSV report is the one documented, for every report") {
  std::ifstream file(std::string(WATTENTION_SOURCE_DIR) + "/docs/report.md");
  std::string documented;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("    record,run,")) {
      for (; line.starts_with("    "); std::getline(file, line)) documented += line.substr(4);
      break;
    }
  }
  const std::string header = written(sample::of_two()).substr(0, documented.size() + 2);
  CHECK(header == documented + "\r\n");
  CHECK(written({"1", {}}) == header);
  CHECK(written(sample::of_one_network()).starts_with(header));
  CHECK(lines_of(header).at(0) == Line(csv_columns().begin(), csv_columns().end()));
}

TEST_CASE("A CSV report of runs reads back, every number exactly") {
  Report report = sample::of_two();
  report.runs.push_back(sample::with_ranges());
  report.runs[0].energy_pj.total.low = 0.1 + 0.2;
  const std::vector<Row> rows = rows_of(report);
  const std::vector<Row> runs = records(rows, "run");
  REQUIRE(runs.size() == 3);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Run& run = report.runs[i];
    CHECK(runs[i].at("run") == std::to_string(i + 1));
    CHECK(runs[i].at("label") == run.label);
    CHECK(runs[i].at("table_title") == run.table.title);
    CHECK(std::stod(runs[i].at("energy_pj_low")) == run.energy_pj.total.low);
    CHECK(std::stod(runs[i].at("energy_pj_high")) == run.energy_pj.total.high);
    for (const TotalGroup& group : total_groups) {
      CHECK(runs[i].at(std::string(group.key)) == std::to_string(run.totals[group.total]));
    }
  }
  CHECK(runs[0].at("pareto") == "true");
  CHECK(std::stod(runs[1].at("relative_l2")) == report.runs[1].error_vs_softmax->relative_l2);
  for (const char* absent : {"relative_l2", "pareto", "host_seconds", "network", "images"}) {
    CHECK(runs[2].at(absent).empty());
  }
  CHECK(runs[0].at("memory_pj_low").empty());
  CHECK(std::stod(runs[2].at("memory_pj_high")) == report.runs[2].energy_pj.memory.high);

  std::vector<OperationLine> operations;
  for (const Run& run : report.runs) {
    operations.insert(operations.end(), run.operations.begin(), run.operations.end());
  }
  const std::vector<Row> lines = records(rows, "operation");
  REQUIRE(lines.size() == operations.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CHECK(lines[i].at("phase") == operations[i].phase);
    CHECK(lines[i].at("op") == operations[i].op);
    CHECK(lines[i].at("source") == operations[i].source);
    CHECK(std::stoull(lines[i].at("count")) == operations[i].count);
    CHECK(std::stod(lines[i].at("energy_pj_high")) == operations[i].energy_pj.high);
  }
  const std::vector<Row> traffic = records(rows, "traffic");
  CHECK(traffic[0].at("energy_pj_low").empty());
  CHECK(traffic.back().at("level") == "dram");
  CHECK(std::stod(traffic.back().at("energy_pj_low")) == 63'897'600.0);
}

TEST_CASE("A CSV report of networks reads back: accuracy, error, layers and reconciliation") {
  const Report report = sample::of_two_networks();
  const std::vector<Row> rows = rows_of(report);
  const std::vector<Row> networks = records(rows, "network");
  REQUIRE(networks.size() == 2);
  CHECK(networks[1].at("network") == "tiny-pyramid");
  CHECK(networks[1].at("label") == "ecoformer bits=32");
  CHECK(networks[1].at("images") == "1000");
  CHECK(networks[1].at("correct") == "861");
  CHECK(std::stod(networks[1].at("cosine")) == 0.987654);
  CHECK(networks[0].at("cosine").empty());
  CHECK(records(rows, "layer").size() == 4);
  CHECK(records(rows, "layer").back().at("replaced") == "true");
  const std::vector<Row> items = records(rows, "reconciliation");
  REQUIRE(items.size() == 4);
  CHECK(items[1].at("verdict") == "differs");
  CHECK(items[1].at("paper_additions") == "900000");
  CHECK(std::stod(items[1].at("paper_pj_low")) ==
        report.networks[1].reconciliation[1].paper_pj.low);
  CHECK(records(rows, "executed").size() == 5);
}

TEST_CASE("Text of users stays in its cell, and is no formula of a spreadsheet") {
  CHECK(csv_text("plain text") == "plain text");
  CHECK(csv_text("a,b") == "\"a,b\"");
  CHECK(csv_text("say \"a\"") == "\"say \"\"a\"\"\"");
  CHECK(csv_text(" a") == "\" a\"");
  CHECK(csv_text("two\r\nlines\t\x1b") == "two  lines \xef\xbf\xbd");
  CHECK(csv_text("=1+1") == "'=1+1");
  CHECK(csv_text("@SUM(A1),2") == "\"'@SUM(A1),2\"");
  CHECK(csv_number(std::numeric_limits<double>::infinity()).empty());
  Report report = sample::renamed(sample::of_two(), ",\"\r\n" + sample::hostile_text());
  report.networks = sample::renamed(sample::of_two_networks(), "=cmd|' /C calc'!A1").networks;
  const std::vector<Row> rows = rows_of(report);
  CHECK(records(rows, "run").size() == 2);
  CHECK(records(rows, "network").at(1).at("network").starts_with("'=cmd|"));
}

}  // namespace
}  // namespace wattention
