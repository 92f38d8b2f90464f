#include "measure/measure.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "sim/prices/shipped_tables.hpp"
#include "tests/measure/one_mac.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

Tensor<float> numbers(std::initializer_list<float> values) {
  Tensor<float> x(1, 1, values.size());
  std::copy(values.begin(), values.end(), x.data());
  return x;
}

OutputError error(std::initializer_list<float> output, std::initializer_list<float> exact) {
  const Tensor<float> y = numbers(output);
  const Tensor<float> e = numbers(exact);
  return output_error(y.view(), e.view());
}

}  // namespace

TEST_CASE("Errors of an output are those of the formulas") {
  const OutputError e = error({1.0F, 2.0F, 5.0F, 4.0F}, {1.0F, 2.0F, 3.0F, 4.0F});
  CHECK(e.max_abs == 2.0);
  CHECK(e.rmse == Approx(1.0));
  CHECK(e.relative_l2 == Approx(2.0 / std::sqrt(30.0)));
  CHECK(e.cosine == Approx(36.0 / (std::sqrt(46.0) * std::sqrt(30.0))));
}

TEST_CASE("An output without error has none, zeros included") {
  for (const OutputError& e : {error({1.0F, 2.0F}, {1.0F, 2.0F}), error({0.0F}, {0.0F})}) {
    CHECK(e.max_abs == 0.0);
    CHECK(e.relative_l2 == 0.0);
    CHECK(e.cosine == 1.0);
  }
  CHECK(error({0.0F}, {1.0F}).cosine == 0.0);
}

TEST_CASE("A NaN in an output shows in every error") {
  const OutputError e = error({std::numeric_limits<float>::quiet_NaN(), 1.0F}, {1.0F, 1.0F});
  CHECK(std::isnan(e.max_abs));
  CHECK(std::isnan(e.rmse));
  CHECK(std::isnan(e.cosine));
}

TEST_CASE("A measurement adds up: totals, energy and phases") {
  const auto workload = shared(2, 65, 8);
  const AttentionChoice choice{"ecoformer", {{"bits", "8"}}, "ecoformer bits=8"};
  const auto attention = configured_attention(choice);
  attention->prepare(workload.qkv(), {});
  const EnergyTable table = find_table("horowitz-45nm");
  const Run run = measure(choice, *attention, workload, {Mode::audit}, {&table, 1}).runs.front();
  CHECK(run.label == "ecoformer bits=8");
  CHECK(run.precision == "fp32");
  std::uint64_t macs = 0;
  std::uint64_t muls = 0;
  double energy = 0.0;
  for (const OperationLine& line : run.operations) {
    if (line.op == "mac") macs += line.count;
    if (line.op == "mul") muls += line.count;
    energy += line.energy_pj.low;
    CHECK_FALSE(line.source.empty());
    CHECK(line.energy_pj.low > 0.0);
  }
  CHECK(run.totals[Total::macs] == macs);
  CHECK(run.totals[Total::multiplications] == macs + muls);
  CHECK(run.energy_pj.compute.low == energy);
  Range memory;
  for (const TrafficLine& line : run.traffic) memory += line.energy_pj;
  CHECK(run.energy_pj.memory == memory);
  memory += run.energy_pj.compute;
  CHECK(run.energy_pj.total == memory);
  CHECK(run.options[0] == std::pair<std::string, OptionValue>{"bits", std::int64_t{8}});
}

TEST_CASE("An audit that does not balance is an error with phase, operation and counts") {
  const auto workload = shared(1, 2, 2);
  const EnergyTable table = find_table("horowitz-45nm");
  CHECK_THROWS_WITH(measure({"dishonest"}, OneMac(), workload, {Mode::audit}, {&table, 1}),
                    "audit of dishonest: expected what was declared, found phase only: fp32 mac: "
                    "declared 1, observed 0");
}
