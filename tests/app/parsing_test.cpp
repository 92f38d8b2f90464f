// What the commands rely on of the command line, without a process.

#include <catch2/catch.hpp>

#include "app/command_line.hpp"
#include "sim/error.hpp"

namespace wattention {
namespace {

struct Values {
  std::string text = "as before";
  std::optional<std::size_t> count;
  std::vector<std::string> words;
  std::vector<std::size_t> sizes;
  double volts = 0.0;
  bool quick = false;
  bool ran = false;
};

/// The values after `demo WORDS...`.
Values parsed(const std::vector<const char*>& words) {
  Values values;
  CommandLine line("A program.", "demo 1");
  line.top().requires_subcommand();
  Command demo = line.top().subcommand("demo", "what it does");
  demo.option("words", &values.words, "any").required();
  demo.option("--text", &values.text, "one of two").choices({"first", "second"});
  demo.option("--count", &values.count, "at most four").between(1, 4);
  demo.option("--sizes", &values.sizes, "with commas").comma_separated().one_value().from_one();
  demo.option("--volts", &values.volts, "above 0").positive();
  demo.flag("--quick", &values.quick, "sooner");
  demo.on_run([&values] { values.ran = true; });
  std::vector<const char*> all{"program", "demo"};
  all.insert(all.end(), words.begin(), words.end());
  line.run(static_cast<int>(all.size()), all.data());
  return values;
}

}  // namespace

TEST_CASE("Options put their values where the command wants them") {
  const Values values = parsed({"--sizes", "1,20", "a", "--count", "3", "--text", "second", "b",
                                "--volts", "0.5", "--quick"});
  CHECK(values.ran);
  CHECK(values.text == "second");
  CHECK(values.count == 3);
  CHECK(values.words == std::vector<std::string>{"a", "b"});
  CHECK(values.sizes == std::vector<std::size_t>{1, 20});
  CHECK(values.volts == 0.5);
  CHECK(values.quick);
}

TEST_CASE("What is not given stays as it was") {
  const Values values = parsed({"a"});
  CHECK(values.text == "as before");
  CHECK(!values.count);
  CHECK(values.sizes.empty());
  CHECK(!values.quick);
}

TEST_CASE("Values that a check refuses are bad input, and so are unknown words") {
  for (const std::vector<const char*>& words :
       std::vector<std::vector<const char*>>{{},
                                             {"a", "--text", "third"},
                                             {"a", "--count", "0"},
                                             {"a", "--count", "5"},
                                             {"a", "--count", "two"},
                                             {"a", "--count", "1", "--count", "2"},
                                             {"a", "--sizes", "0"},
                                             {"a", "--sizes", "1,-1"},
                                             {"a", "--volts", "0"},
                                             {"a", "--volts", "half"},
                                             {"a", "--quick=perhaps"},
                                             {"a", "--nothing"}}) {
    CHECK_THROWS_AS(parsed(words), InputError);
  }
  CommandLine line("A program.", "demo 1");
  line.top().subcommand("demo", "what it does");
  const std::vector<const char*> misspelt{"program", "dmeo"};
  CHECK_THROWS_WITH(line.run(2, misspelt.data()),
                    "command line: command: expected one of demo (did you mean demo?), found "
                    "\"dmeo\"");
}

TEST_CASE("A command says what a shell may complete") {
  std::string kind, file;
  bool quick = false;
  CommandLine line("A program.", "demo 1");
  Command demo = line.top().subcommand("demo", "what it does");
  demo.option("kind", &kind, "of two").choices({"round", "square"});
  demo.option("--file", &file, "any");
  demo.flag("--quick", &quick, "sooner");
  CHECK(line.top().subcommands().front().name() == "demo");
  const std::vector<CompletedOption> options = demo.options();
  REQUIRE(options.size() == 4);
  CHECK(options[0].names == std::vector<std::string>{"help"});
  CHECK(!options[0].takes_value);
  CHECK(options[1].argument == "kind");
  CHECK(options[1].choices == std::vector<std::string>{"round", "square"});
  CHECK(options[2].names == std::vector<std::string>{"file"});
  CHECK(options[2].takes_value);
  CHECK(options[2].choices.empty());
  CHECK(!options[3].takes_value);
}

}  // namespace wattention
