// Documents that are no report of runs, in every format for people.

#include <catch2/catch.hpp>
#include <sstream>

#include "reports/wording/printable.hpp"
#include "tests/reports/approved_document.hpp"

namespace wattention {
namespace {

using Kind = Column::Kind;

using sample::written;

/// Every kind of block, column and row; `text` stands where users' texts may.
Document sample_document(const std::string& text) {
  Document document{text, {}};
  document.blocks.emplace_back(Facts{"", {{"input", text}, {"shape", "2 heads"}}});
  Table table{"Prices, and how they were found",
              "price",
              {{"operation", Kind::name, 0},
               {"pJ", Kind::number, 10},
               {"share", Kind::bar, 10},
               {"kind", Kind::text, 12},
               {"how", Kind::note, 0}},
              {},
              "The last row is their sum."};
  table.heading("arithmetic");
  table.row({"fp32.mul", "3.7", "####", "published", ""});
  table.row({text, "1.5-26.0", "########", "estimated",
             "From a dedicated divider to a generic unit: one bit of the quotient a step, as many "
             "additions as there are bits, no registers. " +
                 text},
            true);
  table.rule();
  table.row({"all", "5.2-29.7", "", "", ""});
  document.blocks.emplace_back(std::move(table));
  document.blocks.emplace_back(Facts{"Sources", {{"1", text}, {"2", "A paper of 2024."}}});
  document.blocks.emplace_back(List{"Notes", {text, "Energies are -1.5 to 3 pJ."}, true});
  return document;
}

TEST_CASE("A document is set in each format for people as approved") {
  CHECK(Registry<DocumentWriter>::global().names() ==
        std::vector<std::string>{"html", "latex", "markdown", "text"});
  sample::check_approved_document("document", sample_document("Prices & sources"));
}

TEST_CASE("Notes stand under their row in plain text, within the page") {
  std::istringstream lines(written("text", {sample_document("x")}));
  bool noted = false;
  for (std::string line; std::getline(lines, line);) {
    CHECK(width_of(line) <= 100);
    noted = noted || line.starts_with("    From a dedicated divider");
  }
  CHECK(noted);
}

TEST_CASE("A page of documents runs no script and is no markup of users") {
  const std::string page =
      written("html", {sample_document("<script>alert(1)</script>\"'"), sample_document("b")});
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("&lt;script&gt;alert(1)") != std::string::npos);
  CHECK(page.find("default-src 'none'") != std::string::npos);
  const std::string markdown = written("markdown", {sample_document("a|b <i> *c*")});
  CHECK(markdown.find("a\\|b &lt;i&gt; \\*c\\*") != std::string::npos);
  CHECK(markdown.find("a|b") == std::string::npos);
  CHECK(written("text", {sample_document("\x1b[31m")}).find('\x1b') == std::string::npos);
}

TEST_CASE("No documents are still a text that says so, and an unknown format is refused") {
  for (const std::string format : {"html", "latex", "markdown", "text"}) {
    CAPTURE(format);
    CHECK(written(format, {}).find("No runs.") != std::string::npos);
  }
  CHECK_THROWS_WITH(written("csv", {}),
                    "--format: expected one of html, latex, markdown, text, found "
                    "\"csv\"");
}

}  // namespace
}  // namespace wattention
