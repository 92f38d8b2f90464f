#pragma once

// The command line as its commands see it: what they are called, which options they take, and what
// they run.
//
//     CommandLine line("Wattention: ...", "wattention 0.2.0");
//     Command list = line.top().subcommand("list", "what there is");
//     list.option("what", &state->what, "What to list: attentions or networks.").required();
//     list.flag("--json", &state->json, "for programs");
//     list.on_run([state] { ... });
//     line.run(argc, argv);
//
// CLI11 parses. Every file that includes it takes seconds longer to compile, so command_line.cpp
// alone does. Command and CommandOption are handles: copies stand for the same
// command or option, which lives as long as its CommandLine.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace wattention {

/// Where the value of an option goes. What stands there before is its default; a vector takes every
/// value that is given.
using Variable =
    std::variant<std::string*, std::optional<std::string>*, std::vector<std::string>*, std::size_t*,
                 std::optional<std::size_t>*, std::vector<std::size_t>*, float*, double*>;

/// An option, a flag or a positional argument.
class CommandOption {
 public:
  explicit CommandOption(CLI::Option& option) : option_(&option) {}

  /// It has to be given.
  CommandOption& required();
  /// The heading under which the help lists it.
  CommandOption& group(const std::string& title);
  /// Takes one value each time that it is given: the word after that is another argument.
  CommandOption& one_value();
  /// Commas separate several values in one word.
  CommandOption& comma_separated();

  // Checks. A value that fails one is bad input, and the message says what is expected.
  CommandOption& between(int low, int high);
  CommandOption& positive();
  CommandOption& from_one();
  CommandOption& choices(const std::vector<std::string>& known);

 private:
  CLI::Option* option_;
};

/// What a shell may complete of an option.
struct CompletedOption {
  std::vector<std::string> names;    // "table" for --table
  std::string argument;              // the name of a positional argument; "" for an option
  bool takes_value = false;          // false for a flag
  std::vector<std::string> choices;  // all values that it takes, where they are listed
};

class Command {
 public:
  explicit Command(CLI::App& app) : app_(&app) {}

  Command subcommand(const std::string& name, const std::string& description);
  /// One of the subcommands has to be given.
  void requires_subcommand();

  /// "--name" is an option, "name" a positional argument.
  CommandOption option(const std::string& name, const Variable& value, const std::string& help);
  CommandOption flag(const std::string& name, bool* value, const std::string& help);

  /// The last paragraph of the help.
  void footer(const std::string& text);
  void on_run(const std::function<void()>& action);

  std::string name() const;
  std::vector<Command> subcommands() const;
  std::vector<CompletedOption> options() const;

 private:
  CLI::App* app_;
};

/// The whole command line of a program.
class CommandLine {
 public:
  /// `version` is the line that --version prints.
  CommandLine(const std::string& description, const std::string& version);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  /// The program itself, whose subcommands are its commands.
  Command top();

  /// Runs the command that is named, or prints the help or the version that is asked for. Throws
  /// InputError where the words are not those of a command, and what the command throws.
  void run(int argc, const char* const* argv);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace wattention
