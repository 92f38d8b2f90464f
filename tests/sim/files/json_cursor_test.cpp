#include "sim/files/json_cursor.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "sim/error.hpp"

namespace wattention {
namespace {

template <class Action>
std::string message_of(Action&& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

std::string refusal(std::string_view text) {
  return message_of([&] { parse_json(text, "t.json"); });
}

/// The message of reading the member "x" of `text`.
template <class Read>
std::string refusal_of_x(std::string_view text, Read&& read) {
  const Json document = parse_json(text, "t.json");
  return message_of([&] { read(JsonCursor(document).required("x")); });
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST_CASE("syntax errors name line and column") {
  CHECK(refusal("{\n  \"a\": 1,\n}") ==
        "t.json: line 3, column 1: expected valid JSON, found \"}\"");
  CHECK(refusal("") == "t.json: line 1, column 1: expected valid JSON, found the end of the text");
  CHECK(refusal("[1, 2") ==
        "t.json: line 1, column 6: expected valid JSON, found the end of the text");
  CHECK(refusal("{} {}") == "t.json: line 1, column 4: expected valid JSON, found \"{\"");
  CHECK(refusal("[NaN]") == "t.json: line 1, column 2: expected valid JSON, found \"N\"");
  CHECK(refusal("[\"\xff\"]") == "t.json: line 1, column 3: expected valid JSON, found byte 0xff");
  CHECK(refusal("[\"two\nlines\"]") ==
        "t.json: line 1, column 6: expected valid JSON, found \"\\x0a\"");
  CHECK(refusal("[01]") == "t.json: line 1, column 3: expected valid JSON, found \"1\"");
}

TEST_CASE("a zero byte does not end a document early") {
  CHECK(refusal(std::string_view("{}\n\0x", 5)) ==
        "t.json: line 2, column 1: expected valid JSON, found \"\\x00\"");
}

TEST_CASE("a key given twice is refused with its pointer") {
  CHECK(refusal(R"({"a": [1, {"b": 1, "c": 2, "b": 3}]})") ==
        R"(t.json: /a/1/b: expected each key once, found key "b" twice)");
  CHECK(refusal(R"({"a": 1, "\u0061": 2})") ==
        R"(t.json: /a: expected each key once, found key "a" twice)");
}

TEST_CASE("64 levels of nesting are read and 65 are refused") {
  CHECK(refusal(nested(64)) == "no error");
  const std::string message = refusal(nested(65));
  CHECK(message.find(": expected at most 64 levels of nesting, found one more") !=
        std::string::npos);
  CHECK(message.rfind("t.json: /0/0/0/", 0) == 0);
  CHECK(refusal(std::string(1'000'000, '[')).size() < 300);
}

TEST_CASE("numbers that a double cannot hold are refused with their pointer") {
  CHECK(refusal(R"({"a": [0, 1e400]})") ==
        "t.json: /a/1: expected a number that a double can hold, found 1e400");
  CHECK(refusal(R"({"a": 0.3e-400})") ==
        "t.json: /a: expected a number that a double can hold, found 0.3e-400");
  CHECK(refusal(R"([0.0e-400, 0e999, 1.7e308, 4.9e-324])") == "no error");
}

TEST_CASE("a message describes what it found with its type") {
  const auto number = [](const JsonCursor& x) { x.number(); };
  const auto at_x = [&](std::string_view text) { return refusal_of_x(text, number); };
  CHECK(at_x(R"({"x": "3.7"})") == R"(t.json: /x: expected a number, found string "3.7")");
  CHECK(at_x(R"({"x": null})") == "t.json: /x: expected a number, found null");
  CHECK(at_x(R"({"x": false})") == "t.json: /x: expected a number, found boolean false");
  CHECK(at_x(R"({"x": {}})") == "t.json: /x: expected a number, found an object");
  CHECK(at_x(R"({"x": [1]})") == "t.json: /x: expected a number, found an array");
  CHECK(at_x(R"({"y": 1})") == "t.json: /x: expected a number, found nothing");
  CHECK(at_x("[1]") == "t.json: /: expected an object, found an array");
}

TEST_CASE("numbers are read as they are written") {
  const Json document = parse_json(R"({"x": [3.7, -1, 18446744073709551615, -0.5]})", "t.json");
  const auto x = JsonCursor(document).required("x").elements();
  REQUIRE(x.size() == 4);
  CHECK(x[0].number() == 3.7);
  CHECK(x[0].non_negative_number() == 3.7);
  CHECK(x[1].number() == -1.0);
  CHECK(x[1].integer() == -1);
  CHECK(x[2].unsigned_integer() == UINT64_MAX);
  CHECK(message_of([&] { x[3].non_negative_number(); }) ==
        "t.json: /x/3: expected a number >= 0, found number -0.5");
  CHECK(message_of([&] { x[2].integer(); }) ==
        "t.json: /x/2: expected an integer from -9223372036854775808 to 9223372036854775807, "
        "found number 18446744073709551615");
}

TEST_CASE("an unsigned integer is neither negative nor fractional nor out of range") {
  const auto read = [](const JsonCursor& x) { x.unsigned_integer(); };
  CHECK(refusal_of_x(R"({"x": 3.9})", read) ==
        "t.json: /x: expected an integer >= 0, found number 3.9");
  CHECK(refusal_of_x(R"({"x": -1})", read) ==
        "t.json: /x: expected an integer >= 0, found number -1");
  CHECK(refusal_of_x(R"({"x": 2.0})", read) ==
        "t.json: /x: expected an integer >= 0, found number 2.0");
  CHECK(refusal_of_x(R"({"x": 18446744073709551616})", read) ==
        "t.json: /x: expected an integer >= 0, found number 1.8446744073709552e+19");
  CHECK(refusal_of_x(R"({"x": 9})", [](const JsonCursor& x) { x.unsigned_integer(1, 8); }) ==
        "t.json: /x: expected an integer from 1 to 8, found number 9");
  CHECK(refusal_of_x(R"({"x": 8})", [](const JsonCursor& x) { x.unsigned_integer(1, 8); }) ==
        "no error");
}

TEST_CASE("strings and booleans are not converted") {
  const Json document = parse_json(R"({"s": "é", "b": true})", "t.json");
  const JsonCursor root(document);
  CHECK(root.required("s").string() == "é");
  CHECK(root.required("b").boolean());
  CHECK(message_of([&] { root.required("b").string(); }) ==
        "t.json: /b: expected a string, found boolean true");
  CHECK(message_of([&] { root.required("s").boolean(); }) ==
        "t.json: /s: expected true or false, found string \"é\"");
}

TEST_CASE("an optional member may be absent, but null is not absent") {
  const Json document = parse_json(R"({"n": null})", "t.json");
  const JsonCursor root(document);
  CHECK_FALSE(root.optional("m").has_value());
  REQUIRE(root.optional("n").has_value());
  CHECK(message_of([&] { root.optional("n")->number(); }) ==
        "t.json: /n: expected a number, found null");
}

TEST_CASE("an unknown key is refused with the known ones and the nearest") {
  const Json document = parse_json(R"({"energy_pJ": 1, "kind": "x"})", "t.json");
  const JsonCursor root(document);
  CHECK(message_of([&] {
          root.only_keys({"energy_pj", "kind"});
        }) ==
        "t.json: /energy_pJ: expected one of energy_pj, kind (did you mean energy_pj?), found key "
        "\"energy_pJ\"");
  CHECK(message_of([&] { root.only_keys({"energy_pJ", "kind", "note"}); }) == "no error");
}

TEST_CASE("members come in the order of their keys and elements in their own") {
  const Json document = parse_json(R"({"b": [3, 1], "a": 2})", "t.json");
  std::vector<std::string> seen;
  for (const auto& [key, member] : JsonCursor(document).members()) {
    seen.push_back(std::string(key) + " at " + member.pointer());
  }
  CHECK(seen == std::vector<std::string>{"a at /a", "b at /b"});
  const auto elements = JsonCursor(document).required("b").elements();
  REQUIRE(elements.size() == 2);
  CHECK(elements[0].number() == 3.0);
  CHECK(elements[1].pointer() == "/b/1");
}

TEST_CASE("pointers follow RFC 6901 and hostile keys stay on one line") {
  const auto pointer_to = [](std::string_view key) {
    const Json document{"t.json", {{std::string(key), 1}}};
    return JsonCursor(document).members().at(0).second.pointer();
  };
  CHECK(pointer_to("a/b~c") == "/a~1b~0c");
  CHECK(pointer_to("line\nbreak\x7f") == "/line\\x0abreak\\x7f");
  CHECK(pointer_to("back\\slash") == "/back\\\\slash");
  CHECK(pointer_to(std::string(100, 'k')) == "/" + std::string(60, 'k') + "...");
  CHECK(pointer_to(std::string(59, 'k') + "éé") == "/" + std::string(59, 'k') + "...");
  const Json document = parse_json(R"({"": {"x": "a"}})", "t.json");
  CHECK(JsonCursor(document).pointer() == "/");
  CHECK(JsonCursor(document).required("").required("x").pointer() == "//x");
  CHECK(refusal("{\"a\\nb\": 1, \"a\\nb\": 2}") ==
        "t.json: /a\\x0ab: expected each key once, found key \"a\\x0ab\" twice");
  CHECK(message_of([] { parse_json("", "two\nlines.json"); }) ==
        "two\\x0alines.json: line 1, column 1: expected valid JSON, found the end of the text");
}

TEST_CASE("files that cannot be read, and files beyond 4 MiB, are refused") {
  const auto folder = std::filesystem::temp_directory_path() / "wattention_json_cursor_test";
  std::filesystem::create_directories(folder);
  const auto file = folder / "table.json";
  const auto message = [](const std::filesystem::path& path) {
    return message_of([&] { load_json(path); });
  };
  CHECK(message(folder / "none.json") ==
        (folder / "none.json").string() + ": /: expected a JSON file, found no such file");
  CHECK(message(folder) ==
        folder.string() + ": /: expected a JSON file, found something that cannot be read");
  std::ofstream(file) << R"({"x": 1})" << std::string((std::size_t{4} << 20) - 8, ' ');
  CHECK(load_json(file).value.at("x") == 1);
  std::ofstream(file, std::ios::app) << ' ';
  CHECK(message(file) == file.string() + ": /: expected at most 4194304 bytes, found more");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace wattention
