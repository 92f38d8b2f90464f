#include "sim/files/safetensors.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "sim/error.hpp"
#include "tests/temporary_folder.hpp"

namespace wattention {
namespace {

std::string file_with(const std::string& header, std::size_t data_bytes) {
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(header.size() & 0xff);
  bytes[1] = static_cast<char>(header.size() >> 8);
  return bytes + header + std::string(data_bytes, '\0');
}

std::map<std::string, Array> parse(const std::string& bytes) {
  return parse_safetensors(std::as_bytes(std::span(bytes.data(), bytes.size())), "w.safetensors");
}

std::string message_for(const std::string& bytes) {
  try {
    parse(bytes);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

const std::map<std::string, Array> examples{
    {"anchors", {{1, 2, 2}, {1.0F, -2.0F, 0.5F, 4.0F}}},
    {"scalar", {{}, {3.0F}}},
    {"empty", {{2, 0}, {}}},
    {"a \"quoted\"\nname", {{3}, {0.0F, INFINITY, -1e-40F}}},
};

bool equal(const std::map<std::string, Array>& a, const std::map<std::string, Array>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.shape == y.second.shape && x.second.data == y.second.data;
  });
}

}  // namespace

TEST_CASE("tensors that are written as safetensors are read back the same") {
  const TemporaryFolder folder;
  const std::string path = folder.write("w.safetensors", safetensors_bytes(examples));
  CHECK(equal(load_safetensors(path), examples));
  CHECK(equal(parse(safetensors_bytes(examples, {{"made by", "a test"}})), examples));
  CHECK(parse(safetensors_bytes({})).empty());
}

TEST_CASE("a safetensors file has sorted names and a header padded to eight bytes") {
  const std::string bytes =
      safetensors_bytes({{"b", {{1}, {1.0F}}}, {"a", {{2}, {2.0F, 3.0F}}}}, {{"k", "v"}});
  const std::string header =
      R"({"__metadata__":{"k":"v"},"a":{"data_offsets":[0,8],"dtype":"F32","shape":[2]},)"
      R"("b":{"data_offsets":[8,12],"dtype":"F32","shape":[1]}})";
  const std::size_t padded = (header.size() + 7) / 8 * 8;
  CHECK(bytes.substr(0, 8) == std::string{static_cast<char>(padded), 0, 0, 0, 0, 0, 0, 0});
  CHECK(bytes.substr(8, padded) == header + std::string(padded - header.size(), ' '));
  CHECK(bytes.substr(8 + padded) ==
        std::string("\x00\x00\x00\x40\x00\x00\x40\x40\x00\x00\x80\x3f", 12));
}

TEST_CASE("tensors may lie in any order, at any alignment") {
  const std::string header = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},)"
                             R"("b":{"data_offsets":[0,4],"shape":[1],"dtype":"F32"}})";
  for (std::size_t padding = 0; padding < 4; ++padding) {
    std::string bytes = file_with(header + std::string(padding, ' '), 8);
    bytes.replace(bytes.size() - 8, 8, std::string("\x00\x00\x80\x3f\x00\x00\x00\x40", 8));
    const auto tensors = parse(bytes);
    CHECK(tensors.at("a").data == std::vector<float>{2.0F});
    CHECK(tensors.at("b").data == std::vector<float>{1.0F});
  }
}

TEST_CASE("what safetensors cannot hold is not written") {
  CHECK_THROWS_WITH(safetensors_bytes({{"a", {{2, 3}, {1.0F}}}}),
                    "safetensors: tensor \"a\": expected 6 numbers for shape [2, 3], found 1");
  CHECK_THROWS_WITH(safetensors_bytes({{"__metadata__", {{}, {1.0F}}}}),
                    "safetensors: expected a tensor's name, found \"__metadata__\"");
  CHECK_THROWS_WITH(safetensors_bytes({{"\xff", {{}, {1.0F}}}}),
                    Catch::StartsWith("safetensors: expected names in UTF-8, found "));
}

