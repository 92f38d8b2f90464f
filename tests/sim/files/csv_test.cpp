#include "sim/files/csv.hpp"

#include <catch2/catch.hpp>

#include "sim/error.hpp"
#include "tests/temporary_folder.hpp"

using namespace wattention;

namespace {

std::vector<std::string> texts(const std::vector<CsvField>& fields) {
  std::vector<std::string> result;
  for (const CsvField& field : fields) result.push_back(field.text);
  return result;
}

Csv parsed(std::string_view text) { return parse_csv(text, "t.csv"); }

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE(
    "A CSV file is read as columns and rows, with blanks, quotes, comments and line ends as "
    "written") {
  const Csv csv = parsed(
      "\xef\xbb\xbf"
      "a, b ,c\r\n# a comment, with commas\n\n1,\"two, \"\"2\"\"\" ,\n 3 x,,  4\n");
  CHECK(texts(csv.header) == Texts{"a", "b", "c"});
  REQUIRE(csv.rows.size() == 2);
  CHECK(texts(csv.rows[0]) == Texts{"1", "two, \"2\"", ""});
  CHECK(texts(csv.rows[1]) == Texts{"3 x", "", "4"});
  CHECK(csv.rows[1][0].line == 5);
  CHECK(csv.rows[1][0].column == 2);
  CHECK(csv.rows[1][2].column == 9);
}

TEST_CASE("A column is found by any of its names") {
  const Csv csv = parsed("technology,width|datawidth\n");
  CHECK(csv.column("width") == 1);
  CHECK(csv.column("datawidth") == 1);
  CHECK_FALSE(csv.column("depth").has_value());
  CHECK(csv.rows.empty());
}

TEST_CASE("A damaged CSV file is refused with line, column, what was expected and what was found") {
  CHECK_THROWS_WITH(parsed(""), "t.csv: line 1: expected a header, found an empty file");
  CHECK_THROWS_WITH(parsed("# only a comment\n"),
                    "t.csv: line 1: expected a header, found an empty file");
  CHECK_THROWS_WITH(parsed("a,b\n1,2,3\n"),
                    "t.csv: line 2, column 5: expected 2 fields, as in the header, found 3");
  CHECK_THROWS_WITH(parsed("a,b\n1\n"),
                    "t.csv: line 2, column 1: expected 2 fields, as in the header, found 1");
  CHECK_THROWS_WITH(
      parsed("a,b\n\"1,2\n"),
      "t.csv: line 2, column 1: expected a closing quote on the same line, found none");
  CHECK_THROWS_WITH(
      parsed("a,b\n\"1\"x,2\n"),
      "t.csv: line 2, column 4: expected a comma or the end of the line, found \"x\"");
  CHECK_THROWS_WITH(
      parsed("a,b\nx\"1,2\n"),
      "t.csv: line 2, column 2: expected a comma or the end of the line, found \"\\\"\"");
  CHECK_THROWS_WITH(parsed(std::string_view("a,b\n1,\0\n", 8)),
                    "t.csv: line 2, column 3: expected text, found byte 0x00");
  CHECK_THROWS_WITH(parsed("a,b\n1,\x1b[31m\n"),
                    "t.csv: line 2, column 3: expected text, found byte 0x1b");
  CHECK_THROWS_WITH(parsed("a,b|a\n"),
                    "t.csv: line 1, column 3: expected each column once, found \"a\" twice");
}

TEST_CASE("A CSV file that is too large or too wide is refused") {
  CHECK_THROWS_WITH(parsed(std::string((1U << 20U) + 1, 'a')),
                    "t.csv: size: expected at most 1048576 bytes, found 1048577");
  CHECK_THROWS_WITH(parsed(std::string(1000, ',')),
                    "t.csv: line 1, column 257: expected at most 256 fields, found more");
  std::string names;
  for (int i = 0; i < 300; ++i) names += std::to_string(i) + "|";
  CHECK_THROWS_WITH(parsed(names + "x"),
                    "t.csv: line 1, column 1: expected at most 256 names of columns, found more");
}

TEST_CASE("A CSV file that is not there is refused") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(load_csv(folder.path("none.csv")), InputError);
  CHECK(load_csv(folder.write("a.csv", "a\n1\n")).rows.size() == 1);
}
