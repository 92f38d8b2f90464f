// The published table beside ours, as a document. Its counts are integers, so that all is approved.

#include "app/published_networks.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "reports/wording/printable.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "tests/app/process.hpp"
#include "tests/reports/approved_document.hpp"

using namespace wattention;

TEST_CASE("The published table is told in each format as approved") {
  const EnergyTable table = find_table("horowitz-45nm");
  sample::check_approved_document("published_networks",
                                  document_of(counted_networks(table, false), table));
}

TEST_CASE("A reconciliation of each published network is told where it is asked for") {
  const EnergyTable table = find_table("horowitz-45nm");
  const std::string text =
      sample::written("text", {document_of(counted_networks(table, true), table)});
  for (const char* label :
       {"(pvtv2-b0, ecoformer)", "(pvtv2-b0, softmax)", "(twins-svt-s, softmax)"}) {
    CAPTURE(label);
    CHECK(text.find(label) != std::string::npos);
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK(width_of(line) <= 100);
}

TEST_CASE("reproduce writes the format that is asked for, and no other than it knows") {
  const Outcome page = wattention_run({"reproduce", "ecoformer", "--format", "html"});
  CHECK(page.status == 0);
  CHECK(page.out.starts_with("<!DOCTYPE html>"));
  const Outcome json = wattention_run({"reproduce", "ecoformer", "--format", "json"});
  CHECK(json.out == wattention_run({"reproduce", "ecoformer", "--json", "-"}).out);
  const Outcome refused = wattention_run({"reproduce", "ecoformer", "--format", "markdwn"});
  CHECK(refused.status == 2);
  CHECK(refused.err ==
        "error: command line: --format: expected one of html, json, latex, markdown, text (did you "
        "mean markdown?), found \"markdwn\"\n");
  CHECK(wattention_run({"reproduce", "ecoformer", "--table", "eyeriss-relative"}).status == 2);
}
