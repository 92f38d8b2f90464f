// What every registered attention must hold; a new one is checked without a change here.

#include <catch2/catch.hpp>

#include "sim/threads.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

struct Audited {
  Ledger ledger;
  Tensor<float> output;
};

Audited run(const Attention& attention, Mode mode, const Qkv<float>& x) {
  Audited result{Ledger(attention.phases()), {}};
  result.output = attention.run(mode, x, result.ledger);
  return result;
}

bool same_bits(const Tensor<float>& a, const Tensor<float>& b) {
  return a.size() == b.size() && std::equal(a.data(), a.data() + a.size(), b.data());
}

/// In execute mode products are oneDNN's, which sums them in an order of its own.
double largest_difference(const Tensor<float>& a, const Tensor<float>& b) {
  double difference = 0.0;
  double largest = 0.0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const double of_b = b.data()[i];
    difference = std::max(difference, std::abs(static_cast<double>(a.data()[i]) - of_b));
    largest = std::max(largest, std::abs(of_b));
  }
  return largest == 0.0 ? difference : difference / largest;
}

/// The attention as it comes, and with each other choice of each option that has choices.
std::vector<std::vector<std::pair<std::string, std::string>>> variants(const Attention& attention) {
  std::vector<std::vector<std::pair<std::string, std::string>>> all{{}};
  for (const auto& option : attention.options().all()) {
    std::string values = option.values;
    for (std::size_t at = values.find(" or "); at != std::string::npos; at = values.find(" or ")) {
      all.push_back({{option.name, values.substr(0, at)}});
      values = values.substr(at + 4);
      if (values.find(" or ") == std::string::npos) all.push_back({{option.name, values}});
    }
  }
  return all;
}

void check_books(const std::string& name, const Workload& workload) {
  for (const auto& variant : variants(*attention_named(name))) {
    const auto attention = attention_named(name);
    std::string shown = name;
    for (const auto& [option, value] : variant) {
      attention->options().set(name, option, value);
      shown += " " + option + "=" + value;
    }
    INFO(shown << " on " << workload.qkv().heads() << " heads of " << workload.qkv().queries()
               << " queries");
    attention->prepare(workload.qkv(), {});
    const Audited executed = run(*attention, Mode::execute, workload.qkv());
    const Audited audited = run(*attention, Mode::audit, workload.qkv());
    const Audited estimated = run(*attention, Mode::estimate, workload.qkv());
    CHECK(audited.ledger.imbalances() == std::vector<std::string>{});
    CHECK(audited.ledger.declared() != OpCounts{});
    for (std::size_t p = 0; p < audited.ledger.phases().size(); ++p) {
      const Phase& phase = audited.ledger.phases()[p];
      CHECK(executed.ledger.phases()[p].declared() == phase.declared());
      CHECK(estimated.ledger.phases()[p].declared() == phase.declared());
      CHECK(executed.ledger.phases()[p].traffic() == phase.traffic());
      CHECK(estimated.ledger.phases()[p].traffic() == phase.traffic());
      CHECK(executed.ledger.phases()[p].observed() == OpCounts{});
    }
    CHECK(largest_difference(executed.output, audited.output) <= 1e-5);
    const Threads several(3);
    CHECK(same_bits(run(*attention, Mode::execute, workload.qkv()).output, executed.output));
    CHECK(executed.output.heads() == workload.qkv().heads());
    CHECK(executed.output.rows() == workload.qkv().queries());
    CHECK(executed.output.cols() == workload.qkv().value_dim());
    CHECK(std::all_of(executed.output.data(), executed.output.data() + executed.output.size(),
                      [](float y) { return std::isfinite(y); }));
    CHECK(estimated.output.rows() == executed.output.rows());
  }
}

}  // namespace

TEST_CASE("Every attention executes what it declares, in every mode, at every size") {
  const auto name = GENERATE(from_range(Registry<Attention>::global().names()));
  for (const std::size_t tokens : {1U, 7U, 64U, 65U}) {
    for (const std::size_t heads : {1U, 2U, 3U, 4U, 5U}) {
      check_books(name, shared(heads, tokens, 8));
      check_books(name, separate(heads, tokens, tokens, 5, 9));
    }
  }
}

