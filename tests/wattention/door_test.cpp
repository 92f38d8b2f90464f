// The front door: what it gives, and what stays behind it.

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/project_files.hpp"
#include "wattention/wattention.hpp"

using namespace wattention;
using Catch::Contains;

namespace {

/// What public examples show: blocks of C++ in README, and the sources of two folders.
std::map<std::string, std::string> public_examples() {
  std::map<std::string, std::string> examples;
  const std::string readme = text_of_file(project_root / "README.md");
  for (std::size_t at = readme.find("```cpp\n"); at != std::string::npos;) {
    const std::size_t end = readme.find("```", at + 3);
    examples["README.md:" + std::to_string(at)] = readme.substr(at, end - at);
    at = readme.find("```cpp\n", end);
  }
  for (const char* folder : {"examples", "tests/package"}) {
    for (const auto& entry : std::filesystem::directory_iterator(project_root / folder)) {
      if (entry.path().extension() != ".cpp") continue;
      examples[entry.path().string()] = text_of_file(entry.path());
    }
  }
  return examples;
}

/// Includes that are neither <wattention/...> nor of the standard library.
std::vector<std::string> strange_includes(const std::string& text) {
  std::vector<std::string> strange;
  const std::regex include(R"re(#\s*include\s*([<"][^>"]*[>"]))re");
  const std::regex known(R"re(<(wattention/[a-z_]+\.hpp|[a-z_]+)>)re");
  for (std::sregex_iterator match(text.begin(), text.end(), include), end; match != end; ++match) {
    const std::string included = (*match)[1];
    if (!std::regex_match(included, known)) strange.push_back(included);
  }
  return strange;
}

/// All that a header includes, and what these include.
void collect_includes(const std::string& header, std::set<std::string>& found) {
  const std::string text = text_of_file(project_root / header);
  const std::regex include(R"re(\n#include [<"]([^>"]+)[>"])re");
  for (std::sregex_iterator match(text.begin(), text.end(), include), end; match != end; ++match) {
    if (found.insert((*match)[1]).second &&
        std::filesystem::exists(project_root / (*match)[1].str())) {
      collect_includes((*match)[1], found);
    }
  }
}

/// Literals of a source that speak of the command line or of a flag.
std::vector<std::string> flags_named(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream lines(text);
  const std::regex flag(R"re("[^"]*(command line|--[a-z])[^"]*")re");
  for (std::string line; std::getline(lines, line);) {
    const std::size_t comment = line.find("//");
    if (std::regex_search(line.substr(0, comment), flag)) found.push_back(line);
  }
  return found;
}

}  // namespace

TEST_CASE("Public examples include the front door and the standard library alone") {
  const auto examples = public_examples();
  CHECK(examples.size() >= 7);
  for (const auto& [place, text] : examples) {
    INFO(place);
    CHECK(strange_includes(text) == std::vector<std::string>{});
  }
  CHECK(strange_includes("#include \"sim/error.hpp\"\n# include <fmt/core.h>\n#include <map>\n"
                         "#include <wattention/wattention.hpp>\n") ==
        std::vector<std::string>{"\"sim/error.hpp\"", "<fmt/core.h>"});
}

TEST_CASE("The front door brings no other library along, no vector code and no pictures") {
  const std::regex inside(
      "(boost|SQLiteCpp|CLI|hwy|oneapi|gnuplot-iostream|tbb)/.*|dnnl.*|reports/plots/.*|"
      "sim/kernels/fast/(vectors|sums_of_terms|targets)\\.hpp");
  for (const char* door : {"wattention", "attention", "hardware", "layer", "network"}) {
    std::set<std::string> included;
    collect_includes(std::string("wattention/") + door + ".hpp", included);
    INFO(door);
    CHECK(included.size() > 10);
    std::erase_if(included, [&](const auto& name) { return !std::regex_match(name, inside); });
    CHECK(included == std::set<std::string>{});
  }
  for (const char* door : {"wattention", "attention", "hardware"}) {
    std::set<std::string> included;
    collect_includes(std::string("wattention/") + door + ".hpp", included);
    CHECK_FALSE(included.contains("nlohmann/json.hpp"));
  }
}

