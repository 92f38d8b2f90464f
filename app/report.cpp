#include <memory>

#include "app/commands.hpp"
#include "app/results.hpp"
#include "sweeps/run_reader.hpp"

namespace wattention {
namespace {

struct ReportCommand {
  std::string database;
  RunSelection selection;
  RunResults results;
};

void do_report(const ReportCommand& o) {
  demand_formats(o.results);
  Database database = Database::open(o.database);
  const Report report = report_of(database, o.selection);
  OutputFiles files;
  publish(report, o.results, files);
}

}  // namespace

void add_report(Command program) {
  Command command = program.subcommand("report", "Report on the runs of a sweep.");
  const auto state = std::make_shared<ReportCommand>();
  ReportCommand& o = *state;
  command.option("--database", &o.database, "SQLite file that `sweep` made.").required();
  const auto selects = [&command](const char* name, const Variable& values, const char* help) {
    command.option(name, values, help).one_value().group("Selection, repeatable");
  };
  RunSelection& s = o.selection;
  selects("--attention", &s.attentions,
          "Attention of the runs, by name or with options: \"ecoformer form=hamming\".");
  selects("--network", &s.networks, "Network of the runs.");
  selects("--table", &s.tables, "Cost table of the runs.");
  selects("--mode", &s.modes, "Mode of the runs: execute, audit or estimate.");
  selects("--precision", &s.precisions, "Arithmetic of the runs: fp32, fp16, bf16, e4m3 or e5m2.");
  selects("--accounting", &s.accountings, "Accounting of the runs: complete or paper.");
  selects("--memory", &s.memories, "Memory policy of the runs: none, ideal, tiled or trace.");
  selects("--tokens", &s.tokens, "Number of queries, of runs of an attention alone.");
  selects("--heads", &s.heads, "Number of heads, of runs of an attention alone.");
  selects("--head-dim", &s.head_dims, "Dimension of a head, of runs of an attention alone.");
  RunResults& r = o.results;
  command.option("--format", &r.format, "Format of the report (default text).").group("Results");
  command.option("--report", &r.report, "File of the report.").group("Results");
  command.option("--json", &r.json, "File of the report for programs, or - for standard output.")
      .group("Results");
  command.option("--plot", &r.plot, "File of the report as a picture: .svg, .png or .pdf.")
      .group("Results");
  command.footer(
      "Example: wattention report --database sweep.sqlite --table horowitz-45nm --tokens 784");
  command.on_run([state] { do_report(*state); });
}

}  // namespace wattention
