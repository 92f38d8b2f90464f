#include "models/networks/dataset.hpp"

#include <boost/iostreams/copy.hpp>
#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <sstream>

#include "tests/models/networks/small_networks.hpp"
#include "tests/temporary_folder.hpp"

using namespace wattention;
using namespace std::string_literals;

namespace {

std::string side(std::uint32_t number) {
  std::string bytes;
  for (const unsigned shift : {24U, 16U, 8U, 0U})
    bytes += static_cast<char>(number >> shift & 255U);
  return bytes;
}

std::string idx(const std::vector<std::uint32_t>& sides, const std::string& data) {
  std::string bytes = "\0\0\x08"s + static_cast<char>(sides.size());
  for (const std::uint32_t number : sides) bytes += side(number);
  return bytes + data;
}

std::string gzipped(const std::string& bytes) {
  namespace io = boost::iostreams;
  std::ostringstream out;
  io::filtering_ostream filter;
  filter.push(io::gzip_compressor());
  filter.push(out);
  filter.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  filter.reset();
  return out.str();
}

/// Two training images and one test image of 2 x 3, the training images gzipped.
struct SmallDataset {
  TemporaryFolder folder;
  std::string name = "fashion-mnist:" + folder.path();
  std::string training_images = folder.path("train-images-idx3-ubyte.gz");

  SmallDataset() {
    folder.write("train-images-idx3-ubyte.gz",
                 gzipped(idx({2, 2, 3}, "\0\x01\x02\x03\x04\x05"s + "abcdef")));
    folder.write("train-labels-idx1-ubyte", idx({2}, "\x03\x09"));
    folder.write("t10k-images-idx3-ubyte", idx({1, 2, 3}, "\xff\x80\0\0\0\0"s));
    folder.write("t10k-labels-idx1-ubyte", idx({1}, "\x07"));
  }
};

}  // namespace

TEST_CASE("A data set is read from its idx files, gzipped or not") {
  const SmallDataset small;
  const Dataset dataset = load_dataset(small.name);
  CHECK(dataset.description == "Fashion-MNIST, " + small.folder.path());
  CHECK(dataset.training.size() == 2);
  CHECK(dataset.training.grid == Grid{2, 3});
  CHECK(dataset.training.pixels[4] == 4);
  CHECK(dataset.training.pixels[11] == 'f');
  CHECK(dataset.training.labels == std::vector<std::uint8_t>{3, 9});
  CHECK(dataset.test.labels == std::vector<std::uint8_t>{7});
  CHECK(dataset.test.pixels[1] == 128);
}

TEST_CASE("A pixel is divided by 255, less the mean, over the deviation") {
  const SmallDataset small;
  const Dataset dataset = load_dataset(small.name);
  const Network network = built(network_text(
      R"({"images": {"channels": 1, "height": 2, "width": 3, "mean": [0.25], "std": [0.5]}})",
      R"({"layer": "gelu"})"));
  const Activation image = image_of(dataset.test, 0, network.input());
  CHECK(image.grid == Grid{2, 3});
  CHECK(image.tokens(0, 0, 0) == 1.5F);
  CHECK(image.tokens(0, 1, 0) == Approx((128.0 / 255 - 0.25) / 0.5));
  CHECK(image.tokens(0, 2, 0) == -0.5F);
  const Activation second = image_of(dataset.training, 1, network.input());
  CHECK(second.tokens(0, 5, 0) == Approx(('f' / 255.0 - 0.25) / 0.5));
  CHECK(image_of(dataset.test, 0,
                 built(network_text(images(1, 2, 3), R"({"layer": "gelu"})")).input())
            .tokens(0, 0, 0) == 1.0F);
}

