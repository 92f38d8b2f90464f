#pragma once

// An attention, for the program: a name in the registry, options, phases, and one call that runs it
// in a mode. For its author: a struct whose templated operator() works under any scalar type, and
// one line that registers Model<Struct>.
//
//     struct Softmax {
//       static constexpr std::array<std::string_view, 3> phases{"scores", "softmax", "output"};
//       void bind(Options& options);                        // may be absent
//       void prepare(const Qkv<float>&, const Parameters&); // may be absent: parameters, uncounted
//       template <class Real>
//       Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const;
//     };

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/options.hpp"
#include "models/qkv.hpp"
#include "sim/kernels/execute.hpp"
#include "sim/registry.hpp"
#include "sim/scalar/rounded.hpp"

namespace wattention {

/// execute: the machine's own numbers. audit: every operation observed. estimate: shapes only.
enum class Mode : std::uint8_t { execute, audit, estimate };

/// The number format that an attention computes in, and what it keeps sums of products in. Input
/// and parameters are rounded to the format first.
struct Arithmetic {
  Format precision = Format::fp32;  // fp32, fp16 or bf16
  Accumulate accumulate = Accumulate::fp32;
};

/// Hash functions as tensors (models/hash_functions.hpp), and where they came from.
struct HashTensors {
  std::string origin;
  std::map<std::string, Array> tensors;
};

/// Parameters of an attention that are not options: trained ones from files, others by seed.
struct Parameters {
  std::optional<std::string> hash_file;  // --hash
  std::uint64_t seed = 1;
  const HashTensors* hash = nullptr;  // those that a network's weights bring
  /// Keys [G, M, d] that hash functions are drawn from or learned on; none: those of the input.
  std::span<const View<const float>> sequences = {};
};

class Attention {
 public:
  virtual ~Attention() = default;

  virtual std::span<const std::string_view> phases() const = 0;
  virtual Options& options() = 0;
  virtual const Options& options() const = 0;
  virtual bool takes_hash() const = 0;
  /// Whether its queries are its keys, so that one projection makes both.
  virtual bool shares_queries_and_keys() const = 0;
  /// Whether counts depend on the values of the input; an estimate is then an expectation.
  virtual bool data_dependent() const = 0;

  /// Loads or draws parameters and checks that the input fits, throwing InputError where it does
  /// not. In estimate mode the views of `x` hold no data. Uncounted: inference does not do it.
  virtual void prepare(const Qkv<float>& x, const Parameters& parameters) = 0;

  /// What a reader of the report must know; after prepare.
  virtual std::vector<std::string> notes() const = 0;

  /// The output [heads, queries, value_dim]; without data in estimate mode. The ledger has this
  /// attention's phases.
  virtual Tensor<float> run(Mode mode, const Arithmetic& arithmetic, const Qkv<float>& x,
                            Ledger& ledger) const = 0;
  Tensor<float> run(Mode mode, const Qkv<float>& x, Ledger& ledger) const {
    return run(mode, Arithmetic{}, x, ledger);
  }
};

template <class Functor>
class Model final : public Attention {
 public:
  Model() {
    if constexpr (requires { functor_.bind(options_); }) functor_.bind(options_);
  }
  Model(const Model&) = delete;  // options point into the functor
  Model& operator=(const Model&) = delete;

  std::span<const std::string_view> phases() const override { return Functor::phases; }
  Options& options() override { return options_; }
  const Options& options() const override { return options_; }
  bool takes_hash() const override {
    return requires { Functor::takes_hash; };
  }

  bool shares_queries_and_keys() const override {
    return requires { Functor::shares_queries_and_keys; };
  }

  bool data_dependent() const override {
    return requires { Functor::data_dependent; };
  }

  void prepare(const Qkv<float>& x, const Parameters& parameters) override {
    if constexpr (requires { functor_.prepare(x, parameters); }) functor_.prepare(x, parameters);
  }

  std::vector<std::string> notes() const override {
    if constexpr (requires { functor_.notes(); }) return functor_.notes();
    return {};
  }

  using Attention::run;
  Tensor<float> run(Mode mode, const Arithmetic& arithmetic, const Qkv<float>& x,
                    Ledger& ledger) const override {
#ifndef WATTENTION_ONLY_FP32  // CMake: WATTENTION_NARROW=OFF
    if (arithmetic.precision == Format::fp16) {
      return run_narrow<Format::fp16>(mode, arithmetic.accumulate, x, ledger);
    }
    if (arithmetic.precision == Format::bf16) {
      return run_narrow<Format::bf16>(mode, arithmetic.accumulate, x, ledger);
    }
#endif
    demand(arithmetic.precision == Format::fp32, "attention: expected fp32, fp16 or bf16");
    return run_in<float>(mode, x, ledger);
  }

 private:
  template <Format format>
  Tensor<float> run_narrow(Mode mode, Accumulate accumulate, const Qkv<float>& x,
                           Ledger& ledger) const {
    return accumulate == Accumulate::fp32
               ? run_in<Rounded<format, Accumulate::fp32>>(mode, x, ledger)
               : run_in<Rounded<format, Accumulate::same>>(mode, x, ledger);
  }

  template <class Real>
  Tensor<float> run_in(Mode mode, const Qkv<float>& x, Ledger& ledger) const {
    switch (mode) {
      case Mode::execute:
        if constexpr (std::is_same_v<Real, float>) {
          return functor_(x, ledger);
        } else {
          return run_converted<Real>(x, ledger);
        }
      case Mode::audit: {
        const Observation strays(ledger.strays());
        const StrayAccesses accesses;
        ledger.observe();
        Tensor<float> out = run_converted<Counted<Real>>(x, ledger);
        ledger.add_stray_accesses(accesses.imbalances());
        return out;
      }
      case Mode::estimate:
        break;
    }
    using Estimate = Shape<Real>;
    const Tensor<Estimate> out = functor_(
        Qkv<Estimate>{shape_as<const Estimate>(x.q), shape_as<const Estimate>(x.shared ? x.q : x.k),
                      shape_as<const Estimate>(x.v), x.shared},
        ledger);
    Tensor<float> sizes = Tensor<float>::without_data(out.heads(), out.rows(), out.cols());
    sizes.set_id(out.view().id);
    return sizes;
  }

  template <class Real>
  Tensor<float> run_converted(const Qkv<float>& x, Ledger& ledger) const {
    const auto q = converted<Real>(x.q);
    Tensor<Real> own_k;
    if (!x.shared) own_k = converted<Real>(x.k);
    const auto v = converted<Real>(x.v);
    const Tensor<Real> out =
        functor_(Qkv<Real>{q, x.shared ? q.input() : own_k.input(), v, x.shared}, ledger);
    return converted<float>(out.view());
  }

  Functor functor_;
  Options options_;
};

}  // namespace wattention
