#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "reports/formats/columns.hpp"
#include "reports/wording/numbers.hpp"
#include "reports/wording/printable.hpp"
#include "reports/writer.hpp"
#include "sim/error.hpp"
#include "tests/reports/approved.hpp"
#include "tests/reports/sample_report.hpp"

namespace wattention {
namespace {

std::string written(const Report& report) {
  return Registry<Writer>::global().make("text", "format")->write(report);
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, width_of(line));
  return widest;
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Broken lines joined.
std::string flowing(const std::string& text) {
  std::string joined;
  std::istringstream words(text);
  for (std::string word; words >> word;) joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

Report of_three() {
  Report report = sample::of_two();
  report.runs.push_back(sample::with_ranges());
  return report;
}

TEST_CASE("The text report of one run is the approved one") {
  sample::check_approved("one_run.txt", written(sample::of_one()));
}

TEST_CASE("The text report of one run with ranges and priced memory is the approved one") {
  sample::check_approved("ranges.txt", written({"1.2.3", {sample::with_ranges()}}));
}

TEST_CASE("The text comparison of two runs is the approved one") {
  sample::check_approved("two_runs.txt", written(sample::of_two()));
}

TEST_CASE("The text comparison of three different runs is the approved one") {
  sample::check_approved("three_runs.txt", written(of_three()));
}

TEST_CASE("The text comparison under two tables is the approved one") {
  sample::check_approved("two_tables.txt", written(sample::under_two_tables()));
}

TEST_CASE("The text comparison under many tables fits 100 columns") {
  Report report;
  for (int table = 0; table < 7; ++table) {
    for (Run run : of_three().runs) {
      run.shape = {};
      run.energy_pj.total = {1.23e9, 2.34e18};
      run.table = {"a-table-of-a-rather-long-name-" + std::to_string(table), "T", 7, "relative",
                   "u"};
      report.runs.push_back(std::move(run));
    }
  }
  const std::string text = written(report);
  CHECK(has(text, "Ranking under each cost table"));
  CHECK(widest_line(text) <= 100);
}

TEST_CASE("The estimates are listed by the energy that rests on them") {
  const std::string text = written(sample::of_one());
  const std::size_t block = text.find("Estimates, by the energy that rests on them");
  REQUIRE(block != std::string::npos);
  // 49,152 divisions x 26.3, 25,600 exponentials x 18.4, 1024 roots x 26.3 pJ
  std::size_t before = block;
  for (const char* line : {"fp32.div", "1.29 uJ", "fp32.exp", "471 nJ", "fp32.sqrt", "26.9 nJ"}) {
    const std::size_t at = text.find(line, before);
    CHECK(at != std::string::npos);
    before = at;
  }
  CHECK_FALSE(has(written({"1", {[] {
                             Run run = sample::run_named("a", "a");
                             sample::charge(run, "p", "mul", 1);
                             return run;
                           }()}}),
                  "Estimates"));
}

TEST_CASE("The text comparison of three token counts is the approved one") {
  sample::check_approved("three_token_counts.txt", written(sample::of_three_token_counts()));
}

TEST_CASE("The text report of one network is the approved one") {
  sample::check_approved("one_network.txt", written(sample::of_one_network()));
}

TEST_CASE("The text comparison of two networks is the approved one") {
  sample::check_approved("two_networks.txt", written(sample::of_two_networks()));
}

TEST_CASE("A text report of runs and of networks tells both") {
  Report both = sample::of_two();
  both.networks = sample::of_two_networks().networks;
  CHECK(written(both) == written(sample::of_two()) + "\n" + written(sample::of_two_networks()));
}

TEST_CASE("A text report is at most 100 columns wide, however long the names are") {
  const std::string name =
      GENERATE(std::string(300, 'x'), std::string("a few words ") + "and more",
               std::string(40, ' ') + std::string(200, '-'), sample::hostile_text());
  Report comparison = of_three();
  for (const Report& report :
       {sample::of_one(), Report{"1", {sample::with_ranges()}}, comparison,
        sample::of_one_network(), sample::of_two_networks(), sample::of_three_token_counts()}) {
    CHECK(widest_line(written(sample::renamed(report, name))) <= 100);
  }
}

TEST_CASE("A text report is at most 100 columns wide, however large the numbers are") {
  Report report = of_three();
  for (Run& run : report.runs) {
    run.totals = {};
    run.totals[Total::multiplications] = std::numeric_limits<std::uint64_t>::max();
    run.energy_pj.total = {1e-9, 1e300};
    run.shape.heads = std::numeric_limits<std::uint64_t>::max();
    run.host_seconds = 1e300;
    run.error_vs_softmax = OutputError{1e300, 1e-300, 1e300, -1.0};
    for (OperationLine& line : run.operations) {
      line.count = std::numeric_limits<std::uint64_t>::max();
      line.energy_pj = {1e-9, 1e300};
    }
    for (TrafficLine& line : run.traffic) {
      line.read_bytes = std::numeric_limits<std::uint64_t>::max();
      line.energy_pj = {1e-9, 1e300};
    }
  }
  CHECK(widest_line(written(report)) <= 100);
  for (const Run& run : report.runs) CHECK(widest_line(written({"1", {run}})) <= 100);
}

TEST_CASE("A text report holds no control characters and no broken UTF-8 of its input") {
  const std::string text = written(sample::renamed(sample::of_two(), sample::hostile_text()));
  CHECK(std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n') || byte >= 0x7f;
  }));
}

TEST_CASE("A relative table's energies are units, explained, and nowhere joules") {
  Report report = of_three();
  for (Run& run : report.runs) {
    run.table = {"mac-units", "Costs relative to a mac", 65.0, "relative", "a 16-bit mac is 1"};
    run.options = {};
  }
  for (const Report& shown :
       {report, Report{"1", {report.runs[0]}}, Report{"1", {report.runs[2]}}}) {
    const std::string text = flowing(written(shown));
    CHECK(has(text, "energies are relative, no joules: a 16-bit mac is 1"));
    CHECK(has(text, " M units"));
    for (const char* joules : {"fJ", "pJ", "nJ", "uJ", "mJ", " J"}) CHECK_FALSE(has(text, joules));
  }
}

TEST_CASE("Names that no longer fit are shortened with dots or wrapped, and stay readable") {
  Report report = sample::of_two();
  report.runs[1].label = "ecoformer form=hamming bits=32 bias_term=sequence anchors=25";
  report.runs[1].operations[0].op = "a_rather_long_operation";
  CHECK(has(written(report), "bias_term=sequence"));
  CHECK(has(written({"1", {report.runs[1]}}), "a_rathe..."));
}

TEST_CASE("The comparison says what is saved against the first run, and what costs more") {
  Report report = sample::of_two();
  report.runs[0].energy_pj.total = Range::exactly(100.0);
  report.runs[1].energy_pj.total = Range::exactly(27.0);
  CHECK(has(written(report), "73.0%"));
  report.runs[1].energy_pj.total = Range::exactly(112.3);
  CHECK(has(written(report), "-12.3%"));
  report.runs[0].energy_pj.total = {100.0, 200.0};
  report.runs[1].energy_pj.total = {50.0, 50.0};
  CHECK(has(written(report), "50.0% to 75.0%"));
  report.runs[0].energy_pj.total = {};
  CHECK_FALSE(has(written(report), "inf"));
  CHECK_FALSE(has(written(report), "nan"));
}

/// The lines of `text` from the one that starts with `title` on, up to an empty one.
std::vector<std::string> block(const std::string& text, const std::string& title) {
  std::vector<std::string> lines;
  std::istringstream all(text.substr(std::min(text.find('\n' + title), text.size() - 1) + 1));
  for (std::string line; std::getline(all, line) && !line.empty();) lines.push_back(line);
  return lines;
}

TEST_CASE("The comparison marks the Pareto front, whatever the order of the runs") {
  Report report = sample::of_two();
  report.runs.insert(report.runs.begin(), sample::ecoformer());
  report.runs[0].label = "costly";
  report.runs[0].energy_pj.total = Range::exactly(1e9);
  const std::vector<std::string> lines = block(written(report), "error against");
  REQUIRE(lines.size() == 7);  // titles, a rule, three runs, and what the mark means
  CHECK(lines[2].starts_with("costly"));
  CHECK_FALSE(has(lines[2], "*"));
  CHECK(has(lines[2], "1.00 mJ"));
  CHECK(lines[3].starts_with("softmax"));
  CHECK(has(lines[3], "22.6 uJ  *"));
  CHECK(has(lines[4], "8.83 uJ  *"));
  CHECK(has(lines[5], "pareto: * where no other run has at most its energy"));
}

TEST_CASE("A comparison of fifteen runs gives each a line of a table, of its options and prices") {
  Report report{"1", {}};
  for (int i = 0; i < 15; ++i) {
    report.runs.push_back(sample::ecoformer());
    report.runs.back().label = "ecoformer bits=" + std::to_string(16 + i);
    report.runs.back().options[0].second = std::int64_t{16 + i};
  }
  const std::string text = written(report);
  CHECK(widest_line(text) <= 100);
  CHECK(block(text, "options").size() == 1 + 15);
  CHECK(block(text, "prices").size() == 1 + 15);
  CHECK(block(text, "attention").size() == 2 + 15 + 2);
  CHECK(block(text, "error against").size() == 2 + 15 + 2);
  CHECK(block(text, "options")[15] ==
        "  ecoformer bits=30  bits=30 anchors=25 bias_term=token form=linear ridge=0.5");
}

TEST_CASE("A comparison without any error or time has no table of them") {
  Report report = sample::of_two();
  for (Run& run : report.runs) {
    run.error_vs_softmax.reset();
    run.host_seconds.reset();
  }
  const std::string text = written(report);
  CHECK(block(text, "error  ") == std::vector<std::string>{"error        not computed"});
  CHECK_FALSE(has(text, "pareto"));
  report.runs[1].host_seconds = 1.0;
  CHECK(has(written(report), "1.00 s"));
}

TEST_CASE("An error or a time that is absent is not invented") {
  Report report = sample::of_one();
  report.runs[0].error_vs_softmax.reset();
  report.runs[0].host_seconds.reset();
  const std::string text = written(report);
  CHECK(has(text, "not computed"));
  CHECK_FALSE(has(text, "host time"));
  CHECK_FALSE(has(text, "rmse"));
}

TEST_CASE("A text report says whether memory has a price") {
  CHECK(has(written(sample::of_one()), "memory is not priced"));
  const std::string priced = written({"1", {sample::with_ranges()}});
  CHECK_FALSE(has(priced, "not priced"));
  CHECK(has(priced, "dram"));
  CHECK(has(priced, "off chip"));
  CHECK(has(priced, "modelled: tiled"));
}

TEST_CASE("Every note and every source of a price is told once") {
  const std::string text = written(sample::of_two());
  CHECK(times(text, "Arithmetic only: no registers, clock or wires.") == 1);
  CHECK(times(text, "Fig. 1.1.9") == 1);
  CHECK(times(text, "ecoformer form=linear: Hash functions were drawn") == 1);
}

TEST_CASE("A note of many runs, but not of all, names their number") {
  Report report{"1", {sample::softmax()}};
  for (int i = 0; i < 7; ++i) {
    report.runs.push_back(sample::ecoformer());
    report.runs.back().label += " bits=" + std::to_string(i);
  }
  CHECK(has(written(report), "  * 7 runs: Hash functions were drawn"));
}

TEST_CASE("Reports without runs or operations are text too") {
  CHECK(written({"1", {}}) == "No runs.\n");
  CHECK(has(written({"1", {Run{}}}), "no operations"));
  CHECK(widest_line(written({"1", {Run{}, Run{}}})) <= 100);
}

TEST_CASE("Numbers for people have three or four digits and a prefix") {
  CHECK(si_count(0) == "0");
  CHECK(si_count(9'999) == "9999");
  CHECK(si_count(10'000) == "10.0 k");
  CHECK(si_count(819'200) == "819 k");
  CHECK(si_count(999'499) == "999 k");
  CHECK(si_count(999'500) == "1.00 M");
  CHECK(si_count(22'600'000'000) == "22.6 G");
  CHECK(si_count(std::numeric_limits<std::uint64_t>::max()) == "18.4 E");
  CHECK(iec_bytes(1'023) == "1023 B");
  CHECK(iec_bytes(1'536) == "1.50 KiB");
  CHECK(iec_bytes(131'072) == "128 KiB");
  CHECK(iec_bytes(std::numeric_limits<std::uint64_t>::max()) == "16.0 EiB");
  CHECK(si_seconds(0.000456) == "456 us");
  CHECK(si_seconds(12.34) == "12.3 s");
  CHECK(three_digits(0.0123456) == "0.0123");
  CHECK(three_digits(9.996) == "10.0");
  CHECK(three_digits(99.96) == "100");
  CHECK(percent(0.1234) == "12.3%");
  CHECK(percent(0.0001) == "<0.1%");
  CHECK(percent(-12.007) == "-1201%");
  CHECK(percent(std::numeric_limits<double>::quiet_NaN()) == "-");
}

TEST_CASE("Energies for people have one unit for both ends of a range") {
  CHECK(si_energy(Range::exactly(0.0), "pJ") == "0 pJ");
  CHECK(si_energy(Range::exactly(0.00057), "pJ") == "0.570 fJ");
  CHECK(si_energy(Range::exactly(1442560.0), "pJ") == "1.44 uJ");
  CHECK(si_energy(Range::exactly(999'600.0), "pJ") == "1.00 uJ");
  CHECK(si_energy({1300.0, 2600.0}, "pJ") == "1.30-2.60 nJ");
  CHECK(si_energy({0.0, 2600.0}, "pJ") == "0-2.60 nJ");
  CHECK(si_energy({1300.0, 1300.1}, "pJ") == "1.30 nJ");
  CHECK(si_energy(Range::exactly(9.2527e9), "pJ") == "9.25 mJ");
  CHECK(si_energy(Range::exactly(0.25), "relative") == "0.250 units");
  CHECK(si_energy(Range::exactly(0.0), "relative") == "0 units");
  CHECK(si_energy(Range::exactly(1442560.0), "relative") == "1.44 M units");
  CHECK(si_energy({1300.0, 2600.0}, "relative") == "1.30-2.60 k units");
  CHECK(si_energy(Range::exactly(9e21), "relative") == "9000 E units");
}

TEST_CASE("Labels keep letters of one column and lose what a terminal would obey") {
  CHECK(printable("gr\xc3\xb6\xc3\x9f"
                  "e \xce\xb1") ==
        "gr\xc3\xb6\xc3\x9f"
        "e \xce\xb1");
  CHECK(printable("a\nb\tc") == "a b c");
  CHECK(printable("\x1b[31m\x7f\xc2\x9b"
                  "1") == "?[31m??1");
  CHECK(printable("\xff\xc3") == "??");
  CHECK(printable("\xe4\xb8\xad\xf0\x9f\x98\x80") == "??");
  CHECK(printable("\xe0\x82\xa1") == "?");  // an overlong form
  CHECK(width_of("gr\xc3\xb6\xc3\x9f"
                 "e") == 5);
  CHECK(shortened("gr\xc3\xb6\xc3\x9f"
                  "er",
                  5) == "gr...");
  CHECK(shortened("\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6", 4) == "\xc3\xb6...");
  CHECK(shortened("abc", 3) == "abc");
  CHECK(shortened("abcd", 2) == "..");
}

TEST_CASE("Text wraps at spaces, and within a word only where the word is too long") {
  CHECK(wrapped("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrapped("abcdefgh ij", 4) == std::vector<std::string>{"abcd", "efgh", "ij"});
  CHECK(wrapped("", 4) == std::vector<std::string>{""});
}

TEST_CASE("A table that cannot fit the page, or a row of another width, is refused") {
  CHECK_THROWS_AS(Columns({{"a", Columns::Align::left, 0}, {"b", Columns::Align::left, 99}}),
                  Error);
  Columns table({{"a", Columns::Align::left, 0}, {"b", Columns::Align::left, 9}});
  CHECK_THROWS_AS(table.row({"only one"}), Error);
}

}  // namespace
}  // namespace wattention
