// Writer "text": the report for people at a terminal. One run is told in full; several become a
// comparison.

#include <string>

#include "reports/text_parts.hpp"
#include "reports/writer.hpp"

namespace wattention {
namespace {

class TextWriter final : public Writer {
 public:
  std::string write(const Report& report) const override {
    if (!report.networks.empty()) return text_of_networks(report);
    if (report.runs.empty()) return "No runs.\n";
    return report.runs.size() == 1 ? text_of_run(report) : text_of_comparison(report);
  }
};

const Registration<Writer, TextWriter> registration{
    "text", "tables of at most 100 columns, for people at a terminal"};

}  // namespace
}  // namespace wattention
