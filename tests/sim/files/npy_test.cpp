#include "sim/files/npy.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "sim/error.hpp"
#include "tests/temporary_folder.hpp"

namespace wattention {
namespace {

/// A file of `version` with this dict, exactly as given, and `data_bytes` of data.
std::string file_with(const std::string& dict, std::size_t data_bytes, char version = 1) {
  std::string bytes("\x93NUMPY");
  bytes +=
      {version, '\0', static_cast<char>(dict.size() & 0xff), static_cast<char>(dict.size() >> 8)};
  if (version == 2) bytes += {'\0', '\0'};
  bytes += dict;
  for (std::size_t i = 0; i < data_bytes; ++i) bytes += static_cast<char>(i);
  return bytes;
}

std::string dict_with_shape(const std::string& shape) {
  return "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }\n";
}

Array parse(const std::string& bytes) {
  return parse_npy(std::as_bytes(std::span(bytes.data(), bytes.size())), "q.npy");
}

std::string message_for(const std::string& bytes) {
  try {
    parse(bytes);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

Tensor<float> numbered(std::size_t heads, std::size_t rows, std::size_t cols) {
  Tensor<float> tensor(heads, rows, cols);
  for (std::size_t i = 0; i < tensor.size(); ++i) tensor.data()[i] = static_cast<float>(i) - 2.5F;
  return tensor;
}

std::uintptr_t address(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer); }

}  // namespace

TEST_CASE("a tensor that is written as .npy is read back the same") {
  const TemporaryFolder folder;
  const std::vector<std::vector<std::size_t>> shapes{
      {1, 1, 1}, {2, 48, 32}, {3, 7, 5}, {1, 784, 128}, {1, 100000, 1}};
  for (const auto& shape : shapes) {
    const Tensor<float> tensor = numbered(shape[0], shape[1], shape[2]);
    const NpyTensor loaded = load_npy(folder.write("x.npy", npy_bytes(tensor)));
    CHECK(loaded.view().heads == shape[0]);
    CHECK(loaded.view().rows == shape[1]);
    CHECK(loaded.view().cols == shape[2]);
    CHECK(std::equal(tensor.data(), tensor.data() + tensor.size(), loaded.view().data));
  }
}

TEST_CASE("numbers of every kind survive .npy bit by bit") {
  Array array{{5},
              {-0.0F, std::numeric_limits<float>::infinity(),
               std::numeric_limits<float>::denorm_min(), std::nanf("7"), -1e38F}};
  const std::string bytes = npy_bytes(array);
  CHECK(npy_bytes(parse(bytes)) == bytes);
  CHECK(std::isnan(parse(bytes).data[3]));
}

TEST_CASE("arrays of rank 0 to 8 are read back the same") {
  for (std::size_t rank = 0; rank <= 8; ++rank) {
    const Array array{std::vector<std::size_t>(rank, 2),
                      std::vector<float>(std::size_t{1} << rank, 0.5F)};
    const Array again = parse(npy_bytes(array));
    CHECK(again.shape == array.shape);
    CHECK(again.data == array.data);
  }
}

TEST_CASE("a .npy file is byte for byte what numpy.save writes") {
  const std::string start("\x93NUMPY\x01\x00v\x00", 10);
  const auto padded = [](std::string dict) {
    dict.resize(117, ' ');
    return dict + "\n";
  };
  CHECK(npy_bytes(numbered(1, 1, 2)) ==
        start + padded("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 2), }") +
            std::string("\x00\x00\x20\xc0\x00\x00\xc0\xbf", 8));
  CHECK(npy_bytes(Array{{}, {0.0F}}).substr(0, 64) ==
        std::string("\x93NUMPY\x01\x00v\x00", 10) +
            std::string("{'descr': '<f4', 'fortran_order': False, 'shape': (), }").substr(0, 54));
  CHECK(npy_bytes(Array{{1}, {0.0F}}).substr(10, 118) ==
        padded("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"));
}

TEST_CASE("a slice of a tensor is written without the rows around it") {
  const Tensor<float> tensor = numbered(2, 4, 3);
  const View<const float> middle = View<const float>(tensor).slice(1, 2);
  const Array array = parse(npy_bytes(middle));
  CHECK(array.shape == std::vector<std::size_t>{2, 2, 3});
  CHECK(array.data[0] == tensor(0, 1, 0));
  CHECK(array.data[6] == tensor(1, 1, 0));
  CHECK(array.data[11] == tensor(1, 2, 2));
}

TEST_CASE("what is no rectangular float32 array is not written") {
  const Tensor<float> tensor = numbered(1, 3, 3);
  CHECK_THROWS_WITH(npy_bytes(View<const float>(tensor).triangle(1)),
                    "npy: expected a rectangular tensor, found a triangular one");
  CHECK_THROWS_WITH(npy_bytes(Array{{2, 3}, {1.0F}}),
                    "npy: expected 6 numbers for shape [2, 3], found 1");
}

TEST_CASE("a tensor is used where the file is mapped, and copied where it is not aligned") {
  const TemporaryFolder folder;
  const std::string path = folder.write("x.npy", npy_bytes(numbered(2, 3, 4)));
  NpyTensor mapped = load_npy(path);
  CHECK(address(mapped.view().data) % 4096 == 128);

  NpyTensor moved = std::move(mapped);
  folder.write("y.npy", "");
  std::filesystem::rename(folder.path("y.npy"), path);
  CHECK(moved.view()(1, 2, 3) == 20.5F);

  for (std::size_t padding = 0; padding < 4; ++padding) {
    for (const char version : {'\1', '\2'}) {
      const std::string dict = std::string(padding, ' ') + dict_with_shape("(1, 2, 3)");
      const std::string bytes = file_with(dict, 24, version);
      const NpyTensor tensor = load_npy(folder.write("odd.npy", bytes));
      const bool aligned = (bytes.size() - 24) % 4 == 0;
      CHECK((address(tensor.view().data) % 4096 == bytes.size() - 24) == aligned);
      CHECK(address(tensor.view().data) % alignof(float) == 0);
      const Array array = parse(bytes);
      CHECK(std::equal(array.data.begin(), array.data.end(), tensor.view().data));
    }
  }
}

TEST_CASE("a tensor for an attention has three sizes") {
  const TemporaryFolder folder;
  const std::string path = folder.write("x.npy", npy_bytes(Array{{1, 2}, {1.0F, 2.0F}}));
  CHECK_THROWS_WITH(load_npy(path),
                    path + ": header: shape: expected 3 sizes [heads, tokens, dim], found [1, 2]");
  CHECK(load_npy_array(path).data == std::vector<float>{1.0F, 2.0F});
  CHECK_THROWS_WITH(load_npy(folder.path("none.npy")),
                    Catch::EndsWith("expected a readable file, found no such file"));
}

TEST_CASE("a header may be written in every way that Python's literals allow") {
  const std::vector<std::string> dicts{
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
      "{'shape':(2,3,),'fortran_order':False,'descr':'<f4'}",
      "  {\"descr\" : \"<f4\" , \t'fortran_order': False,\n 'shape': ( 2 , 3 ) , }  \n\n",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L), }",
  };
  for (const std::string& dict : dicts) {
    for (const char version : {'\1', '\2'}) {
      CHECK(parse(file_with(dict, 24, version)).shape == std::vector<std::size_t>{2, 3});
    }
  }
}

