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
  Command command = program.subcommand("report", "a report on the runs of a sweep");
  const auto state = std::make_shared<ReportCommand>();
  ReportCommand& o = *state;
  command.option("--database", &o.database, "the SQLite file that `sweep` made").required();
  const auto selects = [&command](const char* name, const Variable& values, const char* help) {
    command.option(name, values, help).one_value().group("Selection, repeatable");
  };
  RunSelection& s = o.selection;
  selects("--attention", &s.attentions, "a name, or with options: \"ecoformer form=hamming\"");
  selects("--network", &s.networks, "a network");
  selects("--table", &s.tables, "a cost table");
  selects("--mode", &s.modes, "execute, audit or estimate");
  selects("--precision", &s.precisions, "fp32, fp16, bf16, e4m3 or e5m2");
  selects("--accounting", &s.accountings, "complete or paper");
  selects("--memory", &s.memories, "none, ideal, tiled or trace");
  selects("--tokens", &s.tokens, "queries of an attention alone");
  selects("--heads", &s.heads, "heads of an attention alone");
  selects("--head-dim", &s.head_dims, "head dim of an attention alone");
  RunResults& r = o.results;
  command.option("--format", &r.format, "of the report (default text)").group("Results");
  command.option("--report", &r.report, "the report, to a file").group("Results");
  command.option("--json", &r.json, "the report for programs, to a file or - (stdout)")
      .group("Results");
  command.option("--plot", &r.plot, "the report as a picture: .svg, .png or .pdf").group("Results");
  command.footer(
      "Example: wattention report --database sweep.sqlite --table horowitz-45nm --tokens 784");
  command.on_run([state] { do_report(*state); });
}

}  // namespace wattention
