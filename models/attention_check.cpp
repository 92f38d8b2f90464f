#include "models/attention_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "models/hash_functions.hpp"
#include "models/workload.hpp"
#include "sim/error.hpp"
#include "sim/random.hpp"

namespace wattention {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

struct Sample {
  std::size_t heads, key_heads, queries, keys, head_dim, value_dim;
  bool shared;
};

constexpr std::array<Sample, 12> inputs{{{1, 1, 1, 1, 4, 4, false},
                                         {1, 1, 1, 1, 4, 4, true},
                                         {2, 2, 7, 7, 5, 9, false},
                                         {3, 3, 65, 65, 8, 8, true},
                                         {1, 1, 64, 64, 16, 16, false},
                                         {2, 2, 5, 33, 7, 3, false},
                                         {2, 2, 130, 67, 6, 10, false},
                                         {4, 2, 9, 9, 8, 5, false},
                                         {6, 3, 70, 70, 5, 7, false},
                                         {3, 1, 11, 21, 8, 8, false},
                                         {1, 1, 200, 200, 3, 2, true},
                                         {5, 5, 33, 33, 1, 1, false}}};

std::string text_of(const Sample& x) {
  return fmt::format("{} heads{}, {} queries, {} keys{}, dim {}, value dim {}", x.heads,
                     x.key_heads == x.heads ? "" : fmt::format(" on {} of keys", x.key_heads),
                     x.queries, x.keys, x.shared ? " (shared)" : "", x.head_dim, x.value_dim);
}

std::string text_of(const Arithmetic& arithmetic) {
  if (arithmetic.precision == Format::fp32) return "fp32";
  return fmt::format("{}, sums in {}", name_of(arithmetic.precision),
                     arithmetic.accumulate == Accumulate::fp32 ? "fp32" : "the same");
}

Tensor<float> drawn(std::size_t heads, std::size_t rows, std::size_t cols, Random& random) {
  Tensor<float> x(heads, rows, cols);
  std::generate_n(x.data(), x.size(), [&random] { return random.normal(); });
  return x;
}

struct Drawn {
  Tensor<float> q, k, v;
  bool shared = false;
  Qkv<float> qkv() const { return {q, shared ? q.input() : k.input(), v, shared}; }
};

Drawn drawn(const Sample& x) {
  Random random(11);
  Drawn result;
  result.q = drawn(x.heads, x.queries, x.head_dim, random);
  if (!x.shared) result.k = drawn(x.key_heads, x.keys, x.head_dim, random);
  result.v = drawn(x.key_heads, x.keys, x.value_dim, random);
  result.shared = x.shared;
  return result;
}

/// [g, n, c] with each head `times` times in a row.
Tensor<float> repeated(const View<const float>& x, std::size_t times) {
  Tensor<float> y(x.heads * times, x.rows, x.cols);
  for (std::size_t h = 0; h < y.heads(); ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      std::copy_n(x.row(h / times, i), x.cols, y.view().row(h, i));
    }
  }
  return y;
}

Array repeated(const Array& x, std::size_t times) {
  Array y;
  y.shape = x.shape;
  const std::size_t of_head = x.data.size() / x.shape[0];
  y.shape[0] *= times;
  for (std::size_t h = 0; h < y.shape[0]; ++h) {
    const auto from = x.data.begin() + static_cast<std::ptrdiff_t>(h / times * of_head);
    y.data.insert(y.data.end(), from, from + static_cast<std::ptrdiff_t>(of_head));
  }
  return y;
}

/// The settings, and with each other choice of each option that has choices.
std::vector<Settings> variants_of(const Attention& attention, const Settings& settings) {
  std::vector<Settings> all{settings};
  for (const auto& option : attention.options().all()) {
    const bool is_set =
        std::ranges::find(settings, option.name, &Settings::value_type::first) != settings.end();
    std::string_view values = option.values;
    if (is_set || values.find(" or ") == std::string_view::npos) continue;
    while (!values.empty()) {
      const std::size_t end = values.find(" or ");
      all.push_back(settings);
      all.back().emplace_back(option.name, values.substr(0, end));
      values = end == std::string_view::npos ? "" : values.substr(end + 4);
    }
  }
  return all;
}

