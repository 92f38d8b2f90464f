// Which folder and which layer may include which: arrows point one way.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace {

using Files = std::map<std::string, std::string>;  // path from the root -> text

const std::map<std::string, std::string> layer_of_stem{
    {"sim/error", "basics"},
    {"sim/names", "basics"},
    {"sim/range", "basics"},
    {"sim/tensor/array", "basics"},
    {"sim/random", "basics"},
    {"sim/registry", "basics"},
    {"sim/version", "basics"},
    {"sim/files/shipped_text", "basics"},
    {"sim/ledger/movement", "op"},
    {"sim/memory/hierarchy", "memory"},
    {"sim/memory/tensor_uses", "memory"},
    {"sim/memory/tiled", "memory"},
    {"sim/memory/trace", "memory"},
    {"sim/memory/tiling", "memory"},
    {"sim/memory/fused_tiling", "memory"},
    {"sim/ledger/op", "op"},
    {"sim/ledger/accesses", "op"},
    {"sim/ledger/ledger", "ledger"},
    {"sim/scalar/scalar", "scalar"},
    {"sim/scalar/counted", "scalar"},
    {"sim/scalar/shape", "scalar"},
    {"sim/scalar/sums", "scalar"},
    {"sim/tensor/block_pool", "tensor"},
    {"sim/files/finite", "files"},
    {"sim/tensor/tensor", "tensor"},
    {"sim/tensor/bit_matrix", "tensor"},
    {"sim/kernels/execute", "kernels"},
    {"sim/kernels/row_blocks", "kernels"},
    {"sim/kernels/products", "kernels"},
    {"sim/kernels/features", "kernels"},
    {"sim/kernels/windows", "kernels"},
    {"sim/kernels/integers", "kernels"},
    {"sim/kernels/rows", "kernels"},
    {"sim/kernels/layers", "kernels"},
    {"sim/kernels/grids", "kernels"},
    {"sim/scalar/rounded", "scalar"},
    {"sim/kernels/running_softmax", "kernels"},
    {"sim/kernels/hash_learning", "kernels"},
    {"sim/kernels/landmarks", "kernels"},
    {"sim/kernels/pair_labels", "kernels"},
    {"sim/kernels/distances", "kernels"},
    {"sim/threads", "basics"},
    {"sim/scalar/exponential", "basics"},
    {"sim/scalar/error_function", "basics"},
    {"sim/kernels/buckets", "kernels"},
    {"sim/kernels/codes", "kernels"},
    {"sim/files/mapped_file", "files"},
    {"sim/files/npy", "files"},
    {"sim/files/safetensors", "files"},
    {"sim/files/output_files", "files"},
    {"sim/files/json_cursor", "files"},
    {"sim/prices/energy_table", "energy_table"},
    {"sim/prices/table_fields", "energy_table"},
    {"sim/prices/table_operations", "energy_table"},
    {"sim/prices/table_memory", "energy_table"},
    {"sim/prices/sram_energy", "energy_table"},
    {"sim/prices/cost_override", "energy_table"},
    {"sim/prices/process_scaling", "energy_table"},
    {"sim/prices/table_file", "energy_table"},
    {"sim/prices/accelergy_class", "energy_table"},
    {"sim/prices/accelergy_row", "energy_table"},
    {"sim/prices/accelergy_import", "energy_table"},
    {"sim/files/csv", "files"},
    {"sim/prices/shipped_tables", "energy_table"},
    {"sim/prices/price", "energy"}};

