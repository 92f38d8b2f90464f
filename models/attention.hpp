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
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/mode.hpp"
#include "models/options.hpp"
#include "models/qkv.hpp"
#include "sim/kernels/work.hpp"
#include "sim/registry.hpp"

namespace wattention {

/// Hash functions as tensors (models/hash_functions.hpp), and where they came from.
struct HashTensors {
  std::string origin;
  std::map<std::string, Array> tensors;
};

/// Parameters of an attention that are not options: trained ones from files, others by seed.
struct Parameters {
  std::optional<std::string> hash_file;  // hash functions (models/hash_functions.hpp)
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

/// What Model<Functor> needs of an attention's author: phase names, and a call that computes the
/// output [heads, queries, value_dim] under any scalar type.
template <class Functor>
concept AttentionFunctor = std::is_default_constructible_v<Functor> &&
    requires(const Functor functor, const Qkv<Shape<Rounded>>& x, Ledger& ledger) {
  std::span<const std::string_view>(Functor::phases);
  { functor(x, ledger) } -> std::same_as<Tensor<Shape<Rounded>>>;
};

template <AttentionFunctor Functor>
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
    return in_mode(mode, arithmetic, ledger, [&]<class Real>() { return run_in<Real>(x, ledger); });
  }

 private:
  template <class Real>
  Tensor<float> run_in(const Qkv<float>& x, Ledger& ledger) const {
    if constexpr (std::is_same_v<Real, float>) {
      return functor_(x, ledger);
    } else if constexpr (!computes<Real>) {
      const Qkv<Real> sizes{shape_as<const Real>(x.q), shape_as<const Real>(x.shared ? x.q : x.k),
                            shape_as<const Real>(x.v), x.shared};
      return as_floats(functor_(sizes, ledger));
    } else {
      const auto q = converted<Real>(x.q, ledger.arithmetic());
      Tensor<Real> own_k;
      if (!x.shared) own_k = converted<Real>(x.k, ledger.arithmetic());
      const auto v = converted<Real>(x.v, ledger.arithmetic());
      const Qkv<Real> rounded{q, x.shared ? q.input() : own_k.input(), v, x.shared};
      return as_floats(functor_(rounded, ledger));
    }
  }

  Functor functor_;
  Options options_;
};

}  // namespace wattention
