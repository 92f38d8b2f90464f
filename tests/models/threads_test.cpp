// Work that is large enough to be spread gives the numbers that one thread gives.

#include "sim/threads.hpp"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>

#include "models/attention.hpp"
#include "models/workload.hpp"

using namespace wattention;

TEST_CASE("No number of an attention depends on how many threads it runs on") {
  const auto name = GENERATE(from_range(Registry<Attention>::global().names()));
  INFO(name);
  const auto workload = Workload::synthetic({2, 4096, 4096, 32, {}}, 1);
  const auto attention = Registry<Attention>::global().make(name, "attention");
  attention->prepare(workload.qkv(), {});
  const auto run_on = [&](std::size_t threads) {
    const Threads several(threads);
    Ledger ledger(attention->phases());
    Tensor<float> output = attention->run(Mode::execute, workload.qkv(), ledger);
    return std::pair(std::move(output), ledger.declared());
  };
  const auto [alone, counts_alone] = run_on(1);
  for (const std::size_t threads : {2U, 3U}) {
    const auto [together, counts_together] = run_on(threads);
    CHECK(counts_together == counts_alone);
    REQUIRE(together.size() == alone.size());
    CHECK(std::equal(alone.data(), alone.data() + alone.size(), together.data(),
                     [](float a, float b) {
                       return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
                     }));
  }
}
