#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reports/page_model.hpp"
#include "reports/page_prices.hpp"
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
  const auto add = [&](const Json& price, double low, double high) {
    const Json& pj = model["prices"][price.get<std::size_t>()]["pj"];
    energy += {low * pj[0].get<double>(), high * pj[1].get<double>()};
  };
  for (const Json& line : item["operations"]) {
    add(line[1], line[2].get<double>(), line[2].get<double>());
  }
  for (const Json& line : item["traffic"]) {
    for (const Json& part : line[4]) add(part[0], part[1].get<double>(), part[2].get<double>());
  }
  return energy;
}

TEST_CASE("Amounts times prices are the energies of the report") {
  Report report = sample::of_two();
  report.runs.push_back(sample::with_ranges());
  report.networks = sample::of_two_networks().networks;
  const Json model = page_model(report);
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

TEST_CASE("Priced memory of a network without levels is one price") {
  NetworkRun run = sample::native_network();
  run.energy_pj.memory = Range::exactly(2e9);
  run.energy_pj.total += run.energy_pj.memory;
  const Json model = page_model({"1", {}, {run}});
  CHECK(energy_in(model, model["sections"][0]["items"][0]).low ==
        Approx(run.energy_pj.total.low).epsilon(1e-9));
  CHECK(model["prices"].back()["of_memory"] == true);
}

TEST_CASE("A level's prices are told apart into reads and writes where its lines do") {
  const Run::Table table{"t", "", 45.0};
  const auto line = [](std::uint64_t read, std::uint64_t write, double low, double high) {
    return TrafficLine{"p", "dram", read, write, {low, high}, true, "s", "published"};
  };
  PriceList one;
  one.of_traffic({line(100, 20, 240.0, 480.0), line(0, 7, 14.0, 28.0)}, table);
  REQUIRE(one.all().size() == 1);
  CHECK(one.all()[0].name == "dram");
  CHECK(one.all()[0].pj == Range{2.0, 4.0});

  PriceList two;
  const auto amounts = two.of_traffic(
      {line(100, 20, 160.0, 320.0), line(0, 7, 21.0, 42.0), line(5, 0, 5.0, 10.0)}, table);
  REQUIRE(two.all().size() == 2);
  CHECK(two.all()[0].name == "dram read");
  CHECK(two.all()[0].pj == Range{1.0, 2.0});
  CHECK(two.all()[1].pj == Range{3.0, 6.0});
  REQUIRE(amounts[1].size() == 2);
  CHECK(amounts[1][1].amount == Range::exactly(7.0));

  PriceList mean;  // the second line's accesses are wider than its bytes
  const std::vector<TrafficLine> uneven{line(100, 0, 100.0, 100.0), line(1, 0, 8.0, 8.0),
                                        line(50, 50, 100.0, 100.0)};
  const auto weighted = mean.of_traffic(uneven, table);
  REQUIRE(mean.all().size() == 1);
  for (std::size_t i = 0; i < uneven.size(); ++i) {
    CHECK(weighted[i][0].amount.low * mean.all()[0].pj.low == Approx(uneven[i].energy_pj.low));
  }
  PriceList none;
  CHECK(none.of_traffic({{"p", "unmodelled", 1, 2, {}}}, table) ==
        std::vector<std::vector<PricedAmount>>(1));
}

TEST_CASE("An HTML report of nothing says so") {
  CHECK(written({"1", {}}).find("No runs.") != std::string::npos);
}

}  // namespace
}  // namespace wattention
