#pragma once

// Double-entry bookkeeping. A ledger is the ordered phases that an attention lists. Kernels
// *declare* what they are about to execute, in bulk and in closed form; counting scalars
// (sim/scalar/counted.hpp) record what was *observed*, operation by operation. An operation outside
// any kernel is a stray. The books balance where declared == observed for every phase, operation
// and format, every number that was read or written was declared so (sim/ledger/accesses.hpp), and
// nothing strayed.

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/ledger/movement.hpp"
#include "sim/ledger/op.hpp"

namespace wattention {

/// One line of a kernel's declaration.
struct Charge {
  Op op;
  Format format;
  std::uint64_t count;
};

/// The kernels inside of a fused attention. What they pass on to each other stays in the innermost
/// memory, and its declaration (FusedAttention) says how often q, k, v and the output cross. Any
/// other tensor that was there before crosses too: once for all these kernels, which is the least
/// that it can.
class FusedRegion {
 public:
  explicit FusedRegion(std::vector<std::uint64_t> declared_tensors)
      : declared_(std::move(declared_tensors)) {}

  /// Of the operands of a kernel those that cross, as far as no kernel before took them across.
  std::vector<Operand> from_outside(const Movement& movement);

 private:
  std::uint64_t first_inside_ = fresh_tensor_id();
  std::vector<std::uint64_t> declared_;
  std::map<std::pair<std::uint64_t, bool>, std::uint64_t> crossed_bytes_;  // by tensor, written
};

/// A named part of an attention, with what it declared, what was observed, and its traffic.
class Phase {
 public:
  explicit Phase(std::string_view name) : name_(name) {}

  /// Formats of the run are resolved here: charges, and the bytes of what is moved.
  void declare(std::initializer_list<Charge> charges) {
    if (!declaring_) return;
    for (const Charge& charge : charges) {
      declared_.add(charge.op, arithmetic_.meant(charge.format), charge.count);
    }
  }
  void declare(std::initializer_list<Charge> charges, const Movement& of_any_arithmetic) {
    if (!declaring_) return;
    declare(charges);
    if (of_any_arithmetic.operands().empty()) return;
    Movement movement = of_any_arithmetic;
    movement.find_bytes(arithmetic_);
    if (observing_) {
      for (const Operand& operand : movement.operands()) {
        if (!declares(operand)) declared_operands_.emplace_back(operand.tensor, operand.written);
      }
    }
    if (movement.is_fused()) {
      for (const Operand& operand : movement.operands()) fused_tensors_.push_back(operand.tensor);
    }
    std::vector<Operand> from_outside;
    if (region_ == nullptr) {
      traffic_ += movement.traffic();
    } else {
      from_outside = region_->from_outside(movement);
      for (const Operand& operand : from_outside) traffic_ += operand.traffic();
    }
    if (keeping_calls_) {
      calls_.push_back({next_call_number(), movement, region_ == nullptr, std::move(from_outside)});
    }
  }

  /// Where a block of rows runs after all of them were declared as a whole: lines for the operands
  /// of a kernel, older than the block, that no kernel of the whole declared.
  std::vector<std::string> undeclared_operands(const Movement& movement,
                                               const std::string& kernel) const;

  /// Lines of the audit about what a kernel of this phase read or wrote; each is kept once.
  void add_access_imbalances(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
      if (std::ranges::find(access_imbalances_, line) == access_imbalances_.end()) {
        access_imbalances_.push_back(line);
      }
    }
  }

  /// Counts and traffic of another phase on top.
  Phase& operator+=(const Phase& other) {
    declared_ += other.declared_;
    observed_ += other.observed_;
    traffic_ += other.traffic_;
    add_access_imbalances(other.access_imbalances_);
    return *this;
  }

  const std::string& name() const { return name_; }
  /// What the run computes in.
  const Arithmetic& arithmetic() const { return arithmetic_; }
  const OpCounts& declared() const { return declared_; }
  const OpCounts& observed() const { return observed_; }
  OpCounts& observed() { return observed_; }
  const Traffic& traffic() const { return traffic_; }
  /// What kernels moved; kept where the ledger was asked to.
  const std::vector<KernelCall>& calls() const { return calls_; }

 private:
  friend class Ledger;

  bool declares(const Operand& operand) const {
    return std::ranges::find(declared_operands_, std::pair(operand.tensor, operand.written)) !=
           declared_operands_.end();
  }

  std::string name_;
  Arithmetic arithmetic_;
  OpCounts declared_;
  OpCounts observed_;
  Traffic traffic_;
  std::vector<KernelCall> calls_;
  std::vector<std::string> access_imbalances_;
  std::vector<std::pair<std::uint64_t, bool>> declared_operands_;  // tensor, written
  std::uint64_t first_of_block_ = 0;  // tensors from here on belong to a block of rows
  bool observing_ = false;
  std::vector<std::uint64_t> fused_tensors_;  // declared by a fused attention that did not begin
  FusedRegion* region_ = nullptr;             // where kernels run inside of a fused attention
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

  /// While it lives, what kernels declare happens inside of a fused attention, which has just said
  /// what comes from and goes to other memories (FusedAttention in sim/ledger/movement.hpp).
  class [[nodiscard]] Fused {
   public:
    explicit Fused(Ledger& ledger)
        : ledger_(ledger), before_(ledger.region_), region_(ledger.take_fused_tensors()) {
      if (ledger_.declaring_) ledger_.set_region(&region_);
    }
    ~Fused() {
      if (ledger_.declaring_) ledger_.set_region(before_);
    }
    Fused(const Fused&) = delete;
    Fused& operator=(const Fused&) = delete;

   private:
    Ledger& ledger_;
    FusedRegion* before_;
    FusedRegion region_;
  };

  explicit Ledger(std::span<const std::string_view> phase_names);
  Ledger(std::initializer_list<std::string_view> phase_names)
      : Ledger(std::span(phase_names.begin(), phase_names.size())) {}

  /// What the kernels that follow compute in; fp32 where nothing is said.
  void set_arithmetic(const Arithmetic& arithmetic);
  const Arithmetic& arithmetic() const { return arithmetic_; }

  /// The phase of that name; throws Error where the attention did not list it.
  Phase& operator[](std::string_view phase_name);

  /// From now on phases remember which tensors were declared, to hold blocks of rows against them.
  void observe() {
    for (Phase& phase : phases_) phase.observing_ = true;
  }

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

  /// Lines of the audit about numbers that were read or written outside of every kernel.
  void add_stray_accesses(const std::vector<std::string>& lines) {
    stray_accesses_.insert(stray_accesses_.end(), lines.begin(), lines.end());
  }

  /// Sum over the phases of what was declared.
  OpCounts declared() const;

  /// One line for every phase, operation and format where declared and observed differ, for every
  /// tensor that a kernel read or wrote beyond what it declared, and for every stray; empty where
  /// the books balance.
  std::vector<std::string> imbalances() const;

 private:
  bool set_declaring(bool declaring);  // returns what was set before
  void set_region(FusedRegion* region);
  /// What fused attentions declared since this was called last.
  std::vector<std::uint64_t> take_fused_tensors();

  std::vector<Phase> phases_;
  Arithmetic arithmetic_;
  OpCounts strays_;
  std::vector<std::string> stray_accesses_;
  bool declaring_ = true;
  FusedRegion* region_ = nullptr;
};

}  // namespace wattention
