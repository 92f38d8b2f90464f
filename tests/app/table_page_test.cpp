#include "app/table_page.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "sim/prices/shipped_tables.hpp"

using namespace wattention;

namespace {

const std::filesystem::path pages = std::filesystem::path(WATTENTION_SOURCE_DIR) / "docs/tables";

std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

EnergyTable table_with(const std::string& members) {
  return EnergyTable::parse(
      R"({"schema_version": 1, "name": "mine", "title": "M|ne <b>", "node_nm": 5,
          "references": {"a": "First", "b": "Second"}, "operations": {"fp32": {
            "mul": {"energy_pj": [1, 2], "source": "b", "kind": "user"},
            "exp": {"compose": {"mul": 1, "int8.add": 2.5}, "source": "a", "kind": "estimated",
                    "note": "x*y | z"},
            "div": {"compose": [{"int8.add": 3}, {"mul": 7.1}], "source": "a", "kind": "estimated",
                    "note": "Two ways"}},
            "int8": {"add": {"energy_pj": 0.5, "area_um2": 7, "source": "b", "kind": "derived"}}})" +
          members + "}",
      "t.json");
}

}  // namespace

TEST_CASE("docs/tables has the page of every shipped table, as it is now, and no other") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(pages)) {
    files += entry.path().extension() == ".md" ? 1 : 0;
  }
  CHECK(files == shipped_table_names().size());
  for (const std::string& name : shipped_table_names()) {
    INFO("stale? wattention table show " << name << " --format markdown > docs/tables/" << name
                                         << ".md");
    CHECK(text_of_file(pages / (name + ".md")) == markdown_page(find_table(name)));
  }
}

TEST_CASE("A page has every price, level and source, and nothing that Markdown would take up") {
  const std::string page = markdown_page(table_with(R"(,
      "array": {"rows": 2, "cols": 3, "source": "a", "kind": "published"},
      "memory": [{"level": "dram", "access_bits": 8, "read_pj": 3, "write_pj": 4, "source": "b",
                  "kind": "published"}])"));
  for (const char* line :
       {"M\\|ne &lt;b>. 5 nm.", "Of these: 1 derived, 2 estimated, 1 user.",
        "| fp32.mul | 1-2 | - | user | 1 |  |\n",
        "| fp32.exp | 2.25-3.25 | - | estimated | 2 | 2.5 int8.add + mul. x\\*y \\| z |\n",
        "| fp32.div | 1.5-14.2 | - | estimated | 2 | 3 int8.add, or 7.1 mul. Two ways |\n",
        "| int8.add | 0.5 | 7 | derived | 1 |  |\n",
        "| dram | - | unbounded | 8 | 3 | 4 | published | 1 |  |\n",
        "2 rows x 3 columns (published, source 2).\n", "1. Second\n2. First\n"}) {
    INFO(line);
    CHECK(page.find(line) != std::string::npos);
  }
}

TEST_CASE("A page without memory and array says so") {
  const std::string page = markdown_page(table_with(""));
  CHECK(page.find("## Memory\n\nNone stated.\n") != std::string::npos);
  CHECK(page.find("## Array of processing elements\n\nNone stated.\n") != std::string::npos);
}
