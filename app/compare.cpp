#include <memory>

#include "app/attention_choices.hpp"
#include "app/commands.hpp"
#include "app/job.hpp"

namespace wattention {
void add_compare(Command program) {
  Command command =
      program.subcommand("compare", "Run several attentions on the same input, side by side.");
  struct State {
    std::vector<std::string> attentions;
    JobOptions job;
  };
  const auto state = std::make_shared<State>();
  command
      .option("attentions", &state->attentions,
              "Names of the attentions, each with options of its own where wanted: "
              "ecoformer:form=hamming,precision=fp16. Savings are against the first.")
      .required();
  add_job_options(command, state->job);
  command.footer(
      "Example: wattention compare softmax ecoformer ecoformer:form=hamming --tokens 784 "
      "--head-dim 32");
  command.on_run([state] {
    std::vector<AttentionChoice> choices;
    for (const std::string& text : state->attentions) {
      choices.push_back(parse_choice(text, state->job.arithmetic()));
    }
    do_job(std::move(choices), state->job);
  });
}

}  // namespace wattention
