// This machine's rates, and what share of them each attention reaches.
//
// An attention's shortest time is the longer of two: its multiplications and additions at the rate
// of a large product of matrices, its input and output at the rate of reading and writing memory.
// Queries and keys are two tensors, as they are on the command line. All of it is measured in this
// process, in turn, and the fastest of several rounds counts.
//
//     roofline [TOKENS [HEAD_DIM]]          default 3136 32

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "models/attention.hpp"
#include "models/workload.hpp"
#include "sim/kernels/fast/products.hpp"
#include "sim/kernels/fast/vector_kernels.hpp"
#include "sim/kernels/row_blocks.hpp"
#include "sim/tensor/block_pool.hpp"
#include "sim/threads.hpp"

namespace {

using namespace wattention;

double seconds_by(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Work whose fastest time counts: this thread's on the processor, so that other programs do not
/// stretch it, or by the wall for work on several threads.
struct Timed {
  std::function<void()> work;
  clockid_t clock = CLOCK_THREAD_CPUTIME_ID;
  double fastest = std::numeric_limits<double>::infinity();

  void time() {
    const double start = seconds_by(clock);
    work();
    fastest = std::min(fastest, seconds_by(clock) - start);
  }
};

/// Each in turn, so that a slow moment of the machine meets all.
void time_in_turn(std::initializer_list<Timed*> all, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    for (Timed* timed : all) timed->time();
  }
}

/// Queries and keys drawn apart.
Workload::Sizes keys_apart(std::size_t heads, std::size_t tokens, std::size_t head_dim) {
  return {heads, tokens, tokens, head_dim, {}};
}

Tensor<float> filled(std::size_t rows, std::size_t cols, float with) {
  Tensor<float> x(1, rows, cols);
  std::fill_n(x.data(), x.size(), with);
  return x;
}

/// Multiplications and additions a second of a product of 1024 x 1024 by 1024 x 1024.
double product_rate() {
  constexpr std::size_t n = 1024;
  const auto a = filled(n, n, 0.5F);
  auto out = filled(n, n, 0.0F);
  Timed product{[&] { fast::multiply(a.view(), a.view(), 1.0F, out.view()); }};
  time_in_turn({&product}, 10);
  return 2.0 * n * n * n / product.fastest;
}

/// Bytes a second, read and written, of doubling numbers that no cache holds.
double memory_rate() {
  constexpr std::size_t n = std::size_t{1} << 26;
  std::vector<float> from(n, 1.0F);
  std::vector<float> to(n, 0.0F);
  Timed doubling{[&] {
    for (std::size_t i = 0; i < n; ++i) to[i] = 2.0F * from[i];
  }};
  time_in_turn({&doubling}, 5);
  return 2.0 * n * sizeof(float) / doubling.fastest;
}

class Run {
 public:
  Run(const std::string& name, const Workload::Sizes& sizes, std::size_t threads = 1)
      : workload_(Workload::synthetic(sizes, 1)),
        attention_(Registry<Attention>::global().make(name, "attention")),
        timed{[this, threads] {
          const Threads several(threads);
          Ledger ledger(attention_->phases());
          attention_->run(Mode::execute, workload_.qkv(), ledger);
        }} {
    attention_->prepare(workload_.qkv(), {});
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  const Qkv<float>& qkv() const { return workload_.qkv(); }

  /// Multiplications and additions, and bytes of input and output.
  std::pair<double, double> work() const {
    Ledger ledger(attention_->phases());
    attention_->run(Mode::estimate, workload_.qkv(), ledger);
    double operations = 0.0;
    ledger.declared().for_each([&](Op op, Format, std::uint64_t count) {
      if (op == Op::mac) operations += 2.0 * static_cast<double>(count);
      if (op == Op::mul || op == Op::add) operations += static_cast<double>(count);
    });
    const Qkv<float>& x = qkv();
    const std::uint64_t numbers = x.q.elements() + (x.shared ? 0 : x.k.elements()) +
                                  x.v.elements() + x.heads() * x.queries() * x.value_dim();
    return {operations, static_cast<double>(numbers * sizeof(float))};
  }

 private:
  Workload workload_;
  std::unique_ptr<Attention> attention_;

 public:
  Timed timed;
};

/// What softmax attention cannot do without: its two products in blocks of rows, its exponentials.
class SoftmaxParts {
 public:
  explicit SoftmaxParts(const Qkv<float>& x)
      : x_(x),
        keys_(transposed(x.k)),
        block_(rows_in_cache(x.keys())),
        scores_(1, block_, x.keys()),
        out_(1, x.queries(), x.value_dim()) {}

  void multiply() {
    for (std::size_t first = 0; first < x_.queries(); first += block_) {
      const std::size_t count = std::min(block_, x_.queries() - first);
      const View<float> scores = scores_.view().slice(0, count);
      fast::multiply(x_.q.slice(first, count), keys_.view(), 0.125F, scores);
      fast::multiply(scores, x_.v, 1.0F, out_.view().slice(first, count));
    }
  }

