#include <memory>

#include "app/commands.hpp"
#include "app/job.hpp"

namespace wattention {
namespace {

void run(const std::string& attention, const JobOptions& job) {
  demand_one_table(job);
  AttentionChoice choice{attention};
  choice.arithmetic = job.arithmetic();
  do_job({choice}, job);
}

}  // namespace

void add_run(Command program) {
  Command command = program.subcommand("run", "Run one attention: output, counts and energy.");
  struct State {
    std::string attention;
    JobOptions job;
  };
  const auto state = std::make_shared<State>();
  command
      .option("attention", &state->attention,
              "Name of the attention; `wattention list attentions` shows them.")
      .required();
  add_job_options(command, state->job);
  command.footer("Example: wattention run ecoformer --tokens 784 --heads 2 --head-dim 32 --json -");
  command.on_run([state] { run(state->attention, state->job); });
}

}  // namespace wattention
