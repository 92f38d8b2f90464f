// What a second thread brings to EcoFormer: one head of 32, from 64 to 65,536 tokens.
//
// Runs on one and on two threads alternate, so that a slow moment of the machine meets both, and
// the fastest of many counts. Where the second thread may not come, because the work is too small
// for two (sim/threads.hpp), the ratio is 1 but for the clock's noise.
//
//     threads [ATTENTION [HEADS]]          default ecoformer 1

#include "sim/threads.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>

#include "models/attention.hpp"
#include "models/workload.hpp"
#include "sim/tensor/block_pool.hpp"

namespace {

using namespace wattention;

double seconds_of(const Attention& attention, const Qkv<float>& x, std::size_t threads) {
  const Threads several(threads);
  Ledger ledger(attention.phases());
  const auto start = std::chrono::steady_clock::now();
  attention.run(Mode::execute, x, ledger);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void print_ratio(const std::string& name, std::size_t heads, std::size_t tokens) {
  const auto workload = Workload::synthetic({heads, tokens, tokens, 32, {}}, 1);
  const auto attention = Registry<Attention>::global().make(name, "attention");
  attention->prepare(workload.qkv(), {});
  double one = std::numeric_limits<double>::infinity();
  double two = one;
  const std::size_t rounds = std::clamp<std::size_t>((std::size_t{1} << 23) / tokens, 200, 20000);
  for (std::size_t round = 0; round < rounds; ++round) {
    one = std::min(one, seconds_of(*attention, workload.qkv(), 1));
    two = std::min(two, seconds_of(*attention, workload.qkv(), 2));
  }
  fmt::print("{:8} {:14.1f} {:15.1f} {:14.2f}\n", tokens, 1e6 * one, 1e6 * two, one / two);
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  const std::string name = argc > 1 ? argv[1] : "ecoformer";
  const std::size_t heads = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1;
  fmt::print("{}, heads of 32: {}\n{:>8} {:>14} {:>15} {:>14}\n", name, heads, "tokens",
             "one thread us", "two threads us", "one over two");
  for (std::size_t tokens = 64; tokens <= 65536; tokens *= 2) print_ratio(name, heads, tokens);
}