  /// exp(-x) - 0 of as many numbers, in cache.
  void exponentiate() {
    const Tensor<float> zeros = filled(1, x_.keys(), 0.0F);
    const Tensor<float> minus_one = filled(1, 1, -1.0F);
    const Tensor<float> numbers = filled(block_, x_.keys(), 1.0F);
    for (std::size_t first = 0; first < x_.queries(); first += block_) {
      const std::size_t count = std::min(block_, x_.queries() - first);
      fast::centred_gaussian(numbers.view().slice(0, count), minus_one.view(), zeros.view(),
                             scores_.view().slice(0, count));
    }
  }

 private:
  Qkv<float> x_;
  Tensor<float> keys_;
  std::size_t block_;
  Tensor<float> scores_;
  Tensor<float> out_;
};

void print_shares(const Workload::Sizes& sizes) {
  const double operations_a_second = product_rate();
  const double bytes_a_second = memory_rate();
  fmt::print("one thread: {:.1f} GFLOP/s in a product of matrices, {:.1f} GB/s of memory\n\n",
             operations_a_second / 1e9, bytes_a_second / 1e9);
  fmt::print("{:16} {:>10} {:>12} {:>10} {:>10} {:>16}\n", "attention", "ms", "ns a token",
             "GFLOP/s", "GB/s", "share of bound");
  for (const std::string& name : Registry<Attention>::global().names()) {
    Run run(name, sizes);
    time_in_turn({&run.timed}, 5);
    const auto [operations, bytes] = run.work();
    const double seconds = run.timed.fastest;
    const double bound = std::max(operations / operations_a_second, bytes / bytes_a_second);
    fmt::print("{:16} {:10.3f} {:12.1f} {:10.1f} {:10.2f} {:15.0f}%\n", name, 1e3 * seconds,
               1e9 * seconds / static_cast<double>(sizes.tokens), operations / seconds / 1e9,
               bytes / seconds / 1e9, 100.0 * bound / seconds);
  }
}

void print_ratios(const Workload::Sizes& sizes) {
  Run softmax("softmax", sizes);
  Run ecoformer("ecoformer", sizes);
  SoftmaxParts parts(softmax.qkv());
  Timed products{[&] { parts.multiply(); }};
  Timed exponentials{[&] { parts.exponentiate(); }};
  for (int round = 0; round < 10; ++round) {  // a short run needs several to be warm
    time_in_turn({&softmax.timed, &products, &exponentials}, 1);
    time_in_turn({&ecoformer.timed}, 20);
  }
  const double least = products.fastest + exponentials.fastest;
  fmt::print("\nsoftmax over its products and exponentials      {:6.2f}   ({:.2f} + {:.2f} ms)\n",
             softmax.timed.fastest / least, 1e3 * products.fastest, 1e3 * exponentials.fastest);
  fmt::print("softmax over ecoformer                          {:6.1f}\n",
             softmax.timed.fastest / ecoformer.timed.fastest);

  const Workload::Sizes heads = keys_apart(8, 4096, 64);
  for (const char* name : {"softmax", "ecoformer"}) {
    Run alone(name, heads, 1);
    Run both(name, heads, 2);
    alone.timed.clock = both.timed.clock = CLOCK_MONOTONIC;
    time_in_turn({&alone.timed, &both.timed}, 10);
    fmt::print("{:9} one thread over two, 8 x 4096 x 64     {:6.2f}\n", name,
               alone.timed.fastest / both.timed.fastest);
  }
}

/// The slope of log time over log tokens.
void print_growth() {
  constexpr std::size_t fewest = 4096;
  constexpr std::size_t most = 1048576;
  fmt::print("\necoformer, 1 head of 32\n{:>10} {:>12} {:>12}\n", "tokens", "ms", "ns a token");
  double first = 0.0;
  double last = 0.0;
  for (std::size_t tokens = fewest; tokens <= most; tokens *= 4) {
    Run run("ecoformer", keys_apart(1, tokens, 32));
    time_in_turn({&run.timed}, tokens < 100000 ? 20 : 5);
    last = run.timed.fastest;
    if (tokens == fewest) first = last;
    fmt::print("{:10} {:12.3f} {:12.1f}\n", tokens, 1e3 * last,
               1e9 * last / static_cast<double>(tokens));
  }
  fmt::print("slope {:.3f}\n",
             std::log(last / first) / std::log(static_cast<double>(most) / fewest));
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  const std::size_t tokens = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 3136;
  const std::size_t head_dim = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 32;
  const Workload::Sizes sizes = keys_apart(1, tokens, head_dim);
  print_shares(sizes);
  print_ratios(sizes);
  print_growth();
}
