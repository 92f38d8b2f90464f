#pragma once

// Double-entry bookkeeping. A ledger is the ordered phases that an attention lists. Kernels
// *declare* what they are about to execute, in bulk and in closed form; counting scalars
// (sim/counted.hpp) record what was *observed*, operation by operation. An operation outside any
// kernel is a stray. The books balance where declared == observed for every phase, operation and
// format, and nothing strayed.

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/movement.hpp"
#include "sim/op.hpp"

namespace wattention {

/// One line of a kernel's declaration.
struct Charge {
  Op op;
  Format format;
  std::uint64_t count;
};

/// A named part of an attention, with what it declared, what was observed, and its traffic.
class Phase {
 public:
  explicit Phase(std::string_view name) : name_(name) {}

  void declare(std::initializer_list<Charge> charges, const Movement& movement) {
    if (!declaring_) return;
    for (const Charge& charge : charges) declared_.add(charge.op, charge.format, charge.count);
    traffic_ += movement.traffic();
    if (keeping_calls_ && !movement.operands().empty()) {
      calls_.push_back({fresh_number(), movement});
    }
  }

  /// Counts and traffic of another phase on top.
  Phase& operator+=(const Phase& other) {
    declared_ += other.declared_;
    observed_ += other.observed_;
    traffic_ += other.traffic_;
    return *this;
  }

  const std::string& name() const { return name_; }
  const OpCounts& declared() const { return declared_; }
  const OpCounts& observed() const { return observed_; }
  OpCounts& observed() { return observed_; }
  const Traffic& traffic() const { return traffic_; }
  /// What kernels moved; kept where the ledger was asked to.
  const std::vector<KernelCall>& calls() const { return calls_; }

 private:
  friend class Ledger;

  std::string name_;
  OpCounts declared_;
  OpCounts observed_;
  Traffic traffic_;
  std::vector<KernelCall> calls_;
  bool declaring_ = true;
  bool keeping_calls_ = false;
};

class Ledger {
 public:
  /// While it lives, kernels compute without declaring: the work has been declared as a whole.
  class [[nodiscard]] Undeclared {
   public:
    explicit Undeclared(Ledger& ledger) : ledger_(ledger), before_(ledger.set_declaring(false)) {}
    ~Undeclared() { ledger_.set_declaring(before_); }
    Undeclared(const Undeclared&) = delete;
    Undeclared& operator=(const Undeclared&) = delete;

   private:
    Ledger& ledger_;
    bool before_;
  };

  explicit Ledger(std::span<const std::string_view> phase_names);
  Ledger(std::initializer_list<std::string_view> phase_names)
      : Ledger(std::span(phase_names.begin(), phase_names.size())) {}

  /// The phase of that name; throws Error where the attention did not list it.
  Phase& operator[](std::string_view phase_name);

  /// From now on phases keep what every kernel moves, which a memory hierarchy asks for.
  void keep_calls() {
    for (Phase& phase : phases_) phase.keeping_calls_ = true;
  }

  /// Phase by phase, and the strays; throws Error where the phases differ.
  Ledger& operator+=(const Ledger& other);

  /// The one phase of a ledger that has no other.
  Phase& only_phase() { return phases_.front(); }

  std::span<const Phase> phases() const { return phases_; }
  const OpCounts& strays() const { return strays_; }
  OpCounts& strays() { return strays_; }

  /// Sum over the phases of what was declared.
  OpCounts declared() const;

  /// One line for every phase, operation and format where declared and observed differ, and for
  /// every stray; empty where the books balance.
  std::vector<std::string> imbalances() const;

 private:
  bool set_declaring(bool declaring);  // returns what was set before

  std::vector<Phase> phases_;
  OpCounts strays_;
  bool declaring_ = true;
};

}  // namespace wattention
