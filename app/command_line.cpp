#include "app/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "sim/error.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

const CLI::Validator whole_number_from_one(
    [](std::string& text) -> std::string {
      const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
      if (digits && text.find_first_not_of('0') != std::string::npos) return "";
      return "expected a whole number from 1 on, found " + in_quotes(text);
    },
    "FROM 1");

/// The values that a check lists: CLI11 gives "TEXT:{bash,zsh}" as the type.
std::vector<std::string> listed_choices(const std::string& type) {
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

/// A misspelt command, before CLI11 says only that one is required.
void demand_known_command(const Command& top, int argc, const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::vector<std::string> known;
  for (const Command& command : top.subcommands()) known.push_back(command.name());
  if (std::ranges::find(known, argv[1]) != known.end()) return;
  throw InputError("command line", "command", one_of(known, argv[1]), in_quotes(argv[1]));
}

}  // namespace

CommandOption& CommandOption::required() {
  option_->required();
  return *this;
}

CommandOption& CommandOption::group(const std::string& title) {
  option_->group(title);
  return *this;
}

CommandOption& CommandOption::one_value() {
  option_->allow_extra_args(false);
  return *this;
}

CommandOption& CommandOption::comma_separated() {
  option_->delimiter(',');
  return *this;
}

CommandOption& CommandOption::between(int low, int high) {
  option_->check(CLI::Range(low, high));
  return *this;
}

CommandOption& CommandOption::positive() {
  option_->check(CLI::PositiveNumber);
  return *this;
}

CommandOption& CommandOption::from_one() {
  option_->check(whole_number_from_one);
  return *this;
}

CommandOption& CommandOption::choices(const std::vector<std::string>& known) {
  const auto check = [known](const std::string& text) -> std::string {
    if (std::ranges::find(known, text) != known.end()) return "";
    return "expected " + one_of(known, text) + ", found " + in_quotes(text);
  };
  option_->check(check, fmt::format("{{{}}}", fmt::join(known, ",")));
  return *this;
}

Command Command::subcommand(const std::string& name, const std::string& description) {
  return Command(*app_->add_subcommand(name, description));
}

void Command::requires_subcommand() { app_->require_subcommand(1); }

CommandOption Command::option(const std::string& name, const Variable& value,
                              const std::string& help) {
  const auto add = [&](auto* variable) { return app_->add_option(name, *variable, help); };
  return CommandOption(*std::visit(add, value));
}

CommandOption Command::flag(const std::string& name, bool* value, const std::string& help) {
  return CommandOption(*app_->add_flag(name, *value, help));
}

void Command::footer(const std::string& text) { app_->footer(text); }

void Command::on_run(const std::function<void()>& action) { app_->callback(action); }

std::string Command::name() const { return app_->get_name(); }

std::vector<Command> Command::subcommands() const {
  std::vector<Command> commands;
  for (CLI::App* app : app_->get_subcommands({})) commands.emplace_back(*app);
  return commands;
}

std::vector<CompletedOption> Command::options() const {
  std::vector<CompletedOption> options;
  for (const CLI::Option* option : app_->get_options()) {
    options.push_back({.names = option->get_lnames(),
                       .argument = option->get_positional() ? option->get_name(true) : "",
                       .takes_value = option->get_items_expected_max() != 0,
                       .choices = listed_choices(option->get_type_name())});
  }
  return options;
}

CommandLine::CommandLine(const std::string& description, const std::string& version)
    : app_(std::make_unique<CLI::App>(description)) {
  app_->set_version_flag("--version", version);
}

CommandLine::~CommandLine() = default;

Command CommandLine::top() { return Command(*app_); }

void CommandLine::run(int argc, const char* const* argv) {
  demand_known_command(top(), argc, argv);
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::Success)) {
      throw InputError(std::string("command line: ") + error.what());
    }
    app_->exit(error);  // prints the help or the version
  }
}

}  // namespace wattention
