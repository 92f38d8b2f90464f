#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "reports/formats/latex_text.hpp"
#include "reports/writer.hpp"
#include "tests/reports/approved.hpp"
#include "tests/reports/sample_report.hpp"
#include "tests/temporary_folder.hpp"

namespace wattention {
namespace {

std::string written(const Report& report) {
  return Registry<Writer>::global().make("latex", "format")->write(report);
}

TEST_CASE("The LaTeX reports of a run, a comparison and networks are the approved ones") {
  sample::check_approved("ranges.tex", written({"1.2.3", {sample::with_ranges()}}));
  sample::check_approved("two_runs.tex", written(sample::of_two()));
  sample::check_approved("one_network.tex", written(sample::of_one_network()));
  sample::check_approved("two_networks.tex", written(sample::of_two_networks()));
}

TEST_CASE("Text of users is no LaTeX") {
  CHECK(latex_text("a_b & c% #1 $x$ {y} \\input{/etc/passwd} ^ ~ \"q\" <>|") ==
        "a\\_b \\& c\\% \\#1 \\$x\\$ \\{y\\} \\textbackslash{}input\\{/etc/passwd\\} "
        "\\textasciicircum{} \\textasciitilde{} \\texttt{\\char34}q\\texttt{\\char34} $<$$>$$|$");
  CHECK(latex_text("1--2---3 ''`a-b") == "1-{}-2-{}-{}-3 '{}'\\`{}a-b");
  CHECK(latex_text("\xc2\xb5 \xce\xb1\xce\xa9 \xe2\x88\x92 \xe4\xb8\xad \x1b \xff\n") ==
        "$\\mu$ $\\alpha$$\\Omega$ $-$ ? ? ? ");
}

/// Every character below 0x3000, a space now and then.
std::string many_characters() {
  std::string text;
  for (unsigned code = 1; code < 0x3000; ++code) {
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else if (code < 0x800) {
      text += {static_cast<char>(0xc0U | (code >> 6U)), static_cast<char>(0x80U | (code & 0x3fU))};
    } else {
      text += {static_cast<char>(0xe0U | (code >> 12U)),
               static_cast<char>(0x80U | ((code >> 6U) & 0x3fU)),
               static_cast<char>(0x80U | (code & 0x3fU))};
    }
    if (code % 40 == 0) text += ' ';
  }
  return text;
}

bool compiles(const std::string& name, const std::string& text) {
  const TemporaryFolder folder;
  sample::write_file(folder.path(name + ".tex"), text);
  const std::string command = "cd '" + folder.path("") +
                              "' && pdflatex -halt-on-error -interaction=nonstopmode "
                              "-no-shell-escape " +
                              name + ".tex >output 2>&1";
  const bool done = std::system(command.c_str()) == 0;  // NOLINT(cert-env33-c)
  if (!done) WARN(folder.read("output"));
  return done && folder.read(name + ".pdf").starts_with("%PDF-");
}

TEST_CASE("pdflatex compiles every LaTeX report as it stands, whatever users write") {
  if (std::system("pdflatex -version >/dev/null 2>&1") != 0) {  // NOLINT(cert-env33-c)
    if (std::getenv("WATTENTION_TEST_EVERYTHING") != nullptr) FAIL("pdflatex is not installed");
    WARN("pdflatex is not installed (Debian: texlive-latex-recommended): nothing compiled");
    return;
  }
  for (const char* name : {"ranges", "two_runs", "one_network", "two_networks", "document",
                           "learning", "published_networks", "cost_table"}) {
    CAPTURE(name);
    CHECK(compiles(name, sample::contents_of(std::string(WATTENTION_SOURCE_DIR) +
                                             "/tests/reports/approved/" + name + ".tex")));
  }
  Report hostile = sample::renamed(sample::of_two(), sample::hostile_text());
  hostile.runs[0].notes = {many_characters()};
  hostile.runs[0].label = "\xc3\xa9\xc3\x9f \xce\xb1 \xc5\x81 \xe2\x89\xa4 \\ { } % ~ ^ \" `-";
  hostile.networks = sample::renamed(sample::of_two_networks(), sample::hostile_text()).networks;
  CHECK(compiles("hostile", written(hostile)));
  CHECK(compiles("none", written({"1", {}})));
  Report many{"1", {}, {}};
  for (int i = 0; i < 20; ++i) many.networks.push_back(sample::ecoformer_network());
  CHECK(compiles("many", written(many)));
}

}  // namespace
}  // namespace wattention
