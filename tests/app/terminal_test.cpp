// What a terminal gets: help that ends with an example, colours only there, and completion.

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "models/attention.hpp"
#include "reports/writer.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "tests/app/process.hpp"
#include "tests/temporary_folder.hpp"

using namespace wattention;

namespace {

/// What the binary writes to a terminal.
std::string on_a_terminal(std::vector<std::string> arguments, bool no_color) {
  arguments.insert(arguments.begin(), WATTENTION_BINARY);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::fflush(nullptr);
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    setenv("TERM", "xterm", 1);
    if (no_color) {
      setenv("NO_COLOR", "1", 1);
    } else {
      unsetenv("NO_COLOR");
    }
    execv(argv[0], argv.data());
    _exit(127);
  }
  std::string text;
  std::array<char, 4096> block{};
  for (ssize_t n = 0; (n = read(terminal, block.data(), block.size())) > 0;) {
    text.append(block.data(), static_cast<std::size_t>(n));
  }
  close(terminal);
  waitpid(child, nullptr, 0);
  return text;
}

bool has(const char* shell) {
  return std::system((std::string("command -v ") + shell + " >/dev/null").c_str()) == 0;
}

std::string script(const char* shell) {
  const Outcome outcome = wattention_run({"completion", shell});
  REQUIRE(outcome.status == 0);
  return outcome.out;
}

std::vector<std::string> words_of(const TemporaryFolder& folder, const std::string& file) {
  std::istringstream text(folder.read(file));
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  std::ranges::sort(words);
  return words;
}

std::string quoted(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += "'" + word + "' ";
  return text;
}

/// What Tab offers in bash for the last of the words.
std::vector<std::string> bash_offers(const std::vector<std::string>& words) {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("test.bash", script("bash") + "COMP_WORDS=(" + quoted(words) +
                                    ")\nCOMP_CWORD=" + std::to_string(words.size() - 1) +
                                    "\n_wattention\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n");
  REQUIRE(std::system(("bash " + file + " > " + folder.path("out")).c_str()) == 0);
  return words_of(folder, "out");
}

/// The same in zsh, which itself drops what does not fit.
std::vector<std::string> zsh_offers(const std::vector<std::string>& words) {
  const TemporaryFolder folder;
  const std::string file = folder.write(
      "test.zsh", "compdef() { }\ncompadd() { shift; print -l -- $@ }\n_files() { print FILES }\n" +
                      script("zsh") + "words=(" + quoted(words) +
                      ")\nCURRENT=" + std::to_string(words.size()) + "\n_wattention\n");
  REQUIRE(std::system(("zsh -f " + file + " > " + folder.path("out")).c_str()) == 0);
  return words_of(folder, "out");
}

std::vector<std::string> sorted(std::vector<std::string> words) {
  std::ranges::sort(words);
  return words;
}

const std::vector<std::vector<std::string>> commands{{},
                                                     {"run"},
                                                     {"compare"},
                                                     {"network"},
                                                     {"check"},
                                                     {"learn-hash"},
                                                     {"reproduce"},
                                                     {"sweep"},
                                                     {"report"},
                                                     {"query"},
                                                     {"list"},
                                                     {"table"},
                                                     {"table", "check"},
                                                     {"table", "show"},
                                                     {"table", "scale"},
                                                     {"table", "import"},
                                                     {"table", "import", "accelergy"},
                                                     {"completion"}};

}  // namespace

TEST_CASE("The help of every command ends with an example") {
  for (std::vector<std::string> command : commands) {
    command.emplace_back("--help");
    const Outcome outcome = wattention_run(command);
    INFO(outcome.out);
    CHECK(outcome.status == 0);
    const std::size_t last = outcome.out.rfind("\nExample: ");
    REQUIRE(last != std::string::npos);
    CHECK(std::ranges::count(outcome.out.substr(last + 1), '\n') <= 2);
    CHECK(outcome.out.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("The commands that this file lists are all that there are") {
  std::size_t offered = 0;
  for (const auto& command : commands) {
    std::vector<std::string> words{"wattention"};
    words.insert(words.end(), command.begin(), command.end());
    words.emplace_back("");
    if (command.empty() || command.back() == "table" || command.back() == "import") {
      offered += bash_offers(words).size();
    }
  }
  CHECK(offered == commands.size() - 1);
}

TEST_CASE("Errors are red on a terminal, and nowhere else") {
  CHECK_THAT(on_a_terminal({"run", "nope"}, false), Catch::StartsWith("\x1b[1;31merror:\x1b[0m "));
  CHECK_THAT(on_a_terminal({"run", "nope"}, true), Catch::StartsWith("error: "));
  CHECK_THAT(wattention_run({"run", "nope"}).err, Catch::StartsWith("error: "));
}

TEST_CASE("bash completes commands, flags and names") {
  CHECK(bash_offers({"wattention", "sw"}) == std::vector<std::string>{"sweep"});
  CHECK(bash_offers({"wattention", "run", "eco"}) == std::vector<std::string>{"ecoformer"});
  CHECK(bash_offers({"wattention", "run", "softmax", "--tok"}) ==
        std::vector<std::string>{"--tokens"});
  CHECK(bash_offers({"wattention", "run", "softmax", "--table", ""}) ==
        sorted(shipped_table_names()));
  CHECK(bash_offers({"wattention", "compare", "--format", ""}) ==
        sorted(Registry<Writer>::global().names()));
  CHECK(bash_offers({"wattention", "network", "pvtv2-b0", "--attention", ""}) ==
        sorted(Registry<Attention>::global().names()));
  CHECK(bash_offers({"wattention", "network", "pvtv2-b"}).size() >= 3);
  CHECK(bash_offers({"wattention", "table", "show", "horo"}) ==
        std::vector<std::string>{"horowitz-45nm"});
  CHECK(bash_offers({"wattention", "query", "--format", ""}) ==
        std::vector<std::string>{"csv", "json", "text"});
  CHECK(bash_offers({"wattention", "run", "--q", ""}).empty());  // then bash offers files
}

TEST_CASE("zsh completes the same") {
  if (!has("zsh")) {
    WARN("skipped: there is no zsh");
    return;
  }
  for (const std::vector<std::string>& words : {std::vector<std::string>{"wattention", ""},
                                                {"wattention", "run", ""},
                                                {"wattention", "sweep", "-"},
                                                {"wattention", "table", "import", ""},
                                                {"wattention", "report", "--table", ""}}) {
    CHECK(zsh_offers(words) == bash_offers(words));
  }
  CHECK(zsh_offers({"wattention", "run", "--q", ""}) == std::vector<std::string>{"FILES"});
}

TEST_CASE("Every flag that the help names is completed") {
  for (const std::string command : {"run", "network", "sweep", "report"}) {
    const std::string help = wattention_run({command, "--help"}).out;
    const std::vector<std::string> offered = bash_offers({"wattention", command, "--"});
    std::size_t named = 0;
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
      const std::size_t start = line.find("--");
      if (!line.starts_with("  -") || start == std::string::npos) continue;
      const std::string flag = line.substr(start, line.find_first_of(" ", start) - start);
      CHECK(std::ranges::find(offered, flag) != offered.end());
      ++named;
    }
    CHECK(named == offered.size());
  }
}
