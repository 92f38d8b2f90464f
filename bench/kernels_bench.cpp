// Times of kernels, attentions and estimates. Counters: numbers or tokens a second.

#include <benchmark/benchmark.h>

#include <string>

#include "measure/network_run.hpp"
#include "models/attention.hpp"
#include "models/workload.hpp"
#include "sim/kernels/codes.hpp"
#include "sim/kernels/distances.hpp"
#include "sim/kernels/fast/hash_codes.hpp"
#include "sim/kernels/products.hpp"
#include "sim/kernels/rows.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "sim/random.hpp"
#include "sim/tensor/block_pool.hpp"

namespace {

using namespace wattention;

Tensor<float> drawn(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  Tensor<float> x(1, rows, cols);
  Random random(seed);
  std::generate_n(x.data(), x.size(), [&random] { return random.normal(); });
  return x;
}

template <class Kernel>
void kernel_of(benchmark::State& state, const Tensor<float>& out, const Kernel& kernel) {
  Ledger ledger{"kernel"};
  for (auto _ : state) {
    kernel(ledger["kernel"]);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}

constexpr std::size_t rows = 64;
constexpr std::size_t head_dim = 32;
constexpr std::size_t anchors = 25;
constexpr std::size_t bits = 16;

void scores_of(benchmark::State& state) {
  const auto q = drawn(rows, head_dim, 1);
  const auto keys = drawn(head_dim, static_cast<std::size_t>(state.range(0)), 2);
  Tensor<float> out(1, rows, keys.cols());
  kernel_of(state, out, [&](Phase& phase) { matmul<float>(phase, q, keys, out); });
}
/// The same product by the loops of audit mode, observed or not.
template <class Real>
void scores_by_loops(benchmark::State& state) {
  const auto q = converted<Real>(drawn(rows, head_dim, 1).view());
  const auto keys =
      converted<Real>(drawn(head_dim, static_cast<std::size_t>(state.range(0)), 2).view());
  Tensor<Real> out(1, rows, keys.cols());
  Phase phase("scores");
  for (auto _ : state) {
    const Work<Real> work(phase, {}, {});
    multiply_rows<Real>(work, q.view(), keys.view(), out.view(), [](Real sum) { return sum; });
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
void softmax_of(benchmark::State& state) {
  Tensor<float> x = drawn(rows, static_cast<std::size_t>(state.range(0)), 1);
  kernel_of(state, x, [&](Phase& phase) { softmax_rows<float>(phase, x); });
}
void normalised(benchmark::State& state) {
  const auto x = drawn(rows, head_dim, 1);
  Tensor<float> out(1, rows, head_dim);
  kernel_of(state, out, [&](Phase& phase) { normalise_rows<float>(phase, x, out); });
}
void distances(benchmark::State& state) {
  const auto x = drawn(rows, head_dim, 1);
  const auto points = drawn(head_dim, anchors, 2);
  Tensor<float> out(1, rows, anchors);
  kernel_of(state, out, [&](Phase& phase) { squared_distances<float>(phase, x, points, out); });
}
void gaussian(benchmark::State& state) {
  const auto x = drawn(rows, anchors, 1);
  const auto mean = drawn(1, anchors, 2);
  Tensor<float> factor(1, 1, 1);
  factor(0, 0, 0) = -0.5F;
  Tensor<float> out(1, rows, anchors);
  kernel_of(state, out,
            [&](Phase& phase) { centred_gaussian<float>(phase, x, factor, mean, out); });
}
void hash_of_tokens(benchmark::State& state) {
  const auto x = drawn(rows, head_dim, 1);
  const auto points = drawn(head_dim, anchors, 2);
  const auto coefficients = drawn(anchors, bits, 3);
  const auto mean = drawn(1, anchors, 4);
  BitMatrix<Word> codes(1, rows, bits);
  kernel_of(state, x, [&](Phase&) {
    fast::hash_codes(x, {points, coefficients, mean, {}, {}}, codes.view());
  });
}
void output_of_tokens(benchmark::State& state) {
  Ledger ledger{"codes"};
  const auto x = drawn(rows, bits, 1);
  BitMatrix<Word> codes(1, rows, bits);
  pack_signs<float>(ledger["codes"], x.view(), codes.view());
  const auto context = drawn(bits, head_dim, 2);
  const auto v = drawn(rows, head_dim, 3);
  Tensor<std::int32_t> sums(1, 1, bits);
  std::fill_n(sums.data(), sums.size(), 3);
  Tensor<float> out(1, rows, head_dim);
  kernel_of(state, out, [&](Phase&) {
    fast::output_of_codes(codes.view(), context, sums, 1000, 17.0F, v, out);
  });
}
BENCHMARK(scores_of)->Arg(784)->Arg(3136);
BENCHMARK_TEMPLATE(scores_by_loops, float)->Arg(784);
BENCHMARK_TEMPLATE(scores_by_loops, Counted<float>)->Arg(784);
BENCHMARK(softmax_of)->Arg(784)->Arg(3136);
BENCHMARK(normalised);
BENCHMARK(distances);
BENCHMARK(gaussian);
BENCHMARK(hash_of_tokens);
BENCHMARK(output_of_tokens);

void attention_of(benchmark::State& state, const std::string& name, Mode mode) {
  const auto tokens = static_cast<std::size_t>(state.range(0));
  const auto workload = Workload::synthetic({1, tokens, {}, head_dim, {}}, 1);
  const auto attention = Registry<Attention>::global().make(name, "attention");
  attention->prepare(workload.qkv(), {});
  for (auto _ : state) {
    Ledger ledger(attention->phases());
    benchmark::DoNotOptimize(attention->run(mode, workload.qkv(), ledger).data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// The shapes of a whole network, and then its report with a memory model.
void estimate_of(benchmark::State& state, const std::string& name) {
  NetworkOptions options;
  const Network network = build_network(NetworkDefinition::find(name), options);
  const Activation input = input_without_data(network.input().sizes);
  for (auto _ : state) {
    std::vector<Ledger> ledgers = network.ledgers();
    benchmark::DoNotOptimize(network.run(Mode::estimate, {}, input, ledgers));
  }
}
void report_of(benchmark::State& state, const std::string& name, MemoryPolicy memory) {
  NetworkJob job{NetworkDefinition::find(name)};
  job.how.mode = Mode::estimate;
  job.how.memory = memory;
  const std::vector<EnergyTable> tables{find_table("horowitz-45nm")};
  for (auto _ : state) benchmark::DoNotOptimize(measure_network(job, tables));
}
BENCHMARK_CAPTURE(estimate_of, pvtv2_b4, "pvtv2-b4")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(report_of, pvtv2_b4_no_memory, "pvtv2-b4", MemoryPolicy::none)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(report_of, pvtv2_b4_tiled, "pvtv2-b4", MemoryPolicy::tiled)
    ->Unit(benchmark::kMicrosecond);

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  for (const std::string& name : Registry<Attention>::global().names()) {
    for (const Mode mode : {Mode::execute, Mode::audit}) {
      const std::string title = name + (mode == Mode::execute ? "/execute" : "/audit");
      benchmark::RegisterBenchmark(title.c_str(), attention_of, name, mode)
          ->Arg(784)
          ->Unit(benchmark::kMicrosecond);
    }
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
