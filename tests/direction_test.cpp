// Which folder may include which: a folder is a layer, and arrows point down.

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/project_files.hpp"

namespace {

/// A folder may include its own files, those of the folders named here, and all below these.
const std::map<std::string, std::set<std::string>> stands_on{
    {"sim", {}},
    {"sim/ledger", {"sim"}},
    {"sim/scalar", {"sim/ledger"}},
    {"sim/tensor", {"sim/scalar"}},
    {"sim/files", {"sim/tensor"}},
    {"sim/kernels/fast", {"sim/tensor"}},
    {"sim/kernels", {"sim/kernels/fast"}},
    {"sim/memory", {"sim/ledger"}},
    {"sim/prices", {"sim/files", "sim/memory"}},
    {"models", {"sim/files", "sim/kernels"}},
    {"models/attentions", {"models"}},
    {"models/networks", {"models"}},
    {"reports", {"sim"}},
    {"reports/wording", {"reports"}},
    {"reports/findings", {"reports/wording"}},
    {"reports/document", {"reports/findings"}},
    {"reports/formats", {"reports/document"}},
    {"reports/plots", {"reports/document"}},
    {"reports/page", {"reports/formats", "reports/plots", "sim/files"}},
    {"measure", {"models/networks", "reports", "sim/prices"}},
    {"wattention", {"measure", "reports/formats"}},
    {"sweeps", {"measure"}},
    {"app", {"sweeps", "reports/page"}}};

/// The folder of a file among those above; "" where there is none.
std::string layer_of(const std::string& path) {
  std::string folder = path.substr(0, path.rfind('/'));
  if (folder == "models/networks/layers") folder = "models/networks";
  return stands_on.contains(folder) ? folder : "";
}

bool is_below(const std::string& low, const std::string& high) {
  const std::set<std::string>& next = stands_on.at(high);
  return std::any_of(next.begin(), next.end(), [&](const std::string& folder) {
    return folder == low || is_below(low, folder);
  });
}

/// One line for every include that points the wrong way, and for every file outside of the layers.
std::vector<std::string> wrong_arrows(const Files& files) {
  std::vector<std::string> wrong;
  const std::regex include(R"re(#include "([^"]+)")re");
  for (const auto& [path, text] : files) {
    const std::string from = layer_of(path);
    if (from.empty()) {
      wrong.push_back(path + " is in no layer: say in this test what its folder stands on");
      continue;
    }
    for (std::sregex_iterator match(text.begin(), text.end(), include), end; match != end;
         ++match) {
      const std::string target = (*match)[1];
      const std::string to = layer_of(target);
      if (to.empty() || (to != from && !is_below(to, from))) {
        wrong.push_back(path + " includes " + target);
      }
    }
  }
  return wrong;
}

std::vector<std::string> including_cli11(const Files& files) {
  const std::regex include(R"re(#\s*include\s*[<"]CLI/)re");
  std::vector<std::string> found;
  for (const auto& [path, text] : files) {
    if (std::regex_search(text, include)) found.push_back(path);
  }
  return found;
}

}  // namespace

TEST_CASE("Includes point one way through the layers") {
  const Files files = project_files();
  CHECK(files.size() > 40);
  CHECK(wrong_arrows(files) == std::vector<std::string>{});
}

TEST_CASE("One source file includes CLI11, which takes ten seconds to compile") {
  CHECK(including_cli11(project_files()) == std::vector<std::string>{"app/command_line.cpp"});
  CHECK(including_cli11({{"app/run.cpp", "#include \"app/job.hpp\"\n#  include <CLI/App.hpp>\n"},
                         {"app/sweep.cpp", "#include \"CLI/CLI.hpp\"\n"},
                         {"app/list.cpp", "// CLI11 is included elsewhere\n"}}) ==
        std::vector<std::string>{"app/run.cpp", "app/sweep.cpp"});
}

TEST_CASE("An include that points the wrong way is found") {
  const auto includes = [](const std::string& path, const std::string& target) {
    return wrong_arrows({{path, "#include <vector>\n#include \"" + target + "\"\n"}});
  };
  CHECK(includes("sim/kernels/rows.hpp", "sim/prices/price.hpp") ==
        std::vector<std::string>{"sim/kernels/rows.hpp includes sim/prices/price.hpp"});
  CHECK(includes("sim/prices/price.cpp", "models/attention.hpp").size() == 1);
  CHECK(includes("sim/memory/tiled.cpp", "sim/kernels/rows.hpp").size() == 1);
  CHECK(includes("reports/formats/text.cpp", "sim/ledger/ledger.hpp").size() == 1);
  CHECK(includes("reports/findings/pareto.cpp", "reports/formats/csv.hpp").size() == 1);
  CHECK(includes("sweeps/spec.cpp", "app/job.hpp").size() == 1);
  CHECK(includes("models/options.hpp", "models/attentions/x.hpp").size() == 1);
  CHECK(includes("sim/kernels/rows.hpp", "sim/ledger/op.hpp").empty());
  CHECK(includes("app/run.cpp", "sim/error.hpp").empty());
  CHECK(wrong_arrows({{"sim/new/new.hpp", ""}}).size() == 1);
}
