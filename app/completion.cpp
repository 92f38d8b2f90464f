// The completion scripts of bash and zsh. Commands, flags and which of them take a value come from
// the command line itself, names from the registries: what is added there is completed here.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/commands.hpp"
#include "measure/accounting.hpp"
#include "models/attention.hpp"
#include "models/networks/network_file.hpp"
#include "reports/writer.hpp"
#include "sim/memory/hierarchy.hpp"
#include "sim/prices/shipped_tables.hpp"

namespace wattention {
namespace {

using Words = std::vector<std::string>;

struct Completion {
  std::string command;                  // "run", "table show"; empty at the top
  Words subcommands;                    // of the command
  Words flags;                          // "--table"
  std::map<std::string, Words> values;  // of flags that take one; no words: a file
  Words arguments;                      // of positional arguments
};

Words network_names() {
  Words names;
  for (const ZooEntry& network : shipped_networks()) names.push_back(network.name);
  return names;
}

/// What may stand for an option of that name.
Words words_for(const std::string& name) {
  const std::map<std::string, std::function<Words()>> known{
      {"attention", [] { return Registry<Attention>::global().names(); }},
      {"network", network_names},
      {"table", shipped_table_names},
      {"format", [] { return Registry<Writer>::global().names(); }},
      {"mode", all_names_of<Mode>},
      {"precision", floating_format_names},
      {"layer-precision", floating_format_names},
      {"accumulate", all_names_of<Accumulate>},
      {"accounting", all_names_of<Accounting>},
      {"memory", all_names_of<MemoryPolicy>},
      {"what", [] {
         return Words{"attentions", "networks", "tables", "formats", "kernels"};
       }}};
  auto found = known.find(name);
  if (found == known.end() && name.ends_with('s')) {
    found = known.find(name.substr(0, name.size() - 1));
  }
  if (found != known.end()) return found->second();
  return {};
}

/// Those that the option's check lists, else those that its name stands for. `path` is that of the
/// command.
Words values_of(const std::string& path, const CompletedOption& option, const std::string& name) {
  if (!option.choices.empty()) return option.choices;
  if (path.starts_with("table ") && name == "name") return words_for("table");
  return words_for(name);
}

void describe(const Command& command, const std::string& path, std::vector<Completion>& all) {
  Completion completion{path, {}, {}, {}, {}};
  for (const CompletedOption& option : command.options()) {
    for (const std::string& name : option.names) {
      completion.flags.push_back("--" + name);
      if (option.takes_value) completion.values["--" + name] = values_of(path, option, name);
    }
    if (option.argument.empty()) continue;
    const Words words = values_of(path, option, option.argument);
    completion.arguments.insert(completion.arguments.end(), words.begin(), words.end());
  }
  const std::vector<Command> subcommands = command.subcommands();
  for (const Command& subcommand : subcommands) completion.subcommands.push_back(subcommand.name());
  all.push_back(completion);
  for (const Command& subcommand : subcommands) {
    describe(subcommand, (path.empty() ? "" : path + " ") + subcommand.name(), all);
  }
}

/// The cases both shells share: they set `words`, or leave it empty for files.
std::string cases(const std::vector<Completion>& all) {
  std::string text = "  case \"$command:$previous\" in\n";
  for (const Completion& one : all) {
    std::map<std::string, Words> flags_of;  // the same words
    for (const auto& [flag, values] : one.values) {
      flags_of[fmt::format("{}", fmt::join(values, " "))].push_back(
          fmt::format("'{}:{}'", one.command, flag));
    }
    for (const auto& [words, flags] : flags_of) {
      text += fmt::format("    {}) words='{}' ;;\n", fmt::join(flags, " | "), words);
    }
  }
  text += "    *)\n      case \"$command:$current\" in\n";
  for (const Completion& one : all) {
    text += fmt::format("        '{}:-'*) words='{}' ;;\n", one.command, fmt::join(one.flags, " "));
    Words words = one.subcommands;
    words.insert(words.end(), one.arguments.begin(), one.arguments.end());
    text += fmt::format("        '{}:'*) words='{}' ;;\n", one.command, fmt::join(words, " "));
  }
  return text + "      esac ;;\n  esac\n";
}

/// Which words go from one command to the next.
std::string steps(const std::vector<Completion>& all) {
  Words patterns;
  for (const Completion& one : all) {
    for (const std::string& subcommand : one.subcommands) {
      patterns.push_back(fmt::format("'{}:{}'", one.command, subcommand));
    }
  }
  return fmt::format("{}", fmt::join(patterns, " | "));
}

std::string bash_script(const std::vector<Completion>& all) {
  return fmt::format(R"(# bash completion of wattention; written by `wattention completion bash`.
_wattention() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
  local command= words= word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$command:$word" in
      {}) command=${{command:+$command }}$word ;;
    esac
  done
{}  COMPREPLY=()
  [ -z "$words" ] || mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -o default -F _wattention wattention
)",
                     steps(all), cases(all));
}

std::string zsh_script(const std::vector<Completion>& all) {
  return fmt::format(R"(#compdef wattention
# zsh completion of wattention; written by `wattention completion zsh`.
_wattention() {{
  local current=$words[CURRENT] previous=$words[CURRENT-1]
  local -a typed=("${{(@)words[2,CURRENT-1]}}")
  local command= words= word
  for word in $typed; do
    case "$command:$word" in
      {}) command=${{command:+$command }}$word ;;
    esac
  done
{}  if [[ -n $words ]]; then
    compadd -- ${{=words}}
  else
    _files
  fi
}}
if [[ $funcstack[1] == _wattention ]]; then
  _wattention "$@"
else
  compdef _wattention wattention
fi
)",
                     steps(all), cases(all));
}

}  // namespace

void add_completion(Command program) {
  Command command = program.subcommand("completion", "Print the completion script of a shell.");
  const auto shell = std::make_shared<std::string>();
  command.option("shell", shell.get(), "Shell: bash or zsh.").required().choices({"bash", "zsh"});
  command.footer("Example: source <(wattention completion bash)");
  command.on_run([program, shell] {
    std::vector<Completion> all;
    describe(program, "", all);
    std::cout << (*shell == "bash" ? bash_script(all) : zsh_script(all));
  });
}

}  // namespace wattention