/// Whether a format is so narrow that a normaliser may vanish in it, and an output be 0 / 0.
bool may_give_nan(const Arithmetic& arithmetic) { return bits_of(arithmetic.precision) == 8; }

/// The largest difference, relative to the largest number of the output. NaN differs from all, but
/// from NaN where the format may give it.
double relative_difference(const View<const float>& a, const View<const float>& b,
                           const Arithmetic& arithmetic) {
  double difference = 0.0;
  double largest = 0.0;
  for (std::size_t h = 0; h < a.heads; ++h) {
    for (std::size_t i = 0; i < a.rows; ++i) {
      for (std::size_t c = 0; c < a.cols; ++c) {
        const auto x = static_cast<double>(a(h, i, c));
        const auto y = static_cast<double>(b(h, i, c));
        if (may_give_nan(arithmetic) && std::isnan(x) && std::isnan(y)) continue;
        if (std::isnan(x) || std::isnan(y)) return INFINITY;
        difference = std::max(difference, std::abs(x - y));
        largest = std::max(largest, std::abs(x));
      }
    }
  }
  return largest == 0.0 ? difference : difference / largest;
}

View<const float> head_of(const View<const float>& x, std::size_t head) {
  View<const float> one = x;
  one.data += head * x.head_stride;
  one.heads = 1;
  return one;
}

/// Sums in another order differ by rounding, and rounded to 16 bits by more.
double tolerance_of(const Arithmetic& arithmetic) {
  return arithmetic.precision == Format::fp32 ? 1e-4 : 0.05;
}

std::vector<std::string> differing_heads(const Tensor<float>& output, const Tensor<float>& copied,
                                         const Arithmetic& arithmetic) {
  std::vector<std::string> lines;
  for (std::size_t h = 0; h < output.heads(); ++h) {
    const double difference =
        relative_difference(head_of(output.view(), h), head_of(copied.view(), h), arithmetic);
    if (difference <= tolerance_of(arithmetic)) continue;
    lines.push_back(fmt::format(
        "head {} of the queries: expected the output that it has with a copy of its keys and "
        "values, found a relative difference of {:.2g}",
        h, difference));
  }
  return lines;
}

class Checker {
 public:
  Checker(const std::string& name, const MakeAttention& make) : name_(name), make_(make) {}

  void run(const Settings& settings, const Sample& input, const Arithmetic& arithmetic) {
    std::string options;
    for (const auto& [option, value] : settings) options += fmt::format(" {}={}", option, value);
    where_ = fmt::format("{}{}, {}, {}", name_, options, text_of(input), text_of(arithmetic));
    const Drawn x = drawn(input);
    std::unique_ptr<Attention> attention;
    try {
      attention = prepared(settings, x.qkv(), {});
    } catch (const InputError& error) {
      refuse(error.what());
      return;
    }
    try {
      balance(*attention, x.qkv(), arithmetic);
      if (input.key_heads != input.heads) share_heads(settings, input, x, arithmetic);
      ++check.runs;
    } catch (const std::exception& error) {
      fail(error.what());
    }
  }

  AttentionCheck check;

 private:
  std::unique_ptr<Attention> prepared(const Settings& settings, const Qkv<float>& x,
                                      const Parameters& parameters) const {
    auto attention = make_();
    for (const auto& [option, value] : settings) attention->options().set(name_, option, value);
    attention->prepare(x, parameters);
    return attention;
  }

  void fail(const std::string& what) { check.failures.push_back(where_ + ": " + what); }

  void refuse(const std::string& why) {
    if (std::ranges::find(check.refusals, why) == check.refusals.end()) {
      check.refusals.push_back(why);
    }
  }

