// Writes HTML reports of the samples into the folder given, for the tests in a browser.

#include <fstream>
#include <iostream>
#include <string>

#include "reports/writer.hpp"
#include "tests/reports/sample_report.hpp"

namespace {

using wattention::Report;
namespace sample = wattention::sample;

Report titled(Report report, const std::string& title) {
  for (wattention::Run& run : report.runs) run.table.title = title;
  return report;
}

Report of_both() {
  Report report = sample::of_two();
  report.networks = sample::of_two_networks().networks;
  return report;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto writer = wattention::Registry<wattention::Writer>::global().make("html", "format");
  const auto write = [&](const std::string& name, const Report& report) {
    std::ofstream file(std::string(argv[1]) + "/" + name + ".html", std::ios::binary);
    file << writer->write(report);
    if (!file.flush()) std::cerr << "cannot write " << name << "\n";
    return static_cast<bool>(file);
  };
  const bool written =
      write("one_run", sample::of_one()) && write("two_runs", sample::of_two()) &&
      write("with_flash", sample::with_flash()) &&
      write("ranges", {"1.2.3", {sample::softmax(), sample::with_ranges()}}) &&
      write("one_network", sample::of_one_network()) &&
      write("two_networks", sample::of_two_networks()) &&
      write("three_token_counts", sample::of_three_token_counts()) && write("both", of_both()) &&
      write("two_tables", sample::under_two_tables()) && write("none", {"1.2.3", {}}) &&
      write("script", titled(sample::of_two(), "<script>document.title = 'run'</script>")) &&
      write("hostile", sample::renamed(of_both(), sample::hostile_text() + "</script><img src=x>"));
  return written ? 0 : 1;
}
