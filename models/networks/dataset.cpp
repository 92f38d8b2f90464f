#include "models/networks/dataset.hpp"

#include <fmt/format.h>

#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <filesystem>

#include "sim/files/mapped_file.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

constexpr std::string_view usual_folder = "/usr/share/datasets/fashion-mnist";
constexpr std::size_t most_bytes = 256U << 20U;

/// The bytes of a file, unzipped where it is gzipped.
std::string contents_of(const std::string& path) {
  const MappedFile file(path);
  const std::string_view bytes(reinterpret_cast<const char*>(file.bytes().data()),
                               file.bytes().size());
  if (!bytes.starts_with("\x1f\x8b")) return std::string(bytes);
  namespace io = boost::iostreams;
  std::string contents;
  try {
    io::filtering_istream stream;
    stream.push(io::gzip_decompressor());
    stream.push(io::array_source(bytes.data(), bytes.size()));
    std::array<char, 1U << 16U> block;
    while (stream.read(block.data(), block.size()), stream.gcount() > 0) {
      contents.append(block.data(), static_cast<std::size_t>(stream.gcount()));
      if (contents.size() > most_bytes) {
        throw InputError(path, "size", fmt::format("at most {} bytes unzipped", most_bytes),
                         "more");
      }
    }
    if (stream.bad()) throw InputError(path, "gzip", "a whole gzip file", "a damaged one");
  } catch (const io::gzip_error&) {
    throw InputError(path, "gzip", "a whole gzip file", "a damaged one");
  }
  return contents;
}

std::string path_in(const std::string& folder, const std::string& name) {
  const std::string plain = (std::filesystem::path(folder) / name).string();
  return std::filesystem::exists(plain) ? plain : plain + ".gz";
}

LabelledImages load_half(const std::string& folder, const std::string& half) {
  const std::string image_file = path_in(folder, half + "-images-idx3-ubyte");
  const std::string label_file = path_in(folder, half + "-labels-idx1-ubyte");
  IdxBytes images = parse_idx(contents_of(image_file), 3, image_file);
  IdxBytes labels = parse_idx(contents_of(label_file), 1, label_file);
  if (images.shape[0] != labels.shape[0]) {
    throw InputError(label_file, "labels", fmt::format("{}, one an image", images.shape[0]),
                     fmt::format("{}", labels.shape[0]));
  }
  return {{images.shape[1], images.shape[2]}, std::move(images.data), std::move(labels.data)};
}

}  // namespace

IdxBytes parse_idx(const std::string& bytes, std::size_t sides, const std::string& file) {
  const std::size_t header = 4 + 4 * sides;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  constexpr unsigned unsigned_bytes = 8;
  if (bytes.size() < header || byte(0) != 0 || byte(1) != 0 || byte(2) != unsigned_bytes ||
      byte(3) != sides) {
    throw InputError(file, "header", fmt::format("an idx file of bytes with {} sides", sides),
                     in_quotes(std::string_view(bytes).substr(0, 4)));
  }
  IdxBytes result;
  std::uint64_t size = 1;
  for (std::size_t s = 0; s < sides; ++s) {
    std::size_t side = 0;
    for (std::size_t i = 0; i < 4; ++i) side = side << 8U | byte(4 + 4 * s + i);
    result.shape.push_back(side);
    if (side == 0 || __builtin_mul_overflow(size, std::uint64_t{side}, &size)) {
      throw InputError(file, "sides", "sizes of at least 1", shape_text(result.shape));
    }
  }
  if (bytes.size() - header != size) {
    throw InputError(file, "data",
                     fmt::format("{} bytes for shape {}", size, shape_text(result.shape)),
                     fmt::format("{}", bytes.size() - header));
  }
  result.data.assign(bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end());
  return result;
}

Dataset load_dataset(const std::string& name) {
  const std::size_t colon = name.find(':');
  const std::string kind = name.substr(0, colon);
  if (kind != "fashion-mnist") {
    throw InputError("dataset", one_of({"fashion-mnist", "fashion-mnist:FOLDER"}, name),
                     in_quotes(name));
  }
  const bool usual = colon == std::string::npos;
  const std::string folder = usual ? std::string(usual_folder) : name.substr(colon + 1);
  if (!std::filesystem::is_directory(folder)) {
    throw InputError(folder, "dataset",
                     usual ? "Debian's package dataset-fashion-mnist, or fashion-mnist:FOLDER"
                           : "a folder with its idx files",
                     "none");
  }
  return {"Fashion-MNIST, " + folder, load_half(folder, "train"), load_half(folder, "t10k")};
}

Activation image_of(const LabelledImages& images, std::size_t index, const NetworkInput& input) {
  const std::size_t pixels = images.grid.pixels();
  Activation image{Tensor<float>(1, pixels, 1), images.grid, {}};
  const float mean = input.normalisation ? input.normalisation->mean.front() : 0.0F;
  const float deviation = input.normalisation ? input.normalisation->deviation.front() : 1.0F;
  for (std::size_t i = 0; i < pixels; ++i) {
    const auto pixel = static_cast<float>(images.pixels[index * pixels + i]);
    image.tokens(0, i, 0) = (pixel / 255.0F - mean) / deviation;
  }
  return image;
}

void demand_fit(const LabelledImages& images, const Network& network, const std::string& dataset) {
  const Sizes& sizes = network.input().sizes;
  if (sizes.grid == images.grid && sizes.channels == 1 && !sizes.ids) return;
  throw InputError(
      "dataset", fmt::format("images for {}: {}", network.name(), text_of(sizes)),
      fmt::format("{}: {} x {} of 1 channel", dataset, images.grid.height, images.grid.width));
}

}  // namespace wattention
