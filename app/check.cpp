#include <fmt/ostream.h>

#include <iostream>
#include <memory>

#include "app/attention_choices.hpp"
#include "app/commands.hpp"
#include "models/attention_check.hpp"

namespace wattention {
namespace {

void check(const std::string& name, const std::vector<std::string>& settings) {
  std::vector<std::pair<std::string, std::string>> pairs;
  pairs.reserve(settings.size());
  for (const std::string& setting : settings) pairs.push_back(name_and_value(setting, "--set"));
  const AttentionCheck result = check_attention(
      name, [&name] { return Registry<Attention>::global().make(name, "attention"); }, pairs);
  for (const std::string& failure : result.failures) std::cout << "failed: " << failure << '\n';
  for (const std::string& refusal : result.refusals) std::cout << "refuses: " << refusal << '\n';
  fmt::print(std::cout,
             "{}: {} runs over shapes, shared heads, options and formats; operations, bytes and "
             "outputs {}\n",
             name, result.runs, result.failures.empty() ? "hold" : "do not hold");
  if (!result.failures.empty()) {
    throw Error(
        fmt::format("check of {}: expected no failure, found {}", name, result.failures.size()));
  }
}

}  // namespace

void add_check(Command program) {
  Command command = program.subcommand(
      "check", "Audit an attention over shapes, shared heads, options, formats and bytes.");
  struct State {
    std::string attention;
    std::vector<std::string> settings;
  };
  const auto state = std::make_shared<State>();
  command
      .option("attention", &state->attention,
              "Name of the attention; `wattention list attentions` shows them.")
      .required();
  command
      .option("--set", &state->settings,
              "Option of the attention that keeps this value, as NAME=VALUE. It may be repeated.")
      .one_value();
  command.footer("Example: wattention check ecoformer --set form=hamming");
  command.on_run([state] { check(state->attention, state->settings); });
}

}  // namespace wattention