const std::map<std::string, std::set<std::string>> may_include{
    {"basics", {}},
    {"op", {"basics"}},
    {"ledger", {"basics", "op"}},
    {"scalar", {"basics", "op"}},
    {"tensor", {"basics", "op", "scalar"}},
    {"fast", {"basics", "op", "scalar", "tensor"}},
    {"kernels", {"basics", "op", "ledger", "scalar", "tensor", "fast"}},
    {"files", {"basics", "op", "scalar", "tensor"}},
    {"energy_table", {"basics", "op", "files"}},
    {"memory", {"basics", "op"}},
    {"energy", {"basics", "op", "ledger", "energy_table", "memory"}},
    {"models", {"basics", "op", "ledger", "scalar", "tensor", "fast", "kernels", "files"}},
    {"attentions",
     {"basics", "op", "ledger", "scalar", "tensor", "fast", "kernels", "files", "models"}},
    {"networks", {"basics", "op", "ledger", "scalar", "tensor", "kernels", "files", "models"}},
    {"reports", {"basics"}},
    {"measure",
     {"basics", "op", "ledger", "tensor", "files", "energy_table", "memory", "energy", "models",
      "networks", "reports"}},
    {"sweeps", {"basics", "files", "energy_table", "memory", "models", "networks", "reports"}},
    {"app",
     {"basics", "op", "ledger", "tensor", "files", "energy_table", "memory", "energy", "models",
      "networks", "reports", "measure", "sweeps"}}};

std::string layer_of(const std::string& path) {
  if (path.starts_with("sim/kernels/fast/")) return "fast";
  if (path.starts_with("models/attentions/")) return "attentions";
  if (path.starts_with("models/networks/")) return "networks";
  for (const char* folder : {"models", "reports", "measure", "sweeps", "app"}) {
    if (path.starts_with(std::string(folder) + "/")) return folder;
  }
  const auto found = layer_of_stem.find(path.substr(0, path.rfind('.')));
  return found == layer_of_stem.end() ? "" : found->second;
}

/// One line for every include that points the wrong way, and for every file without a layer.
std::vector<std::string> wrong_arrows(const Files& files) {
  std::vector<std::string> wrong;
  const std::regex include(R"re(#include "([^"]+)")re");
  for (const auto& [path, text] : files) {
    const std::string from = layer_of(path);
    if (from.empty()) wrong.push_back(path + " has no layer: say in this test where it belongs");
    for (std::sregex_iterator match(text.begin(), text.end(), include), end; match != end;
         ++match) {
      const std::string target = (*match)[1];
      const std::string to = layer_of(target);
      if (from == to || from.empty()) continue;
      if (to.empty() || !may_include.at(from).contains(to)) {
        wrong.push_back(path + " (" + from + ") includes " + target + " (" + to + ")");
      }
    }
  }
  return wrong;
}

Files project_files() {
  Files files;
  const std::filesystem::path root(WATTENTION_SOURCE_DIR);
  for (const char* folder : {"sim", "models", "reports", "measure", "sweeps", "app"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() != ".hpp" && entry.path().extension() != ".cpp") continue;
      std::ostringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      files[std::filesystem::relative(entry.path(), root).generic_string()] = text.str();
    }
  }
  return files;
}

}  // namespace

TEST_CASE("Includes point one way through the layers") {
  const Files files = project_files();
  CHECK(files.size() > 40);
  CHECK(wrong_arrows(files) == std::vector<std::string>{});
}

TEST_CASE("An include that points the wrong way is found") {
  CHECK(
      wrong_arrows({{"sim/kernels/products.hpp", "#include \"sim/prices/energy_table.hpp\"\n"}}) ==
      std::vector<std::string>{
          "sim/kernels/products.hpp (kernels) includes sim/prices/energy_table.hpp "
          "(energy_table)"});
  CHECK(wrong_arrows({{"sim/prices/price.cpp", "#include \"models/attention.hpp\"\n"}}).size() ==
        1);
  CHECK(
      wrong_arrows({{"reports/formats/text.cpp", "#include \"sim/ledger/ledger.hpp\"\n"}}).size() ==
      1);
  CHECK(wrong_arrows({{"sweeps/spec.cpp", "#include \"measure/measure.hpp\"\n"}}).size() == 1);
  CHECK(wrong_arrows({{"models/options.hpp", "#include \"models/attentions/x.hpp\"\n"}}).size() ==
        1);
  CHECK(wrong_arrows({{"sim/new.hpp", ""}}).size() == 1);
  CHECK(wrong_arrows(
            {{"sim/kernels/products.hpp", "#include <vector>\n#include \"sim/ledger/op.hpp\"\n"}})
            .empty());
}