TEST_CASE("a damaged safetensors file is refused with the place of the damage") {
  const auto with_entry = [](const std::string& entry, std::size_t data_bytes = 8) {
    return file_with("{\"a\":" + entry + "}", data_bytes);
  };
  const auto with = [&with_entry](const std::string& dtype, const std::string& shape,
                                  const std::string& offsets) {
    return with_entry("{\"dtype\":" + dtype + ",\"shape\":" + shape +
                      ",\"data_offsets\":" + offsets + "}");
  };
  const std::string good = R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  const auto two = [](const std::string& first, const std::string& second) {
    const std::string start = R"({"dtype":"F32","shape":[1],"data_offsets":)";
    return file_with("{\"a\":" + start + first + "},\"b\":" + start + second + "}}", 8);
  };
  std::string long_header(8 + 100'000'001, ' ');
  long_header.replace(0, 9, std::string("\x01\xe1\xf5\x05\x00\x00\x00\x00{", 9));
  const std::string an_entry = "expected an object with dtype, shape and data_offsets, found ";
  const std::string sizes = "tensor \"a\": shape: expected an array of integers >= 0, found ";
  const std::string offsets =
      "tensor \"a\": data_offsets: expected an array of two integers >= 0, found ";

  const std::vector<std::pair<std::string, std::string>> damages{
      {"", "header length: expected 8 bytes, found 0"},
      {"1234567", "header length: expected 8 bytes, found 7"},
      {std::string("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10),
       "header length: expected at most 2 (the rest of the file), found 18446744073709551615"},
      {long_header, "header length: expected at most 100000000, found 100000001"},
      {file_with("", 4), "header: expected '{', found nothing"},
      {file_with(" {}", 0), "header: expected '{', found \" \""},
      {file_with("[]", 0), "header: expected '{', found \"[\""},
      {file_with("{", 0),
       "header: byte 2: expected valid JSON, found an error at the end of \"{\""},
      {file_with("{} x", 0),
       "header: byte 4: expected valid JSON, found an error at the end of \"{} x\""},
      {file_with("{}{}", 0),
       "header: byte 3: expected valid JSON, found an error at the end of \"{}{\""},
      {file_with("{\"a\nb\":1}", 0),
       "header: byte 4: expected valid JSON, found an error at the end of \"\\\"a<U+000A>\""},
      {file_with("{\"\xff\":1}", 0),
       "header: byte 3: expected valid JSON, found an error at the end of \"\\\"\xff\""},
      {with("\"F32\"", "[1e999]", "[0,8]"),
       "header: byte 34: expected valid JSON, found an error at the end of \"1e999\""},
      {file_with(std::string("{}\0\0", 4), 0),
       "header: byte 3: expected valid JSON, found a zero byte"},
      {with_entry("3"), "tensor \"a\": " + an_entry + "3"},
      {with_entry("[]"), "tensor \"a\": " + an_entry + "an array"},
      {with_entry("null"), "tensor \"a\": " + an_entry + "null"},
      {with_entry("\"x\""), "tensor \"a\": " + an_entry + "\"x\""},
      {file_with("{\"two\\nlines\":true}", 0), "tensor \"two\\x0alines\": " + an_entry + "true"},
      {file_with("{\"a\":" + good + ",\"a\":" + good + "}", 8),
       "tensor \"a\": expected each name once, found it twice"},
      {with_entry(R"({"dtype":"F32","dtype":"F32"})"),
       "tensor \"a\": dtype: expected each key once, found it twice"},
      {with_entry(R"({"dtype":"F32","sahpe":[]})"),
       "tensor \"a\": expected one of dtype, shape, data_offsets (did you mean shape?), found "
       "\"sahpe\""},
      {with_entry(R"({"dtype":"F32","shape":[2]})"),
       "tensor \"a\": data_offsets: expected this key, found none"},
      {with_entry("{}"), "tensor \"a\": dtype: expected this key, found none"},
      {with("\"BF16\"", "[2]", "[0,8]"), "tensor \"a\": dtype: expected F32, found \"BF16\""},
      {with("32", "[2]", "[0,8]"), "tensor \"a\": dtype: expected F32, found 32"},
      {with("{}", "[2]", "[0,8]"), "tensor \"a\": dtype: expected F32, found an object"},
      {with("[]", "[2]", "[0,8]"), "tensor \"a\": dtype: expected F32, found an array"},
      {with("\"F32\"", "2", "[0,8]"), sizes + "2"},
      {with("\"F32\"", "[-2]", "[0,8]"), sizes + "-2"},
      {with("\"F32\"", "[2.0]", "[0,8]"), sizes + "\"2.0\""},
      {with("\"F32\"", "[18446744073709551616]", "[0,8]"), sizes + "\"18446744073709551616\""},
      {with("\"F32\"", "[[2]]", "[0,8]"), sizes + "an array"},
      {with("\"F32\"", "[false]", "[0,8]"), sizes + "false"},
      {with("\"F32\"", "[1,1,1,1,1,1,1,1,2]", "[0,8]"),
       "tensor \"a\": shape: expected at most 8 sizes, found more"},
      {with("\"F32\"", "[4294967296,1073741824]", "[0,8]"),
       "tensor \"a\": shape: expected sizes with a product below 2^62, found [4294967296, "
       "1073741824]"},
      {with("\"F32\"", "[2]", "[0]"), offsets + "fewer"},
      {with("\"F32\"", "[2]", "[0,8,8]"), offsets + "more"},
      {with("\"F32\"", "[2]", "\"0,8\""), offsets + "\"0,8\""},
      {with("\"F32\"", "[2]", "[8,0]"),
       "tensor \"a\": data_offsets: expected begin <= end <= 8, found [8, 0]"},
      {with("\"F32\"", "[3]", "[0,12]"),
       "tensor \"a\": data_offsets: expected begin <= end <= 8, found [0, 12]"},
      {with("\"F32\"", "[1]", "[0,8]"),
       "tensor \"a\": data_offsets: expected 4 bytes for shape [1], found 8"},
      {with("\"F32\"", "[1]", "[4,8]"),
       "tensor \"a\": data_offsets: expected begin 0, where the tensor before ends, found 4"},
      {with("\"F32\"", "[1]", "[0,4]"), "data: expected 4 bytes, as the tensors have, found 8"},
      {file_with("{}", 1), "data: expected 0 bytes, as the tensors have, found 1"},
      {two("[0,4]", "[0,4]"),
       "tensor \"b\": data_offsets: expected begin 4, where the tensor before ends, found 0"},
      {two("[2,6]", "[0,4]"),
       "tensor \"a\": data_offsets: expected begin 4, where the tensor before ends, found 2"},
      {file_with("{\"__metadata__\":3}", 0),
       "__metadata__: expected an object of strings, found 3"},
      {file_with("{\"__metadata__\":{\"k\":3}}", 0),
       "__metadata__: \"k\": expected a string, found 3"},
      {file_with("{\"__metadata__\":{\"k\":{}}}", 0),
       "__metadata__: \"k\": expected a string, found an object"},
      {file_with("{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}", 0),
       "__metadata__: \"k\": expected each key once, found it twice"},
      {file_with("{\"__metadata__\":{},\"__metadata__\":{}}", 0),
       "tensor \"__metadata__\": expected each name once, found it twice"},
  };
  for (const auto& [bytes, message] : damages) {
    CHECK(message_for(bytes) == "w.safetensors: " + message);
  }
}

TEST_CASE("a deeply nested safetensors header is refused at once") {
  const std::string deep(60000, '[');
  CHECK(message_for(file_with("{\"a\":" + deep, 0)) ==
        "w.safetensors: tensor \"a\": expected an object with dtype, shape and data_offsets, found "
        "an array");
}

TEST_CASE("a safetensors file that ends anywhere too early is refused") {
  const std::string bytes = safetensors_bytes(examples, {{"made by", "a test"}});
  CHECK(message_for(bytes) == "no error");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(message_for(bytes.substr(0, size)) != "no error");
  }
  CHECK(message_for(bytes + "x") ==
        "w.safetensors: data: expected 32 bytes, as the tensors have, found 33");
}

TEST_CASE("flipped bits in a safetensors file are refused on one line or load") {
  std::mt19937 random(11);
  const std::string bytes = safetensors_bytes(examples);
  std::size_t refused = 0;
  std::size_t loaded = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string damaged = bytes;
    for (std::size_t flips = 1 + random() % 3; flips > 0; --flips) {
      char& byte = damaged[random() % damaged.size()];
      byte = static_cast<char>(byte ^ (1 << (random() % 8)));
    }
    const std::string message = message_for(damaged);
    CHECK(message.find('\n') == std::string::npos);
    if (message == "no error") {
      ++loaded;
    } else {
      ++refused;
      CHECK(message.starts_with("w.safetensors: "));
    }
  }
  CHECK(refused > 1000);
  CHECK(loaded > 100);
}

TEST_CASE("a missing safetensors file is refused") {
  CHECK_THROWS_WITH(load_safetensors("none.safetensors"),
                    "none.safetensors: file: expected a readable file, found no such file");
}

}  // namespace wattention