TEST_CASE("Messages of the library name no flag, since its callers have none") {
  const Files files =
      project_files({"sim", "models", "reports", "measure", "wattention", "sweeps"});
  for (const auto& [path, text] : files) {
    INFO(path);
    CHECK(flags_named(text) == std::vector<std::string>{});
  }
  CHECK(files.size() > 40);
  CHECK(flags_named("x();  // \"--hash\"\nthrow Error(\"give --hash F\");\n").size() == 1);
  CHECK(flags_named("throw InputError(\"command line\", what);").size() == 1);
}

TEST_CASE("An attention is measured by its name, with its error, under each table") {
  const auto workload = Workload::synthetic({.heads = 2, .tokens = 20, .head_dim = 8}, 1);
  const std::vector<EnergyTable> tables{find_table("horowitz-45nm"), find_table("jouppi-7nm")};
  const Measurement measured = measure({"ecoformer", {{"bits", "8"}}}, workload, {}, tables);
  REQUIRE(measured.runs.size() == 2);
  CHECK(measured.runs[0].table.name == "horowitz-45nm");
  CHECK(measured.runs[1].table.name == "jouppi-7nm");
  CHECK(measured.runs[0].totals[Total::multiplications] > 0);
  REQUIRE(measured.runs[0].error_vs_softmax);
  CHECK(measured.runs[0].error_vs_softmax->max_abs > 0.0);
  CHECK(measured.output.rows() == 20);

  const Measurement exact = measure({"softmax"}, workload, {}, tables);
  CHECK(exact.runs[0].error_vs_softmax->max_abs == 0.0);
  const Measurement estimate = measure({"softmax"}, workload, {.mode = Mode::estimate}, tables);
  CHECK_FALSE(estimate.runs[0].error_vs_softmax);
  CHECK(estimate.runs[0].totals[Total::multiplications] ==
        exact.runs[0].totals[Total::multiplications]);
}

TEST_CASE("A report of the door is written in every format, with the version") {
  const auto workload = Workload::without_data({.heads = 1, .tokens = 16, .head_dim = 4});
  const std::vector<EnergyTable> tables{find_table("horowitz-45nm")};
  const Report report =
      report_of(measure({"softmax"}, workload, {.mode = Mode::estimate}, tables).runs);
  CHECK(report_formats() ==
        std::vector<std::string>{"csv", "html", "json", "latex", "markdown", "text"});
  for (const std::string& format : report_formats()) {
    INFO(format);
    CHECK_THAT(written(report, format), Contains("softmax"));
  }
  CHECK_THAT(written(report, "json"), Contains(std::string("\"") + version + "\""));
}

TEST_CASE("What the door does not know is named, with what it knows") {
  const auto workload = Workload::synthetic({.heads = 1, .tokens = 4, .head_dim = 4}, 1);
  const std::vector<EnergyTable> tables{find_table("horowitz-45nm")};
  CHECK_THROWS_WITH(measure({"sofmax"}, workload, {}, tables),
                    Catch::StartsWith("attention: expected one of ") &&
                        Contains("(did you mean softmax?), found \"sofmax\""));
  CHECK_THROWS_WITH(measure({"softmax", {{"casual", "true"}}}, workload, {}, tables),
                    "option of softmax: expected one of causal (did you mean causal?), found "
                    "\"casual\"");
  CHECK_THROWS_WITH(written({}, "pdf"), Catch::StartsWith("format: expected one of csv, html"));
  CHECK(std::ranges::count(attention_names(), "flash") == 1);
}

TEST_CASE("Prices of one's own are put into a table by its name") {
  const OverriddenTable changed = table_with_costs("horowitz-45nm", {"fp32.mul=2", "fp32.add=1"});
  CHECK(changed.table.price(Op::mac, Format::fp32)->energy_pj == Range::exactly(3));
  CHECK(changed.notes.size() == 2);
  CHECK_THROWS_WITH(table_with_costs("horowitz-45nm", {"fp32.mul"}),
                    Catch::StartsWith("cost: expected FORMAT.OPERATION=PJ"));
  CHECK_THROWS_WITH(table_with_costs("horowitz-46nm", {}), Catch::StartsWith("table: expected"));
}
