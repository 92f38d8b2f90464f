#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reports/page/page_model.hpp"
#include "reports/page/page_prices.hpp"
#include "reports/writer.hpp"
#include "tests/reports/approved.hpp"
#include "tests/reports/sample_report.hpp"

namespace wattention {
namespace {

using Json = nlohmann::ordered_json;

std::string written(const Report& report) {
  return Registry<Writer>::global().make("html", "format")->write(report);
}

/// Between two texts, of which the first may occur often and counts where it does last.
std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const std::size_t begin = text.rfind(before);
  REQUIRE(begin != std::string::npos);
  const std::size_t from = begin + before.size();
  return text.substr(from, text.find(after, from) - from);
}

/// Without the style sheet and the scripts, which are files of their own.
std::string without_page_files(std::string page) {
  for (const auto& [before, after] : {std::pair<std::string, std::string>{"<style>\n", "</style>"},
                                      {"<script>\n", "</script>"}}) {
    const std::string contents = between(page, before, after);
    page.replace(page.find(contents), contents.size(), "...");
  }
  return page;
}

Json model_in(const std::string& page) {
  return Json::parse(between(page, "id=\"report-data\">", "</script>"));
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST_CASE("The HTML reports of a run, a comparison and networks are the approved ones") {
  sample::check_approved("ranges.html",
                         without_page_files(written({"1.2.3", {sample::with_ranges()}})));
  sample::check_approved("two_runs.html", without_page_files(written(sample::of_two())));
  sample::check_approved("two_networks.html",
                         without_page_files(written(sample::of_two_networks())));
}

TEST_CASE("An HTML report needs nothing from elsewhere, and may fetch nothing") {
  const std::string page = written(sample::of_two());
  CHECK(page.find("default-src 'none'") != std::string::npos);
  CHECK(times(page, "<script") == 2);
  for (const char* part : {" src=", "href=", "@import", "url(http", "fetch(", "XMLHttpRequest"}) {
    CAPTURE(part);
    CHECK(times(page, part) == 0);
  }
  CHECK(times(page, "http") ==
        times(page, "http-equiv") + times(page, "http://www.w3.org/2000/svg"));
}

TEST_CASE("Text of users is no HTML, and ends no script") {
  const std::string text = "<script>alert(1)</script>\"' onload=x &amp; <!-- ]]>";
  Report report = sample::renamed(sample::of_two(), text);
  report.networks = sample::renamed(sample::of_two_networks(), text).networks;
  const std::string page = written(report);
  CHECK(times(page, "<script") == 2);
  CHECK(times(page, "</script") == 2);
  CHECK(times(page, "<!--") == 0);
  CHECK(page.find("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39; onload=x &amp;amp;") !=
        std::string::npos);
  CHECK(model_in(page)["sections"][0]["items"][0]["label"].get<std::string>().starts_with(text));
  CHECK(model_in(written(sample::renamed(sample::of_two(), sample::hostile_text()))).is_object());
}

/// What the page computes: the sum of amounts times prices.
Range energy_in(const Json& model, const Json& item) {
  Range energy;
  const auto add = [&](const Json& price, const Json& amount) {
    const Json& pj = model["prices"][price.get<std::size_t>()]["pj"];
    energy += amount.get<double>() * Range{pj[0].get<double>(), pj[1].get<double>()};
  };
  for (const Json& line : item["operations"]) add(line[1], line[2]);
  for (const Json& line : item["traffic"]) {
    for (const Json& part : line[4]) add(part[0], part[1]);
  }
  return energy;
}

TEST_CASE("Amounts times prices are the energies of the report") {
  Report report = sample::of_two();
  report.runs.push_back(sample::with_ranges());
  report.networks = sample::of_two_networks().networks;
  const Json model = page_model(page_sections(report));
  REQUIRE(model["sections"].size() == 2);
  for (std::size_t i = 0; i < 3; ++i) {
    const Range energy = energy_in(model, model["sections"][0]["items"][i]);
    CHECK(energy.low == Approx(report.runs[i].energy_pj.total.low).epsilon(1e-12));
    CHECK(energy.high == Approx(report.runs[i].energy_pj.total.high).epsilon(1e-12));
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const Range energy = energy_in(model, model["sections"][1]["items"][i]);
    CHECK(energy.low == Approx(report.networks[i].energy_pj.total.low).epsilon(1e-12));
  }
  CHECK(model["prices"][0]["name"] == "mac fp32");
  CHECK(model["prices"][0]["pj"] == Json::array({4.6, 4.6}));
}

TEST_CASE("Runs under several tables are a section each, and what ranks them is static") {
  const Report report = sample::under_two_tables();
  const Json model = page_model(page_sections(report));
  REQUIRE(model["sections"].size() == 2);
  CHECK(model["sections"][0]["unit"] == "pJ");
  CHECK(model["sections"][1]["unit"] == "relative");
  CHECK(energy_in(model, model["sections"][1]["items"][1]).low == Approx(2000.0));
  const std::string page = written(report);
  const std::size_t rankings = page.find("<article class=\"priced\">");
  REQUIRE(rankings != std::string::npos);
  CHECK(page.find("takes less under cheap-mul", rankings) != std::string::npos);
}

TEST_CASE("A level has one price, or two where reads and writes cost different energies") {
  const Run::Table table{"t", "", 45.0};
  TrafficLine line{"p",         "dram", 100, 20, {},         true,      "s",
                   "published", 64,     13,  3,  {2.0, 4.0}, {2.0, 4.0}};
  PriceList prices;
  CHECK(prices.of_traffic(line, table) == std::vector<PricedAmount>{{0, 16}});
  line.read_accesses = 1;  // another phase, the same price
  CHECK(prices.of_traffic(line, table) == std::vector<PricedAmount>{{0, 4}});
  line.write_pj = {3.0, 6.0};
  CHECK(prices.of_traffic(line, table) == std::vector<PricedAmount>{{1, 1}, {2, 3}});
  REQUIRE(prices.all().size() == 3);
  CHECK(prices.all()[0].name == "dram");
  CHECK(prices.all()[0].pj == Range{2.0, 4.0});
  CHECK(prices.all()[0].access_bits == 64);
  CHECK(prices.all()[1].name == "dram read");
  CHECK(prices.all()[2].name == "dram write");
  CHECK(prices.of_traffic({"p", "unmodelled", 1, 2, {}}, table).empty());
}

TEST_CASE("An HTML report of nothing says so") {
  CHECK(written({"1", {}}).find("No runs.") != std::string::npos);
}

}  // namespace
}  // namespace wattention