  void balance(const Attention& attention, const Qkv<float>& x, const Arithmetic& arithmetic) {
    Ledger executed(attention.phases());
    Ledger audited(attention.phases());
    Ledger estimated(attention.phases());
    // Audit comes first: it throws where a kernel reaches outside of its tensors, which execute
    // would do unseen.
    const Tensor<float> observed = attention.run(Mode::audit, arithmetic, x, audited);
    const Tensor<float> output = attention.run(Mode::execute, arithmetic, x, executed);
    attention.run(Mode::estimate, arithmetic, x, estimated);
    for (const std::string& line : audited.imbalances()) fail(line);
    for (std::size_t p = 0; p < audited.phases().size(); ++p) {
      const Phase& phase = audited.phases()[p];
      for (const Ledger* const other : {&executed, &estimated}) {
        const std::string_view mode = name_of(other == &executed ? Mode::execute : Mode::estimate);
        if (other->phases()[p].declared() != phase.declared()) {
          fail(fmt::format("phase {}: expected {} to declare the operations of audit", phase.name(),
                           mode));
        }
        if (other->phases()[p].traffic() != phase.traffic()) {
          fail(fmt::format("phase {}: expected {} to declare the bytes of audit", phase.name(),
                           mode));
        }
      }
    }
    if (output.heads() != x.heads() || output.rows() != x.queries() ||
        output.cols() != x.value_dim()) {
      fail(fmt::format("expected an output [{}, {}, {}], found [{}, {}, {}]", x.heads(),
                       x.queries(), x.value_dim(), output.heads(), output.rows(), output.cols()));
      return;
    }
    const double difference = relative_difference(output.view(), observed.view(), arithmetic);
    if (!(difference <= tolerance_of(arithmetic))) {
      fail(
          fmt::format("expected execute and audit to give the same output, found a relative "
                      "difference of {:.2g}",
                      difference));
    }
  }

  void share_heads(const Settings& settings, const Sample& input, const Drawn& x,
                   const Arithmetic& arithmetic) {
    const std::size_t times = input.heads / input.key_heads;
    HashTensors hash{"drawn", {}};
    HashTensors repeated_hash{"drawn", {}};
    if (make_()->takes_hash()) {
      const View<const float> keys = x.qkv().k;
      hash.tensors = hash_tensors(draw_hash_functions({&keys, 1}, 5, 6, 1));
      for (const auto& [tensor, array] : hash.tensors) {
        repeated_hash.tensors[tensor] = repeated(array, times);
      }
    }
    const auto run_with = [&](const Qkv<float>& qkv, const HashTensors& with) {
      Parameters parameters;
      parameters.hash = with.tensors.empty() ? nullptr : &with;
      const auto attention = prepared(settings, qkv, parameters);
      Ledger ledger(attention->phases());
      return attention->run(Mode::execute, arithmetic, qkv, ledger);
    };
    const Tensor<float> k = repeated(x.qkv().k, times);
    const Tensor<float> v = repeated(x.qkv().v, times);
    const Tensor<float> output = run_with(x.qkv(), hash);
    const Tensor<float> copied = run_with({x.q, k, v, false}, repeated_hash);
    for (const std::string& line : differing_heads(output, copied, arithmetic)) {
      fail(line);
    }
  }

  const std::string& name_;
  const MakeAttention& make_;
  std::string where_;
};

}  // namespace

AttentionCheck check_attention(const std::string& name, const MakeAttention& make,
                               const Settings& settings) {
  std::vector<Arithmetic> arithmetics{{}};
  for (const FloatingFormat& row : floating_formats) {
    if (row.format == Format::fp32) continue;
    for (const Accumulate accumulate : {Accumulate::fp32, Accumulate::same}) {
      arithmetics.push_back({row.format, accumulate});
    }
  }
  const auto first = make();
  for (const auto& [option, value] : settings) first->options().set(name, option, value);
  Checker checker(name, make);
  for (const Settings& variant : variants_of(*first, settings)) {
    for (const Sample& input : inputs) {
      for (const Arithmetic& arithmetic : arithmetics) checker.run(variant, input, arithmetic);
    }
  }
  if (checker.check.runs == 0 && checker.check.failures.empty()) {
    checker.check.failures.push_back(name + ": expected it to take one input at least");
  }
  return checker.check;
}

std::vector<std::string> wrong_shared_heads(const Attention& attention, const Qkv<float>& x,
                                            const Arithmetic& arithmetic,
                                            const Tensor<float>& output) {
  if (x.k.heads == x.q.heads || attention.takes_hash()) return {};
  const std::size_t times = x.q.heads / x.k.heads;
  const Tensor<float> k = repeated(x.k, times);
  const Tensor<float> v = repeated(x.v, times);
  Ledger ledger(attention.phases());
  const Tensor<float> copied = attention.run(Mode::execute, arithmetic, {x.q, k, v, false}, ledger);
  return differing_heads(output, copied, arithmetic);
}

}  // namespace wattention
