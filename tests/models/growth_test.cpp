// How operations grow with tokens: 1 for linear attentions, 2 for quadratic ones. Queries and keys
// are two tensors, as they are on the command line: no attention saves what one tensor for both
// would save, but for Reformer, whose queries are its keys. The table that this prints stands in
// docs/attentions.md.

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "tests/test_data.hpp"

using namespace wattention;

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

double operations(const std::string& name, const Settings& settings, std::size_t tokens) {
  const auto workload = Workload::without_data({1, tokens, tokens, 64, {}});
  const auto attention = attention_named(name);
  for (const auto& [option, value] : settings) attention->options().set(name, option, value);
  attention->prepare(workload.qkv(), {});
  Ledger ledger(attention->phases());
  attention->run(Mode::estimate, workload.qkv(), ledger);
  double total = 0.0;
  ledger.declared().for_each(
      [&](Op, Format, std::uint64_t count) { total += static_cast<double>(count); });
  return total;
}

/// The least-squares slope of log operations against log tokens, 256 to 65,536 by doubling.
double slope(const std::string& name, const Settings& settings) {
  double n = 0.0, x_sum = 0.0, y_sum = 0.0, xx_sum = 0.0, xy_sum = 0.0;
  for (std::size_t tokens = 256; tokens <= 65536; tokens *= 2) {
    const double x = std::log(static_cast<double>(tokens));
    const double y = std::log(operations(name, settings, tokens));
    n += 1.0;
    x_sum += x;
    y_sum += y;
    xx_sum += x * x;
    xy_sum += x * y;
  }
  return (n * xy_sum - x_sum * y_sum) / (n * xx_sum - x_sum * x_sum);
}

const std::set<std::string> quadratic{"softmax", "flash", "binary-qk", "int8", "laplacian"};

}  // namespace

TEST_CASE("Operations grow with slope 1 for linear attentions and 2 for quadratic ones") {
  fmt::print("{:<32} {:>14} {:>16} {:>6}\n", "attention", "ops, N = 256", "ops, N = 65,536",
             "slope");
  for (const std::string& name : Registry<Attention>::global().names()) {
    std::vector<Settings> variants{{}};
    // Few anchors and few landmarks keep what is not the leading term out of the picture: the hash,
    // linear also in the quadratic form, and the pseudo-inverse, which costs the same at every N.
    if (name == "ecoformer") variants.push_back({{"form", "hamming"}, {"anchors", "8"}});
    if (name == "nystromformer") variants = {{{"landmarks", "8"}}};
    // 256 tokens are fewer than the paper's window of 512, and have fewer buckets than 65,536.
    if (name == "sliding-window") variants = {{{"window", "32"}}};
    if (name == "reformer") variants = {{{"buckets", "16"}}};
    for (const Settings& settings : variants) {
      std::string label = name;
      for (const auto& [option, value] : settings) label += " " + option + "=" + value;
      const double measured = slope(name, settings);
      fmt::print("{:<32} {:>14.0f} {:>16.0f} {:>6.3f}\n", label, operations(name, settings, 256),
                 operations(name, settings, 65536), measured);
      INFO(label);
      const bool is_quadratic =
          quadratic.contains(name) || (name == "ecoformer" && !settings.empty());
      CHECK(measured == Approx(is_quadratic ? 2.0 : 1.0).margin(0.02));
    }
  }
}
