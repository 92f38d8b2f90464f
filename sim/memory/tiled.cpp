// Residence by reuse distance. In a memory that drops the least recently used bytes first, a byte
// is still there if the distinct bytes touched since its last use, itself included, fit. Kernels
// stream their operands side by side, so that for a byte at the place p in [0, 1] of a tensor
//
//     distance(p) = all of what was touched since + what went beside it then, from p on
//                   + what goes beside it now, up to p + the tensor itself
//
// which is linear in p: the share that hits follows in closed form, and never falls when the
// capacity grows.

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "sim/memory/fused_tiling.hpp"
#include "sim/memory/tensor_uses.hpp"
#include "sim/memory/tiling.hpp"

namespace wattention {
namespace {

class TiledMemory {
 public:
  TiledMemory(std::span<const MemoryStep> steps, const TensorUses& uses, std::size_t phases,
              std::uint64_t capacity_bytes, std::uint64_t line_bytes)
      : steps_(steps),
        uses_(uses),
        capacity_(static_cast<double>(capacity_bytes)),
        capacity_bytes_(capacity_bytes),
        line_bytes_(line_bytes),
        crossings_(phases),
        states_(uses.tensors.size()) {}

  std::vector<Crossing> run() {
    for (std::size_t s = 0; s < steps_.size(); ++s) run_step(s);
    for (const std::size_t tensor : recent_) write_back(states_[tensor], 1.0);
    return std::move(crossings_);
  }

 private:
  /// All that a tiling depends on: the nest, and of each of the three operands the bytes of a local
  /// row, its bytes and its bits.
  using Sizes = std::array<std::uint64_t, 5 + 3 * 3>;

  struct State {
    bool touched = false;
    std::size_t last_step = 0;
    double covered = 0.0;      // bytes of an input that came in at least once
    double unwritten = 0.0;    // bytes that only this memory holds
    double most_missed = 0.0;  // the largest share of these that a read missed
    std::size_t writer = 0;    // phase
  };

  void run_step(std::size_t s) {
    std::vector<double> shares;  // found before any touch of this step
    for (const Touch& touch : uses_.touches[s]) shares.push_back(resident_share(s, touch));
    for (std::size_t t = 0; t < shares.size(); ++t) {
      const Touch& touch = uses_.touches[s][t];
      if (touch.read_bytes != 0) read(s, touch, shares[t]);
    }
    if (steps_[s].crosses) repeat(s);
    for (const Touch& touch : uses_.touches[s]) {
      if (touch.write_bytes != 0) write(s, touch);
      settle(s, touch);
    }
  }

  /// What crosses beyond the first time, and what spills.
  void repeat(std::size_t s) {
    const Movement& movement = steps_[s].movement;
    if (movement.is_fused()) {
      repeat_fused_passes(s);
    } else if (movement.is_product()) {
      repeat_passes(s, tiling_of(movement));
    } else {
      spill(s, spilled(movement, capacity_bytes_));
    }
  }

  /// Blocks of a network repeat: a product of the same sizes is searched for once.
  const Tiling& tiling_of(const Movement& movement) {
    const LoopNest& nest = movement.nest();
    Sizes sizes{nest.heads, nest.rows, nest.cols, nest.inner,
                static_cast<std::uint64_t>(nest.tokens)};
    auto* next = sizes.begin() + 5;
    for (const Operand& operand : movement.operands().first(3)) {
      *next++ = operand.row_bytes;
      *next++ = operand.bytes;
      *next++ = operand.bits;
    }
    const auto [entry, is_new] = tilings_.try_emplace(sizes);
    if (is_new) entry->second = best_tiling(movement, capacity_bytes_, line_bytes_);
    return entry->second;
  }

  double bytes_of(std::size_t tensor) const {
    return static_cast<double>(uses_.tensors[tensor].bytes);
  }

  /// Of the tensor's bytes, how many are still there.
  double resident_share(std::size_t s, const Touch& touch) const {
    const State& state = states_[touch.tensor];
    if (!state.touched) return 0.0;
    const auto touched_now = [&](std::size_t tensor) {
      return std::ranges::find(uses_.touches[s], tensor, &Touch::tensor) != uses_.touches[s].end();
    };
    double always = bytes_of(touch.tensor);
    double falling = 0.0;
    double rising = 0.0;
    for (std::size_t i = recent_.size(); i-- > 0;) {
      const std::size_t other = recent_[i];
      const State& its = states_[other];
      if (its.last_step < state.last_step || always > capacity_) break;
      if (other == touch.tensor) continue;
      const bool beside_then = its.last_step == state.last_step;
      const bool falls = beside_then && !touched_now(other) &&
                         !steps_[state.last_step].movement.is_product() &&
                         !steps_[state.last_step].movement.is_fused();
      (falls ? falling : always) += bytes_of(other);
    }
    for (const Touch& now : uses_.touches[s]) {
      const State& its = states_[now.tensor];
      const bool counted = its.touched && its.last_step >= state.last_step;
      if (now.tensor != touch.tensor && !counted) rising += bytes_of(now.tensor);
    }
    return share_within(always + falling, rising - falling);
  }

  /// The share of p in [0, 1] for which at_zero + slope p is within the capacity.
  double share_within(double at_zero, double slope) const {
    if (slope == 0.0) return at_zero <= capacity_ ? 1.0 : 0.0;
    const double crossing = std::clamp((capacity_ - at_zero) / slope, 0.0, 1.0);
    return slope > 0.0 ? (at_zero <= capacity_ ? crossing : 0.0)
                       : (at_zero + slope <= capacity_ ? 1.0 - crossing : 0.0);
  }

