// The input of a network, as its file states it.

#include <fmt/format.h>

#include "models/networks/network_builder.hpp"

namespace wattention {
namespace {

constexpr std::size_t longest_side = 1U << 14U;

std::size_t side(StepOptions& options, std::string_view name) {
  return options.required(name).unsigned_integer(1, longest_side);
}

void refuse(const std::optional<std::size_t>& given, std::string_view what,
            std::string_view expected, const std::string& network) {
  if (given) throw InputError(what, expected, network);
}

std::vector<float> one_a_channel(const JsonCursor& list, const Scope& scope, std::size_t channels,
                                 bool positive) {
  std::vector<float> numbers;
  for (const JsonCursor& element : list.elements()) {
    const double number = resolved(element, scope).number();
    if (positive && !(number > 0.0)) element.fail("a number > 0");
    numbers.push_back(static_cast<float>(number));
  }
  if (numbers.size() != channels) list.fail(fmt::format("{} numbers, one a channel", channels));
  return numbers;
}

}  // namespace

NetworkInput read_input(const JsonCursor& input, const Scope& scope, const NetworkOptions& asked,
                        const std::string& network) {
  input.only_keys({"images", "tokens"});
  const auto images = input.optional("images");
  const auto tokens = input.optional("tokens");
  if (images.has_value() == tokens.has_value()) input.fail("either images or tokens");
  NetworkInput result;
  if (tokens) {
    StepOptions options(*tokens, scope);
    const std::size_t length = options.size("length");
    result.sizes = {asked.tokens.value_or(length), options.size("vocabulary"), {}, true};
    options.only_known();
    refuse(asked.image_size, "image size", "a network of images", network);
    return result;
  }
  refuse(asked.tokens, "tokens", "a network of tokens", network);
  StepOptions options(*images, scope);
  const std::size_t channels = options.size("channels");
  Grid grid{side(options, "height"), side(options, "width")};
  if (asked.image_size) grid = {*asked.image_size, *asked.image_size};
  result.sizes = {grid.pixels(), channels, grid, false};
  const auto mean = options.find("mean");
  const auto deviation = options.find("std");
  options.only_known();
  if (mean || deviation) {
    result.normalisation = {one_a_channel(options.required("mean"), scope, channels, false),
                            one_a_channel(options.required("std"), scope, channels, true)};
  }
  return result;
}

}  // namespace wattention
