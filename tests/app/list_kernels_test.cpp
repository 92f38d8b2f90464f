// The list of kernels against the sources that it is made of.

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <string>

#include "sim/ledger/op.hpp"
#include "tests/app/process.hpp"
#include "tests/project_files.hpp"

using namespace wattention;
using nlohmann::json;

namespace {

json kernels() { return json::parse(wattention_run({"list", "kernels", "--json"}).out); }

}  // namespace

TEST_CASE(
    "Every function whose first argument is a phase is listed under its header, and no other") {
  std::map<std::string, std::size_t> listed;
  for (const json& kernel : kernels()) ++listed[kernel.at("header")];
  std::map<std::string, std::size_t> declaring;
  const std::regex kernel(R"(\n[A-Za-z][^\n]* \w+\(Phase& phase)");
  for (const auto& [path, text] : project_files()) {
    if (!path.starts_with("sim/kernels/") || !path.ends_with(".hpp")) continue;
    if (path.starts_with("sim/kernels/fast/") || path == "sim/kernels/work.hpp") continue;
    const auto found = std::distance(std::sregex_iterator(text.begin(), text.end(), kernel),
                                     std::sregex_iterator());
    if (found != 0) declaring[path] = static_cast<std::size_t>(found);
  }
  CHECK(declaring.size() > 10);
  CHECK(listed == declaring);
}

TEST_CASE("A listed kernel says what it computes, charges operations that there are, and moves") {
  for (const json& kernel : kernels()) {
    INFO(kernel.dump());
    CHECK(kernel.at("description").get<std::string>().size() > 10);
    CHECK_FALSE(kernel.at("arguments").get<std::string>().empty());
    CHECK_FALSE(kernel.at("moves").get<std::string>().empty());
    for (const json& charge : kernel.at("charges")) {
      CHECK(find_named<Op>(charge.at("op").get<std::string>()));
      const std::string format = charge.at("format");
      CHECK((format == "run" || format == "sums" || find_named<Format>(format)));
      CHECK_FALSE(charge.at("count").get<std::string>().empty());
    }
  }
}

TEST_CASE("Charges stand in the list as the source declares them, with local names resolved") {
  const json list = kernels();
  const auto found = std::find_if(list.begin(), list.end(), [](const json& kernel) {
    return kernel.at("name") == "exponentiate_rows";
  });
  REQUIRE(found != list.end());
  const json expected = json::parse(R"json([
      {"op": "compare", "format": "run", "count": "x.elements() - product(x.heads, x.rows)"},
      {"op": "add", "format": "run", "count": "x.elements()"},
      {"op": "exp", "format": "run", "count": "x.elements()"}])json");
  CHECK(found->at("charges") == expected);
  CHECK(found->at("moves") == "reads(x) + writes(x)");
}

TEST_CASE("The list of kernels fits 100 columns") {
  std::istringstream lines(wattention_run({"list", "kernels"}).out);
  std::size_t longest = 0;
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  CHECK(longest > 80);
  CHECK(longest <= 100);
}
