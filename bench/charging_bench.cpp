// What charging costs: the same kernels and attentions with their ledger declaring and with
// declaring switched off, call by call in turn. The column `ratio` is the median time charged over
// the median time uncharged; it should be below 1.02.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "models/attention.hpp"
#include "models/workload.hpp"
#include "sim/kernels/products.hpp"

namespace {

using namespace wattention;

template <class Work>
double seconds_of(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

template <class Work>
void measure(benchmark::State& state, Ledger& ledger, const Work& work) {
  const auto uncharged_work = [&] {
    const Ledger::Undeclared undeclared(ledger);
    work();
  };
  std::vector<double> charged;
  std::vector<double> uncharged;
  bool charged_first = false;
  for (auto _ : state) {
    charged_first = !charged_first;
    if (charged_first) charged.push_back(seconds_of(work));
    uncharged.push_back(seconds_of(uncharged_work));
    if (!charged_first) charged.push_back(seconds_of(work));
  }
  state.counters["uncharged_us"] = 1e6 * median(uncharged);
  state.counters["charged_us"] = 1e6 * median(charged);
  state.counters["ratio"] = median(charged) / median(uncharged);
}

void matmul_of(benchmark::State& state, std::size_t n) {
  const auto workload = Workload::synthetic({1, n, {}, n, {}}, 1);
  Tensor<float> out(1, n, n);
  Ledger ledger{"product"};
  measure(state, ledger, [&] {
    matmul<float>(ledger["product"], workload.qkv().q, workload.qkv().v, out);
    benchmark::DoNotOptimize(out.data());
  });
}

void attention_of(benchmark::State& state, const std::string& name, std::size_t tokens) {
  const auto workload = Workload::synthetic({1, tokens, {}, 32, {}}, 1);
  const auto attention = Registry<Attention>::global().make(name, "attention");
  attention->prepare(workload.qkv(), {});
  Ledger ledger(attention->phases());
  measure(state, ledger, [&] {
    benchmark::DoNotOptimize(attention->run(Mode::execute, workload.qkv(), ledger).data());
  });
}

BENCHMARK_CAPTURE(matmul_of, n_16, 16);
BENCHMARK_CAPTURE(matmul_of, n_64, 64);
BENCHMARK_CAPTURE(matmul_of, n_256, 256);
BENCHMARK_CAPTURE(attention_of, softmax_64_tokens, "softmax", 64);
BENCHMARK_CAPTURE(attention_of, softmax_784_tokens, "softmax", 784);
BENCHMARK_CAPTURE(attention_of, ecoformer_64_tokens, "ecoformer", 64);
BENCHMARK_CAPTURE(attention_of, ecoformer_784_tokens, "ecoformer", 784);

}  // namespace

BENCHMARK_MAIN();