TEST_CASE("A network of other sizes does not take the images") {
  const SmallDataset small;
  const Dataset dataset = load_dataset(small.name);
  const auto network = [](const std::string& input) {
    return built(network_text(input, R"({"layer": "linear", "out": 1})"));
  };
  CHECK_NOTHROW(demand_fit(dataset.test, network(images(1, 2, 3)), "it"));
  CHECK_THROWS_WITH(demand_fit(dataset.test, network(images(1, 3, 2)), "it"),
                    "dataset: expected images for small: 6 tokens (3 x 2) of 1 "
                    "channels, found it: 2 x 3 of 1 channel");
  CHECK_THROWS_AS(demand_fit(dataset.test, network(images(3, 2, 3)), "it"), InputError);
}

TEST_CASE("Damage in an idx file is named with its place") {
  const auto check = [](const std::string& bytes, std::size_t sides, const std::string& message) {
    CHECK_THROWS_WITH(parse_idx(bytes, sides, "f"), "f: " + message);
  };
  CHECK(parse_idx(idx({2, 1}, "ab"), 2, "f").shape == std::vector<std::size_t>{2, 1});
  check("", 1, "header: expected an idx file of bytes with 1 sides, found \"\"");
  check("\0\0\x0d\x01"s + side(1) + "a", 1,
        "header: expected an idx file of bytes with 1 sides, found \"\\x00\\x00\\x0d\\x01\"");
  check(idx({2, 1}, "ab"), 3,
        "header: expected an idx file of bytes with 3 sides, found \"\\x00\\x00\\x08\\x02\"");
  check(idx({2, 1}, "").substr(0, 9), 2,
        "header: expected an idx file of bytes with 2 sides, found \"\\x00\\x00\\x08\\x02\"");
  check(idx({2, 0}, ""), 2, "sides: expected sizes of at least 1, found [2, 0]");
  check(idx({3, 2}, "abcde"), 2, "data: expected 6 bytes for shape [3, 2], found 5");
  check(idx({3, 2}, "abcdefg"), 2, "data: expected 6 bytes for shape [3, 2], found 7");
  check(idx({0xffffffff, 0xffffffff, 0xffffffff}, "a"), 3,
        "sides: expected sizes of at least 1, found [4294967295, 4294967295, 4294967295]");
}

TEST_CASE("A gzip file that is cut off or damaged is refused") {
  const SmallDataset small;
  const std::string whole = small.folder.read("train-images-idx3-ubyte.gz");
  for (const std::size_t length : {std::size_t{2}, std::size_t{9}, std::size_t{12},
                                   whole.size() / 2, whole.size() - 5, whole.size() - 1}) {
    INFO(length << " of " << whole.size());
    small.folder.write("train-images-idx3-ubyte.gz", whole.substr(0, length));
    CHECK_THROWS_WITH(
        load_dataset(small.name),
        small.training_images + ": gzip: expected a whole gzip file, found a damaged one");
  }
  std::string changed = whole;
  changed[whole.size() - 6] = static_cast<char>(changed[whole.size() - 6] ^ 1);  // of the checksum
  small.folder.write("train-images-idx3-ubyte.gz", changed);
  CHECK_THROWS_AS(load_dataset(small.name), InputError);
}

TEST_CASE("Files of a data set that are missing or do not belong together are refused") {
  const SmallDataset small;
  const std::string labels = small.folder.write("train-labels-idx1-ubyte", idx({3}, "abc"));
  CHECK_THROWS_WITH(load_dataset(small.name),
                    labels + ": labels: expected 2, one an image, found 3");
  std::filesystem::remove(labels);
  CHECK_THROWS_WITH(load_dataset(small.name), Catch::StartsWith(labels + ".gz: "));
  CHECK_THROWS_AS(load_dataset(small.name), InputError);
  CHECK_THROWS_WITH(load_dataset("fashion-mnist:/no/such/folder"),
                    "/no/such/folder: dataset: expected a folder with its idx files, found none");
  CHECK_THROWS_WITH(load_dataset("fashion-mnits"),
                    "dataset: expected one of fashion-mnist, fashion-mnist:FOLDER "
                    "(did you mean fashion-mnist?), found \"fashion-mnits\"");
}
