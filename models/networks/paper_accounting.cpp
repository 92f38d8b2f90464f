#include "models/networks/paper_accounting.hpp"

#include <fmt/format.h>

#include <cmath>

#include "sim/names.hpp"

namespace wattention {
namespace {

std::uint64_t option_of(const Attention& attention, std::string_view name) {
  for (const auto& option : attention.options().all()) {
    if (option.name == name) {
      return static_cast<std::uint64_t>(std::get<std::int64_t>(option.value()));
    }
  }
  throw Error(fmt::format("paper accounting: expected an option {}", name));
}

std::vector<PaperCharge> charges_of_layer(const NetworkPart& part) {
  const std::uint64_t outputs = product(part.out.tokens, part.out.channels);
  if (part.type == "convolution") {
    const std::uint64_t products = product(outputs, part.geometry.inputs_of_output);
    const std::uint64_t biases = part.geometry.bias ? outputs : 0;
    return {{0, "products", products, products}, {0, "biases", biases, biases}};
  }
  if (part.type == "linear") {
    const std::uint64_t products = product(outputs, part.geometry.inputs_of_output);
    return {{0, "products", products, products}};
  }
  if (part.type == "layer_norm") {
    const std::uint64_t twice = product(std::uint64_t{2}, outputs);
    return {{0, "layer_norm", twice, twice}};
  }
  return {};
}

}  // namespace

std::vector<PaperCharge> paper_charges(const AttentionCore& core) {
  const std::uint64_t n = product(core.heads, core.queries);
  const std::uint64_t c = core.head_dim;
  if (core.attention == "softmax") {
    const std::uint64_t pairs = product(n, core.keys);
    const std::uint64_t products = product(pairs, c);
    return {{0, "scores", sum(products, pairs), products}, {0, "output", products, products}};
  }
  if (core.attention == "ecoformer") {
    const std::uint64_t m = option_of(*core.instance, "anchors");
    const std::uint64_t b = option_of(*core.instance, "bits");
    const std::uint64_t nb = product(n, b);
    return {{0, "kernel", product(2 * m, n), product(2 * m, product(n, c))},
            {0, "hash", product(m, nb), product(m, nb)},
            {0, "context", 0, product(nb, c)},
            {0, "normaliser", nb, product(std::uint64_t{2}, nb)},
            {0, "output", product(n, c + 1), sum(product(nb, c), product(n, c))}};
  }
  throw InputError("paper accounting", "softmax or ecoformer, of which closed forms are published",
                   in_quotes(core.attention));
}

std::vector<PaperCharge> paper_charges(const Network& network) {
  std::vector<PaperCharge> charges;
  for (std::size_t i = 0; i < network.parts().size(); ++i) {
    const NetworkPart& part = network.parts()[i];
    for (PaperCharge charge : part.core ? paper_charges(*part.core) : charges_of_layer(part)) {
      charge.part = i;
      charges.push_back(std::move(charge));
    }
  }
  return charges;
}

Published::Published(std::string printed) : text(std::move(printed)), value(std::stod(text)) {
  const std::size_t point = text.find('.');
  decimals = point == std::string::npos ? 0 : static_cast<int>(text.size() - point - 1);
}

bool Published::covers(double number) const {
  constexpr double slack = 1e-9;  // of binary fractions
  return std::abs(number - value) <= 0.5 * std::pow(10.0, -decimals) + slack;
}

const std::vector<PublishedNetwork>& published_ecoformer() {
  const auto row = [](const char* network, const char* mul, const char* add, const char* energy,
                      const char* top1) {
    return PublishedNetwork{network, Published(mul), Published(add), Published(energy),
                            Published(top1)};
  };
  static const std::vector<PublishedNetwork> rows{
      row("pvtv2-b0", "0.54", "0.56", "2.5", "70.44"),
      row("pvtv2-b1", "2.03", "2.09", "9.4", "78.38"),
      row("pvtv2-b2", "3.85", "3.97", "17.8", "81.28"),
      row("pvtv2-b3", "6.54", "6.75", "30.25", "81.96"),
      row("pvtv2-b4", "9.57", "9.82", "44.25", "81.90"),
      row("twins-svt-s", "2.72", "2.81", "12.6", "80.22")};
  return rows;
}

}  // namespace wattention