TEST_CASE("Every attention executes what it declares on the 784 tokens of a 28 x 28 image") {
  const auto name = GENERATE(from_range(Registry<Attention>::global().names()));
  for (const std::size_t heads : {1U, 5U}) check_books(name, shared(heads, 784, 16));
}

TEST_CASE("Every attention balances its books on real queries and keys") {
  const auto name = GENERATE(from_range(Registry<Attention>::global().names()));
  const auto layer = GENERATE("use_lite_layer0_n128/", "use_lite_layer1_n128/");
  const std::string folder = test_data("real_qkv/") + layer;
  check_books(name, Workload::from_files({folder + "q.npy", folder + "k.npy", folder + "v.npy"}));
}

TEST_CASE("Every option refuses what it does not list, and names what it does") {
  const auto name = GENERATE(from_range(Registry<Attention>::global().names()));
  const auto attention = attention_named(name);
  for (const auto& option : attention->options().all()) {
    CHECK_FALSE(option.help.empty());
    CHECK_THROWS_WITH(attention->options().set(name, option.name, "no such value"),
                      "option of " + name + ": expected " + option.name + "=" + option.values +
                          ", found \"no such value\"");
  }
  CHECK_THROWS_AS(attention->options().set(name, "no_such_option", "1"), InputError);
}

TEST_CASE("Every phase that an attention lists is used by one of its variants") {
  const auto name = GENERATE(from_range(Registry<Attention>::global().names()));
  const auto workload = shared(1, 16, 8);
  std::vector<bool> used(attention_named(name)->phases().size());
  for (const auto& variant : variants(*attention_named(name))) {
    const auto attention = attention_named(name);
    for (const auto& [option, value] : variant) attention->options().set(name, option, value);
    attention->prepare(workload.qkv(), {});
    const auto estimated = run(*attention, Mode::estimate, workload.qkv());
    for (std::size_t p = 0; p < used.size(); ++p) {
      if (estimated.ledger.phases()[p].declared() != OpCounts{}) used[p] = true;
    }
  }
  CHECK(std::all_of(used.begin(), used.end(), [](bool u) { return u; }));
}

TEST_CASE("A number that is not finite spreads in execute as it does in audit") {
  const auto name = GENERATE(from_range(Registry<Attention>::global().names()));
  for (const float number :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (const std::size_t tensor : {0U, 1U, 2U}) {
      Workload workload = Workload::synthetic({2, 70, 70, 16, {}}, 1);
      Tensor<float> numbers(2, 70, 16);
      Qkv<float> x = workload.qkv();
      View<const float>& spoilt = tensor == 0 ? x.q : tensor == 1 ? x.k : x.v;
      std::copy_n(spoilt.data, numbers.size(), numbers.data());
      numbers(1, 5, 3) = number;
      spoilt = numbers.view();
      for (const auto& variant : variants(*attention_named(name))) {
        INFO(name << (variant.empty() ? "" : " " + variant[0].first + "=" + variant[0].second)
                  << ", " << number << " in "
                  << "qkv"[tensor]);
        const auto attention = attention_named(name);
        for (const auto& [option, value] : variant) attention->options().set(name, option, value);
        if (name == "ecoformer" && tensor == 1 && !variant.empty() &&
            variant[0].second == "learned") {
          CHECK_THROWS_AS(attention->prepare(x, {}), Error);  // there is nothing to learn from it
          continue;
        }
        attention->prepare(x, {});
        const Tensor<float> executed = run(*attention, Mode::execute, x).output;
        const Tensor<float> audited = run(*attention, Mode::audit, x).output;
        std::size_t differing = 0;
        for (std::size_t i = 0; i < executed.size(); ++i) {
          if (std::isfinite(executed.data()[i]) != std::isfinite(audited.data()[i])) ++differing;
        }
        CHECK(differing == 0);
      }
    }
  }
}
