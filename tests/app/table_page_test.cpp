#include "app/table_page.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "reports/wording/printable.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "tests/app/process.hpp"
#include "tests/reports/approved_document.hpp"
#include "tests/temporary_folder.hpp"

using namespace wattention;

namespace {

const std::filesystem::path pages = std::filesystem::path(WATTENTION_SOURCE_DIR) / "docs/tables";

std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string page_of(const EnergyTable& table) {
  return sample::written("markdown", {document_of(table)});
}

EnergyTable table_with(const std::string& members) {
  return EnergyTable::parse(
      R"({"schema_version": 1, "name": "mine", "title": "M|ne <b>", "node_nm": 5,
          "references": {"a": "First", "b": "Second", "c_d": "Third_party"}, "operations": {"fp32": {
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
    CHECK(text_of_file(pages / (name + ".md")) == page_of(find_table(name)));
  }
}

TEST_CASE("A page has every price, level and source, in each format as approved") {
  sample::check_approved_document("cost_table", document_of(table_with(R"(,
      "note": "Invented, for a test of 100% & more.",
      "array": {"rows": 2, "cols": 3, "source": "a", "kind": "published", "note": "Small."},
      "memory": [{"level": "sram", "technology": "hd_6t", "capacity_bytes": 64, "access_bits": 8,
                  "read_pj": 1, "write_pj": 2, "source": "c_d", "kind": "user"},
                 {"level": "dram", "access_bits": 8, "read_pj": 3, "write_pj": 4, "source": "b",
                  "kind": "published", "note": "Outside."}],
      "overheads": {"wire": {"energy_pj": 7, "source": "c_d", "kind": "published",
                     "note": "A millimetre."}})")));
}

TEST_CASE("A page without memory and array says so") {
  const std::string page = page_of(table_with(""));
  CHECK(page.find("* **Memory:** none stated\n") != std::string::npos);
  CHECK(page.find("* **Array:** none stated\n") != std::string::npos);
  CHECK(page.find("### Memory") == std::string::npos);
}

TEST_CASE("The pages of all shipped tables fit the width of plain text") {
  for (const std::string& name : shipped_table_names()) {
    CAPTURE(name);
    std::istringstream lines(sample::written("text", {document_of(find_table(name))}));
    for (std::string line; std::getline(lines, line);) CHECK(width_of(line) <= 100);
  }
}

TEST_CASE("A table shown as JSON is a table that is read again, and is the same") {
  const TemporaryFolder folder;
  for (const std::string& name : shipped_table_names()) {
    CAPTURE(name);
    const Outcome shown = wattention_run({"table", "show", name, "--format", "json"});
    REQUIRE(shown.status == 0);
    const std::string copy = folder.write(name + ".json", shown.out);
    CHECK(page_of(EnergyTable::load(copy)) == page_of(find_table(name)));
    CHECK(wattention_run({"table", "show", copy, "--format", "json"}).out == shown.out);
  }
}
