// Two types of one name in one namespace break the rule of one definition: the linker takes either
// and says nothing. This test reads the sources for such pairs.
//
// A source is taken as tokens, without comments, texts and lines of the preprocessor. Before every
// opening brace stands what it opens: a namespace, a type, or something else, such as a function.
// Types inside of functions and of namespaces without a name are nobody else's. HWY_NAMESPACE,
// which Highway replaces by the name of a set of instructions, is a name like any other.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/project_files.hpp"

namespace {

/// Names and single characters.
std::vector<std::string> tokens_of(const std::string& text) {
  static const std::regex left_out(
      R"re(//[^\n]*|/\*[^*]*\*+([^/*][^*]*\*+)*/|"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])+')re"
      R"re(|(^|\n)[ \t]*#([^\n\\]|\\\n|\\.)*)re");
  static const std::regex token(R"re([A-Za-z_]\w*|\S)re");
  const std::string code = std::regex_replace(text, left_out, "\n");
  std::vector<std::string> tokens;
  for (std::sregex_iterator match(code.begin(), code.end(), token), end; match != end; ++match) {
    tokens.push_back(match->str());
  }
  return tokens;
}

/// The first token after a bracketed list that begins at `at`, as <class T> or [[nodiscard]].
std::size_t after_brackets(const std::vector<std::string>& head, std::size_t at,
                           const std::string& open, const std::string& close) {
  std::size_t depth = 0;
  for (; at < head.size(); ++at) {
    if (head[at] == open) ++depth;
    if (head[at] == close && --depth == 0) return at + 1;
  }
  return at;
}

/// What a brace opens, from the tokens before it.
struct Scope {
  enum class Kind { of_namespace, of_type, other } kind = Kind::other;
  std::string name;  // none: a namespace that has none
};

Scope scope_of(const std::vector<std::string>& head) {
  std::size_t at = 0;
  while (at < head.size() && head[at] == "template") at = after_brackets(head, at + 1, "<", ">");
  if (at < head.size() && head[at] == "inline") ++at;
  if (at == head.size()) return {};
  Scope scope;
  const std::string kind = head[at++];
  if (kind == "namespace") {
    scope.kind = Scope::Kind::of_namespace;
  } else if (kind == "struct" || kind == "class" || kind == "union" || kind == "enum") {
    scope.kind = Scope::Kind::of_type;
    if (at < head.size() && (head[at] == "class" || head[at] == "struct")) ++at;
    if (at < head.size() && head[at] == "[") at = after_brackets(head, at, "[", "]");
  } else {
    return {};
  }
  // A name, perhaps with the arguments that it is specialised for; bases follow a single colon.
  for (; at < head.size() && head[at] != "final"; ++at) {
    if (head[at] == "(") return {};  // a function that returns such a type
    const bool twice = (at + 1 < head.size() && head[at + 1] == ":") || head[at - 1] == ":";
    if (head[at] == ":" && !twice) break;
    scope.name += head[at];
  }
  return scope;
}

/// Where each type is defined that the rule holds for, by its name with its namespaces.
void add_types(const std::string& path, const std::string& text,
               std::map<std::string, std::set<std::string>>& types) {
  std::vector<Scope> open;
  std::vector<std::string> head;
  for (const std::string& token : tokens_of(text)) {
    const bool says_access =
        token == ":" && head.size() == 1 &&
        (head[0] == "public" || head[0] == "protected" || head[0] == "private");
    if (token == ";" || says_access) {
      head.clear();
    } else if (token == "}") {
      if (!open.empty()) open.pop_back();
      head.clear();
    } else if (token == "{") {
      // Highway's marks stand before a namespace without a semicolon that the head must lose.
      const auto begin = std::find(head.begin(), head.end(), "namespace");
      if (begin != head.end()) head.erase(head.begin(), begin);
      const Scope scope = scope_of(head);
      open.push_back(scope);
      head.clear();
      if (scope.kind != Scope::Kind::of_type || scope.name.empty()) continue;
      std::string whole;
      bool seen_by_others = true;
      for (const Scope& outer : open) {
        if (outer.kind == Scope::Kind::other || outer.name.empty()) seen_by_others = false;
        whole += (whole.empty() ? "" : "::") + outer.name;
      }
      if (seen_by_others) types[whole].insert(path);
    } else {
      head.push_back(token);
    }
  }
}

std::map<std::string, std::set<std::string>> types_in(const Files& files) {
  std::map<std::string, std::set<std::string>> types;
  for (const auto& [path, text] : files) add_types(path, text, types);
  return types;
}

/// One line for every type that more than one file defines. What a file defines twice, under one
/// condition and under another, the compiler sees.
std::vector<std::string> names_twice(const Files& files) {
  std::vector<std::string> twice;
  for (const auto& [name, paths] : types_in(files)) {
    if (paths.size() == 1) continue;
    std::string line = name + " is defined in";
    for (const std::string& path : paths) line += " " + path;
    twice.push_back(line);
  }
  return twice;
}

}  // namespace

TEST_CASE("No two types of one namespace have one name") {
  const Files files = project_files();
  const auto types = types_in(files);
  CHECK(types.size() > 150);
  for (const char* known :
       {"wattention::Layer", "wattention::OpCounts", "wattention::Op", "wattention::View",
        "wattention::Options::Option", "wattention::fast::HWY_NAMESPACE::AddTimes"}) {
    INFO(known);
    CHECK(types.contains(known));
  }
  CHECK(names_twice(files) == std::vector<std::string>{});
}

TEST_CASE("Two types of one name are found, whatever they are") {
  const auto twice = [](const std::string& one, const std::string& other) {
    return names_twice({{"a.hpp", "namespace w {\n" + one + "\n}  // namespace w\n"},
                        {"b.cpp", "namespace w {\n" + other + "\n}\n"}});
  };
  const std::vector<std::string> layer{"w::Layer is defined in a.hpp b.cpp"};
  CHECK(twice("struct Layer {};", "class Layer final : public Base {};") == layer);
  CHECK(twice("enum class Layer : char { a };", "class [[nodiscard]] Layer {};") == layer);
  CHECK(twice("template <class T> struct Layer {};", "int f() { return 0; } struct Layer {};") ==
        layer);
  CHECK(twice("class Net { public: struct Layer {}; };", "class Net { enum Layer {}; };").size() ==
        2);
  CHECK(names_twice({{"a.cpp", "M();\nnamespace w::HWY_NAMESPACE {\nstruct Add {};\n}\n"},
                     {"b.cpp", "M()\nnamespace w::HWY_NAMESPACE {\nstruct Add {};\n}\n"}}) ==
        std::vector<std::string>{"w::HWY_NAMESPACE::Add is defined in a.cpp b.cpp"});
}

TEST_CASE("Types that have nothing to do with each other may have one name") {
  const auto twice = [](const std::string& other) {
    return names_twice({{"a.hpp", "namespace w {\nstruct Layer {};\n}\n"}, {"b.cpp", other}});
  };
  CHECK(twice("namespace w { namespace { struct Layer {}; } }").empty());
  CHECK(twice("namespace w { void f() { struct Layer {}; } }").empty());
  CHECK(twice("namespace w { struct Net { struct Layer {}; }; }").empty());
  CHECK(twice("namespace v { struct Layer {}; }").empty());
  CHECK(twice("namespace w { struct Layer; Layer f(Layer x) { return x; } }").empty());
  CHECK(twice("namespace w { template <> struct Layer<int> {}; }").empty());
  CHECK(twice("namespace w { // struct Layer {\nconst char* s = \"struct Layer {\"; }").empty());
}
