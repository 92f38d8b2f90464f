#include <memory>

#include "app/commands.hpp"
#include "app/job.hpp"

namespace wattention {
namespace {

/// "ecoformer:form=hamming,bits=32"; precision and accumulate may stand among the options.
AttentionChoice parse_choice(const std::string& text, const JobOptions& job) {
  const std::size_t colon = text.find(':');
  AttentionChoice choice{text.substr(0, colon)};
  choice.arithmetic = {precision_named(job.precision), accumulate_named(job.accumulate)};
  if (colon == std::string::npos) return choice;
  for (const std::string& setting : CLI::detail::split(text.substr(colon + 1), ',')) {
    const auto [name, value] = name_and_value(setting, "option of " + choice.name);
    choice.label += " " + setting;
    if (name == "precision") {
      choice.arithmetic.precision = precision_named(value);
    } else if (name == "accumulate") {
      choice.arithmetic.accumulate = accumulate_named(value);
    } else {
      choice.options.emplace_back(name, value);
    }
  }
  return choice;
}

}  // namespace

void add_compare(CLI::App& app) {
  CLI::App& command =
      *app.add_subcommand("compare", "several attentions on the same input, side by side");
  struct State {
    std::vector<std::string> attentions;
    JobOptions job;
  };
  const auto state = std::make_shared<State>();
  command
      .add_option("attentions", state->attentions,
                  "names, with own options where wanted: ecoformer:form=hamming,precision=fp16; "
                  "savings are against the first")
      ->required();
  add_job_options(command, state->job);
  command.footer(
      "Example: wattention compare softmax ecoformer ecoformer:form=hamming --tokens 784 "
      "--head-dim 32");
  command.callback([state] {
    std::vector<AttentionChoice> choices;
    for (const std::string& text : state->attentions)
      choices.push_back(parse_choice(text, state->job));
    do_job(std::move(choices), state->job);
  });
}

}  // namespace wattention
