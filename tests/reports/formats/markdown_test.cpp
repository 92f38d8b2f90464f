#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>
#include <string>

#include "reports/writer.hpp"
#include "tests/reports/approved.hpp"
#include "tests/reports/sample_report.hpp"

namespace wattention {
namespace {

std::string written(const Report& report) {
  return Registry<Writer>::global().make("markdown", "format")->write(report);
}

TEST_CASE("The Markdown reports of a run, a comparison and networks are the approved ones") {
  sample::check_approved("ranges.md", written({"1.2.3", {sample::with_ranges()}}));
  sample::check_approved("two_runs.md", written(sample::of_two()));
  sample::check_approved("one_network.md", written(sample::of_one_network()));
  sample::check_approved("two_networks.md", written(sample::of_two_networks()));
}

/// Cells of a row, of which escaped bars are part.
std::size_t cells_of(const std::string& row) {
  std::size_t bars = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] == '\\') {
      ++i;
    } else if (row[i] == '|') {
      ++bars;
    }
  }
  return bars - 1;
}

TEST_CASE("Text of users is no Markdown: no markup, no HTML, no further cells or lines") {
  const std::string hostile =
      "|a| **b** `c` <script>&amp; [d](javascript:e) _f_ ~g~ $h$ #1 \\\n\n# i";
  Report report = sample::renamed(sample::of_two(), hostile);
  report.networks = sample::renamed(sample::of_two_networks(), hostile).networks;
  const std::string text = written(report);
  CHECK(text.find("\\|a\\| \\*\\*b\\*\\* \\`c\\` &lt;script&gt;&amp;amp; \\[d\\](javascript:e) "
                  "\\_f\\_ \\~g\\~ \\$h\\$ \\#1 \\\\  \\# i") != std::string::npos);
  CHECK(text.find('<') == std::string::npos);
  std::istringstream lines(text);
  std::size_t cells = 0;
  std::size_t rows = 0;
  for (std::string line; std::getline(lines, line);) {
    CHECK((line.empty() || line.front() == '#' || line.front() == '*' || line.front() == '|' ||
           line.front() == 'm' || line.front() == 'p' || line.front() == 'c'));
    if (line.empty() || line.front() != '|') {
      cells = 0;
      continue;
    }
    if (cells != 0) CHECK(cells_of(line) == cells);
    cells = cells_of(line);
    ++rows;
  }
  CHECK(rows > 50);
}

TEST_CASE("A note that begins like a list or a heading stays a note") {
  Report report = sample::of_one();
  report.runs[0].notes = {"- a", "+ b", "1. c", "2) d", "= e", "# f", "12"};
  const std::string text = written(report);
  CHECK(text.find("* \\- a\n* \\+ b\n* 1\\. c\n* 2\\) d\n* \\= e\n* \\# f\n* 12\n") !=
        std::string::npos);
}

TEST_CASE("A Markdown report of nothing says so") { CHECK(written({"1", {}}) == "No runs.\n"); }

}  // namespace
}  // namespace wattention
