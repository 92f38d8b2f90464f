#include <memory>

#include "app/commands.hpp"
#include "app/job.hpp"
#include "sim/error.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

/// "ecoformer:form=hamming,bits=32"
AttentionChoice parse_choice(const std::string& text) {
  const std::size_t colon = text.find(':');
  AttentionChoice choice{text.substr(0, colon)};
  if (colon == std::string::npos) return choice;
  for (const std::string& setting : CLI::detail::split(text.substr(colon + 1), ',')) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw InputError("command line", "attention", "NAME:OPTION=VALUE,...", in_quotes(text));
    }
    choice.options.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
    choice.label += " " + setting;
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
                  "names, with own options where wanted: ecoformer:form=hamming,bits=32; savings "
                  "are against the first")
      ->required();
  add_job_options(command, state->job);
  command.footer(
      "Example: wattention compare softmax ecoformer ecoformer:form=hamming --tokens 784 "
      "--head-dim 32");
  command.callback([state] {
    std::vector<AttentionChoice> choices;
    for (const std::string& text : state->attentions) choices.push_back(parse_choice(text));
    do_job(std::move(choices), state->job);
  });
}

}  // namespace wattention
