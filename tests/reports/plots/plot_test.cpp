#include "reports/plots/plot.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "reports/findings/energy_groups.hpp"
#include "reports/plots/bar_layers.hpp"
#include "reports/plots/gnuplot.hpp"
#include "reports/plots/plot_savings.hpp"
#include "sim/error.hpp"
#include "tests/reports/sample_report.hpp"

namespace wattention {
namespace {

namespace fs = std::filesystem;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool is_svg(std::string_view text) {
  text = text.substr(0, text.find_last_not_of(" \n") + 1);
  return text.starts_with("<?xml") && has(text, "<svg") && text.ends_with("</svg>");
}

/// An environment variable for the length of a test.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Environment() {
    if (before_.empty()) {
      ::unsetenv(name_);
    } else {
      ::setenv(name_, before_.c_str(), 1);
    }
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  std::string before_;
};

/// A new empty folder, gone with the test.
class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(fs::temp_directory_path() / ("wattention plot'test-" + name)) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Report of_many(std::size_t runs) {
  Report report{"1", {}};
  for (std::size_t i = 0; i < runs; ++i) {
    report.runs.push_back(i % 2 == 0 ? sample::softmax() : sample::ecoformer());
    report.runs.back().label = "run" + std::to_string(i);
  }
  return report;
}

std::string message_of(const Report& report) {
  try {
    draw_energy(report, PlotFormat::svg);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("The format of a plot follows from the file's name") {
  CHECK(plot_format("energy.svg") == PlotFormat::svg);
  CHECK(plot_format("a/b.c/Energy.PNG") == PlotFormat::png);
  CHECK(plot_format("energy.pdf") == PlotFormat::pdf);
  CHECK_THROWS_AS(plot_format("energy.gif"), InputError);
  CHECK_THROWS_AS(plot_format("svg"), InputError);
  CHECK_THROWS_WITH(plot_format("x\n.txt"),
                    "plot: expected a file name that ends in .svg, .png or .pdf, "
                    "found \"x\\x0a.txt\"");
}

TEST_CASE("A plot as SVG names every run, phase and kind of operation, and the unit") {
  const std::string svg = draw_energy(sample::of_two(), PlotFormat::svg);
  REQUIRE(is_svg(svg));
  for (const char* text : {"softmax", "ecoformer", "scores", "normaliser", "bit operations",
                           "div, sqrt", "energy, \xc2\xb5J", "22.6", "8.83", "horowitz-45nm"}) {
    CAPTURE(text);
    CHECK(has(svg, text));
  }
}

TEST_CASE("A plot as PNG is a PNG") {
  const std::string png = draw_energy(sample::of_one(), PlotFormat::png);
  CHECK(png.substr(0, 8) == "\x89PNG\r\n\x1a\n");
  CHECK(has(png.substr(png.size() - 12), "IEND"));
}

TEST_CASE("A plot as PDF is one page of PDF, with text as text") {
  const std::string pdf = draw_energy(sample::of_two(), PlotFormat::pdf);
  CHECK(pdf.starts_with("%PDF-"));
  CHECK(has(pdf, "/Count 1\n"));
  CHECK(has(pdf, "DejaVuSans"));
}

TEST_CASE("The picture follows from the report") {
  CHECK(draw_plot(sample::of_two(), PlotFormat::svg) ==
        draw_energy(sample::of_two(), PlotFormat::svg));
  CHECK(draw_plot(sample::of_three_token_counts(), PlotFormat::svg) ==
        draw_tokens(sample::of_three_token_counts(), PlotFormat::svg));
  CHECK(draw_plot(sample::of_two_networks(), PlotFormat::svg) ==
        draw_networks(sample::of_two_networks(), PlotFormat::svg));
}

TEST_CASE("Energy against tokens names its curves, units, tokens and each crossing") {
  const std::string svg = draw_tokens(sample::of_three_token_counts(), PlotFormat::svg);
  REQUIRE(is_svg(svg));
  for (const char* text : {"softmax", "ecoformer form=linear", ">tokens<", ">energy<", ">16<",
                           ">128<", ">1024<", "1 \xc2\xb5J", "1 mJ"}) {
    CAPTURE(text);
    CHECK(has(svg, text));
  }
  // 22.6 uJ (N / 128)^2 = 8.83 uJ N / 128
  CHECK(has(svg, ">50<"));
  CHECK(has(svg, "ecoformer form=linear below softmax from 50"));
}

TEST_CASE("Energy against tokens is drawn for one point, for ranges, and for at most 12 curves") {
  Report report = sample::of_three_token_counts();
  for (Run& run : report.runs) run.energy_pj.total.high *= 2.0;
  CHECK(is_svg(draw_tokens(report, PlotFormat::svg)));
  CHECK(is_svg(draw_tokens(sample::of_one(), PlotFormat::svg)));
  CHECK(is_svg(draw_tokens(of_many(12), PlotFormat::svg)));
  CHECK_THROWS_WITH(draw_tokens(of_many(13), PlotFormat::svg),
                    "plot: expected 1 to 12 curves in one picture, found 13");
  CHECK_THROWS_WITH(draw_tokens({"1", {}}, PlotFormat::svg),
                    "plot: expected 1 to 12 curves in one picture, found 0");
  const Report hostile = sample::renamed(sample::of_three_token_counts(), sample::hostile_text());
  CHECK(is_svg(draw_tokens(hostile, PlotFormat::svg)));
}

TEST_CASE("Of ranked tables the first is drawn; energies in different units are no picture") {
  Report report = sample::under_two_tables();
  CHECK(is_svg(draw_plot(report, PlotFormat::svg)));
  report.runs.back().shape.queries = 129;  // not ranked any more
  CHECK_THROWS_WITH(draw_plot(report, PlotFormat::svg),
                    "plot: expected energies in one unit, found pJ of horowitz-45nm and relative "
                    "of cheap-mul");
}

TEST_CASE("Networks are drawn by kind of layer, with what each saves") {
  const std::string svg = draw_networks(sample::of_two_networks(), PlotFormat::svg);
  REQUIRE(is_svg(svg));
  for (const char* text :
       {"native", "ecoformer bits=32", "Energy by kind of layer", "embedding", "energy, \xc2\xb5J",
        "Energy saved against native", "energy saved, %", "50.3% to 55.1%"}) {
    CAPTURE(text);
    CHECK(has(svg, text));
  }
  CHECK_FALSE(has(draw_networks(sample::of_one_network(), PlotFormat::svg), "saved"));
  CHECK(is_svg(draw_networks(sample::renamed(sample::of_two_networks(), sample::hostile_text()),
                             PlotFormat::svg)));
}

TEST_CASE("What a network saves is against the first of its setting, and may be negative") {
  std::vector<NetworkRun> networks{sample::native_network(), sample::ecoformer_network(),
                                   sample::native_network(), sample::ecoformer_network()};
  networks[2].network = networks[3].network = "other";
  for (std::size_t i = 0; i < networks.size(); ++i) {
    networks[i].energy_pj.total = Range::exactly(i == 3 ? 150.0 : 100.0);
  }
  networks[1].energy_pj.total = {25.0, 50.0};
  const std::vector<Saving> savings = savings_of(networks);
  REQUIRE(savings.size() == 2);
  CHECK(savings[0].percent == Range{50.0, 75.0});
  CHECK(savings[1].percent == Range::exactly(-50.0));
  CHECK(savings[0].label == "tiny-pyramid, ecoformer bits=32");
  CHECK(savings[0].attention == savings[1].attention);
  networks[0].energy_pj.total = {};
  CHECK(savings_of(networks).size() == 1);
}

TEST_CASE("A plot holds from 1 to 40 runs, and says so otherwise") {
  const std::size_t runs =
      GENERATE(std::size_t{1}, std::size_t{5}, std::size_t{6}, std::size_t{16}, std::size_t{40});
  const std::string svg = draw_energy(of_many(runs), PlotFormat::svg);
  CHECK(is_svg(svg));
  CHECK(has(svg, "run" + std::to_string(runs - 1)));
  CHECK(message_of(of_many(0)) == "plot: expected 1 to 40 runs in one picture, found 0");
  CHECK(message_of(of_many(41)) == "plot: expected 1 to 40 runs in one picture, found 41");
}

TEST_CASE("A plot shows ranges by both ends") {
  const std::string svg = draw_energy({"1", {sample::with_ranges()}}, PlotFormat::svg);
  CHECK(has(svg,
            "147\xe2\x80\x93"
            "295"));
  CHECK(has(svg, "memory"));
}

TEST_CASE("Runs without energy, or with energy that is no number, are drawn as empty bars") {
  Report report{"1", {sample::run_named("idle", "idle"), sample::softmax()}};
  report.runs[1].energy_pj.total = Range::exactly(std::numeric_limits<double>::quiet_NaN());
  for (OperationLine& line : report.runs[1].operations) {
    line.energy_pj = Range::exactly(std::numeric_limits<double>::infinity());
  }
  CHECK(is_svg(draw_energy(report, PlotFormat::svg)));
}

TEST_CASE("Hostile labels reach the picture escaped and run nothing") {
  const Folder folder("hostile");
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  const std::string svg =
      draw_energy(sample::renamed(sample::of_two(), sample::hostile_text()), PlotFormat::svg);
  Report report = sample::of_two();
  report.runs[0].label = "\"; system \"touch x\"";
  report.runs[0].operations[0].phase = "<script>'%s@x{/b}`touch x`";
  report.runs[1].label = "a\n\\n<script>&";
  const std::string other = draw_energy(report, PlotFormat::svg);
  fs::current_path(before);
  CHECK(fs::is_empty(folder.path()));
  CHECK(is_svg(svg));
  CHECK(is_svg(other));
  CHECK_FALSE(has(svg, "<script"));
  CHECK_FALSE(has(other, "<script"));
  CHECK(has(other, "&lt;script>'%s@x{/b}`tou..."));
  CHECK(has(other, "a \\n&lt;script>&amp;"));
  CHECK(has(other, "\"; system \"touch x\""));
}

TEST_CASE("A string constant of gnuplot keeps quotes and loses line ends") {
  CHECK(gnuplot_string("it's\n`x` \\n \"y\"") == "'it''s `x` \\n \"y\"'");
}

TEST_CASE("Nothing is left in the temporary folder, whatever its name") {
  const Folder folder("temporary");
  const Environment temporary("TMPDIR", folder.path().string());
  CHECK(is_svg(draw_energy(sample::of_one(), PlotFormat::svg)));
  CHECK_THROWS_AS(run_gnuplot("this is no command"), Error);
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("A missing gnuplot, a script that fails and one that draws nothing are errors") {
  {
    const Folder empty("path");
    const Environment path("PATH", empty.path().string());
    CHECK(message_of(sample::of_one()) ==
          "plot: expected the program gnuplot (Debian: gnuplot-nox), found none");
  }
  CHECK_THROWS_WITH(run_gnuplot("this is no command"),
                    Catch::StartsWith("plot: expected gnuplot to draw, found status 1, "));
  CHECK_THROWS_AS(run_gnuplot("print 1"), Error);
  CHECK_THROWS_AS(run_gnuplot("exit status 3\n" + std::string(1 << 20, '\n')), Error);
}

std::vector<BarLayer> layers_by_phase(const Report& report) {
  std::vector<std::vector<EnergyGroup>> bars;
  for (const Run& run : report.runs) bars.push_back(energy_by_phase(run));
  return layers_of(bars, phase_palette());
}

std::vector<BarLayer> layers_by_kind(const Report& report) {
  std::vector<std::vector<EnergyGroup>> bars;
  for (const Run& run : report.runs) bars.push_back(energy_by_kind(run));
  return layers_of(bars, operation_palette());
}

TEST_CASE("A phase has the same style in every report, and no two share one") {
  const auto style = [](const Report& report, const std::string& name) {
    const std::vector<BarLayer> all = layers_by_phase(report);
    return std::ranges::find(all, name, &BarLayer::name)->style;
  };
  CHECK(style(sample::of_one(), "output") == style(sample::of_two(), "output"));
  CHECK(style(sample::of_one(), "output").colour == "#E69F00");
  Report report = sample::of_two();
  for (OperationLine& line : report.runs[1].operations) line.phase = "new " + line.phase;
  const std::vector<BarLayer> layers = layers_by_phase(report);
  REQUIRE(layers.size() == 9);
  for (const BarLayer& a : layers) {
    for (const BarLayer& b : layers) CHECK((a.style == b.style) == (a.name == b.name));
  }
}

TEST_CASE("The layers of a bar add up to its energy, also where there are too many to tell apart") {
  Report report = sample::of_two();
  for (int i = 0; i < 100; ++i) {
    report.runs[0].operations.push_back(
        {"phase" + std::to_string(i), "add", "fp32", 1, Range::exactly(1.0 + i), "", ""});
    report.runs[0].energy_pj.total += Range::exactly(1.0 + i);
  }
  const auto check = [&](const std::vector<BarLayer>& layers) {
    CHECK(layers.size() <= 24);
    for (std::size_t i = 0; i < report.runs.size(); ++i) {
      double height = 0.0;
      for (const BarLayer& layer : layers) height += layer.heights[i];
      CHECK(height == Approx(report.runs[i].energy_pj.total.middle()));
    }
  };
  check(layers_by_phase(report));
  check(layers_by_kind(report));
  CHECK(layers_by_phase(report).size() == 24);
  CHECK(layers_by_phase(report).back().name == "all others");
}

TEST_CASE("Kinds of operation come in one order, with roots beside divisions and memory last") {
  Run run = sample::ecoformer();
  run.energy_pj.memory = Range::exactly(7.0);
  const std::vector<EnergyGroup> groups = energy_by_kind(run);
  std::string names;
  for (const EnergyGroup& group : groups) names += group.name + "; ";
  CHECK(names == "mac; add; exp; div, sqrt; compare; bit operations; memory; ");
  CHECK(groups[3].energy_pj.low == Approx(26.3 * (1'024 + 32'768 + 16'384)));
}

}  // namespace
}  // namespace wattention