  void read(std::size_t s, const Touch& touch, double share) {
    State& state = states_[touch.tensor];
    const auto bytes = static_cast<double>(touch.read_bytes);
    double first_time = 0.0;
    if (!uses_.tensors[touch.tensor].written_first) {
      first_time = std::min(bytes, bytes_of(touch.tensor) - state.covered);
      state.covered += first_time;
    }
    fill(s, first_time + (1.0 - share) * (bytes - first_time));
    state.most_missed = std::max(state.most_missed, 1.0 - share);
  }

  /// What a tiled product reads again, and sums that it writes back unfinished.
  void repeat_passes(std::size_t s, const Tiling& tiling) {
    const auto operands = steps_[s].movement.operands();
    const auto crossings = [&](const Operand& operand, std::uint64_t passes) {
      // The first crossing of what is in memory is a touch like others.
      if (operand.local() && !tiling.spills) return 0.0;
      return static_cast<double>(operand.bytes) *
             static_cast<double>(operand.local() ? passes : passes - 1);
    };
    fill(s, crossings(operands[0], tiling.a_passes));
    fill(s, crossings(operands[1], tiling.b_passes));
    const Operand& out = operands[2];
    const double written = crossings(out, tiling.out_passes);
    fill(s, out.local() ? std::max(0.0, written - static_cast<double>(out.bytes)) : written);
    write_back(s, written);
    Movement others;
    for (const Operand& operand : operands.subspan(3)) others.add(operand);
    spill(s, spilled(others, capacity_bytes_));
  }

  /// The same of a fused attention, whose operands are q and k, or v and the output.
  void repeat_fused_passes(std::size_t s) {
    const Movement& movement = steps_[s].movement;
    const FusedAttention& attention = movement.fused();
    const FusedTiling tiling = best_fused_tiling(attention, capacity_bytes_);
    const auto again = [&](std::size_t operand, std::uint64_t passes) {
      return static_cast<double>(movement.operands()[operand].bytes) *
             static_cast<double>(passes - 1);
    };
    const auto heads = static_cast<double>(attention.heads);
    const auto queries = static_cast<double>(attention.queries);
    if (movement.part() == FusedPart::scores) {
      fill(s, again(0, tiling.query_passes));
      fill(s, again(1, tiling.key_passes));
      const double pairs = heads * queries * static_cast<double>(attention.keys) *
                           static_cast<double>(attention.pair_bytes) *
                           static_cast<double>(tiling.pair_passes);
      fill(s, pairs);
      write_back(s, pairs);
    } else {
      fill(s, again(0, tiling.key_passes));
      const double states = heads * queries * static_cast<double>(attention.state_bytes) *
                            static_cast<double>(tiling.state_passes);
      fill(s, states);
      write_back(s, states);
    }
  }

  void spill(std::size_t s, const Crossing& crossing) {
    fill(s, static_cast<double>(crossing.fill_bytes));
    write_back(s, static_cast<double>(crossing.write_back_bytes));
  }

  /// Part after part of a tensor adds up; the whole, or a part that the same step has read,
  /// replaces what was there.
  void write(std::size_t s, const Touch& touch) {
    State& state = states_[touch.tensor];
    const auto bytes = static_cast<double>(touch.write_bytes);
    if (bytes < bytes_of(touch.tensor)) {
      const double replaced =
          std::min({bytes, static_cast<double>(touch.read_bytes), state.unwritten});
      crossings_[state.writer].write_back_bytes += rounded(state.most_missed * replaced);
      state.unwritten = std::min(state.unwritten - replaced + bytes, bytes_of(touch.tensor));
    } else {
      write_back(state, state.most_missed);
      state.unwritten = bytes;
      state.most_missed = 0.0;
    }
    state.writer = steps_[s].phase;
  }

  /// The tensor becomes the most recent one, or is dropped.
  void settle(std::size_t s, const Touch& touch) {
    State& state = states_[touch.tensor];
    const TensorUse& use = uses_.tensors[touch.tensor];
    if (state.touched) std::erase(recent_, touch.tensor);
    state.touched = true;
    state.last_step = s;
    if (use.last_step == s && !use.leaves) {
      write_back(state, state.most_missed);
    } else {
      recent_.push_back(touch.tensor);
    }
  }

  void write_back(State& state, double share) {
    crossings_[state.writer].write_back_bytes += rounded(share * state.unwritten);
    state.unwritten = 0.0;
  }

  void fill(std::size_t s, double bytes) {
    crossings_[steps_[s].phase].fill_bytes += rounded(bytes);
  }
  void write_back(std::size_t s, double bytes) {
    crossings_[steps_[s].phase].write_back_bytes += rounded(bytes);
  }

  static std::uint64_t rounded(double bytes) {
    return static_cast<std::uint64_t>(std::llround(bytes));
  }

  std::span<const MemoryStep> steps_;
  const TensorUses& uses_;
  double capacity_;
  std::uint64_t capacity_bytes_;
  std::uint64_t line_bytes_;
  std::vector<Crossing> crossings_;
  std::vector<State> states_;
  std::vector<std::size_t> recent_;  // tensors in use, the most recent last
  std::map<Sizes, Tiling> tilings_;
};

}  // namespace

std::vector<Crossing> tiled_crossings(std::span<const MemoryStep> steps, const TensorUses& uses,
                                      std::size_t phases, std::uint64_t capacity_bytes,
                                      std::uint64_t line_bytes) {
  return TiledMemory(steps, uses, phases, capacity_bytes, line_bytes).run();
}

}  // namespace wattention