TEST_CASE("a damaged .npy file is refused with the place of the damage") {
  const std::string good = dict_with_shape("(1, 2, 3)");
  const std::string end = ", 'fortran_order': False, 'shape': (1,)}";
  const auto descr = [&end](const std::string& value) {
    return file_with("{'descr': " + value + end, 4);
  };
  const auto shape = [](const std::string& value) { return file_with(dict_with_shape(value), 24); };
  const std::vector<std::pair<std::string, std::string>> damages{
      {"", "magic: expected \"\\x93NUMPY\" (a .npy file), found an empty file"},
      {"PK\x03\x04 zip", "magic: expected \"\\x93NUMPY\" (a .npy file), found \"PK\\x03\\x04 z\""},
      {"\x93NUMPY\x01", "version: expected 2 bytes, found 1"},
      {file_with(good, 24, 3), "version: expected 1.0 or 2.0, found 3.0"},
      {std::string("\x93NUMPY\x01\x07v\x00", 10), "version: expected 1.0 or 2.0, found 1.7"},
      {std::string("\x93NUMPY\x01\x00v", 9), "header length: expected 2 bytes, found 1"},
      {std::string("\x93NUMPY\x02\x00v\x00\x00", 11), "header length: expected 4 bytes, found 3"},
      {std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{", 13),
       "header length: expected at most 1 (the rest of the file), found 4294967295"},
      {file_with("", 0), "header: expected '{', found the end of the header"},
      {file_with("[1]", 0), "header: expected '{', found \"[1]\""},
      {file_with("{descr: 1}", 0), "header: expected a key in quotes, found \"descr: 1\""},
      {file_with("{'descr", 0), "header: expected a closing quote, found \"'descr\""},
      {file_with("{'descr': '<f4' 'x'}", 0), "header: expected '}', found \"'x'\""},
      {file_with("{'descr' '<f4'}", 0), "header: descr: expected ':', found \"'<f4'\""},
      {file_with("{'sahpe': (1,)}", 0),
       "header: expected one of descr, fortran_order, shape (did you mean shape?), found "
       "\"sahpe\""},
      {file_with("{'descr': '<f4', 'descr': '<f4'}", 0),
       "header: descr: expected this key once, found it twice"},
      {file_with("{'descr': '<f4', 'fortran_order': False}", 0),
       "header: shape: expected this key, found none"},
      {file_with("{}", 0), "header: descr: expected this key, found none"},
      {file_with(good + "x", 24), "header: expected nothing after the dict, found \"x\""},
      {descr("'<f8'"), "header: descr: expected '<f4' (little-endian float32), found \"<f8\""},
      {descr("'>f4'"), "header: descr: expected '<f4' (little-endian float32), found \">f4\""},
      {descr("[('a', '<f4')]"),
       "header: descr: expected '<f4' (little-endian float32), found \"[('a'\""},
      {descr("'two\nlines'"),
       "header: descr: expected '<f4' (little-endian float32), found \"two\\x0alines\""},
      {file_with("{'descr': '<f4', 'fortran_order': True, 'shape': (1,)}", 4),
       "header: fortran_order: expected False (C order), found \"True\""},
      {shape("6"), "header: shape: expected '(', found \"6\""},
      {shape("[6]"), "header: shape: expected '(', found \"[6]\""},
      {shape("(6)"), "header: shape: expected ',', found \")\""},
      {shape("(2 3)"), "header: shape: expected ',', found \"3)\""},
      {shape("(2, -3)"), "header: shape: expected an integer >= 1, found \"-3)\""},
      {shape("(2, 0)"), "header: shape: expected an integer >= 1, found \"0\""},
      {shape("(2, 03)"), "header: shape: expected an integer >= 1, found \"03\""},
      {shape("(2.5,)"), "header: shape: expected ',', found \".5\""},
      {shape("(,)"), "header: shape: expected an integer >= 1, found \",)\""},
      {shape("(1, 1, 1, 1, 1, 1, 1, 1, 6)"), "header: shape: expected at most 8 sizes, found more"},
      {shape("(18446744073709551616,)"),
       "header: shape: expected integers below 2^64, found \"18446744073709551616\""},
      {shape("(4294967296, 1073741824)"),
       "header: shape: expected sizes with a product below 2^62, found [4294967296, 1073741824]"},
      {shape("(1, 2, 4)"), "data: expected 32 bytes for shape [1, 2, 4], found 24"},
      {shape("(1, 2, 2)"), "data: expected 16 bytes for shape [1, 2, 2], found 24"},
      {shape("()"), "data: expected 4 bytes for shape [], found 24"},
      {shape("(1000000000, 1000000000)"),
       "data: expected 4000000000000000000 bytes for shape [1000000000, 1000000000], found 24"},
  };
  for (const auto& [bytes, message] : damages) CHECK(message_for(bytes) == "q.npy: " + message);
}

TEST_CASE("a .npy file that ends anywhere too early is refused") {
  for (const char version : {'\1', '\2'}) {
    const std::string bytes = file_with(dict_with_shape("(1, 2, 3)"), 24, version);
    CHECK(message_for(bytes) == "no error");
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CHECK(message_for(bytes.substr(0, size)) != "no error");
    }
    CHECK(message_for(bytes + "x") ==
          "q.npy: data: expected 24 bytes for shape [1, 2, 3], found 25");
  }
}

TEST_CASE("flipped bits in a .npy file are refused on one line or load") {
  std::mt19937 random(7);
  const std::string bytes = npy_bytes(numbered(2, 3, 4));
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
      CHECK(message.starts_with("q.npy: "));
    }
  }
  CHECK(refused > 1000);
  CHECK(loaded > 100);
}

}  // namespace wattention
