// Movements replayed, line by line, through a set-associative cache. Every tensor has a place of
// its own in the address space; a product's operands are stored tile by tile, as its nest asks for
// them. What a block of a fused attention holds has a place too, which every block uses again.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "sim/error.hpp"
#include "sim/memory/fused_tiling.hpp"
#include "sim/memory/tensor_uses.hpp"
#include "sim/memory/tiling.hpp"

namespace wattention {
namespace {

constexpr double most_touches = 3e9;  // about a minute
constexpr std::size_t nobody = static_cast<std::size_t>(-1);

/// Least recently used within each of its sets; tells what it fills and writes back.
class Cache {
 public:
  Cache(std::uint64_t capacity_bytes, std::uint64_t line_bytes)
      : ways_(std::min<std::uint64_t>(cache_ways,
                                      std::max<std::uint64_t>(1, capacity_bytes / line_bytes))),
        sets_(std::max<std::uint64_t>(1, capacity_bytes / line_bytes / ways_)),
        lines_(sets_ * ways_) {}

  struct Line {
    std::uint64_t number = 0;
    std::uint64_t used = 0;  // when; 0: empty
    std::size_t tensor = nobody;
    bool written = false;
  };

  /// Whether the line was there; `evicted` is what made room for it otherwise.
  bool touch(std::uint64_t number, std::size_t tensor, bool writes, Line& evicted) {
    Line* const set = &lines_[number % sets_ * ways_];
    Line* oldest = set;
    for (Line* line = set; line != set + ways_; ++line) {
      if (line->used != 0 && line->number == number) {
        line->used = ++now_;
        line->written = line->written || writes;
        return true;
      }
      if (line->used < oldest->used) oldest = line;
    }
    evicted = *oldest;
    *oldest = {number, ++now_, tensor, writes};
    return false;
  }

  /// Empties the lines of a tensor that is not used any more.
  void drop(std::size_t tensor) {
    for (Line& line : lines_) {
      if (line.tensor == tensor) line = {};
    }
  }

  std::span<Line> lines() { return lines_; }

 private:
  std::uint64_t ways_;
  std::uint64_t sets_;
  std::vector<Line> lines_;
  std::uint64_t now_ = 0;
};

struct Region {
  std::size_t tensor = nobody;  // nobody: local, touched by no replay
  double begin = 0.0;           // bytes from the tensor's own begin
  double bytes = 0.0;
};

class TracedMemory {
 public:
  TracedMemory(std::span<const MemoryStep> steps, const TensorUses& uses, std::size_t phases,
               std::uint64_t capacity_bytes, std::uint64_t line_bytes)
      : steps_(steps),
        uses_(uses),
        capacity_bytes_(capacity_bytes),
        line_bytes_(line_bytes),
        cache_(capacity_bytes, line_bytes),
        crossings_(phases),
        first_lines_(uses.tensors.size() + 1),
        next_bytes_(uses.tensors.size()),
        writers_(uses.tensors.size() + 1),
        written_lines_(uses.tensors.size() + 1) {
    std::uint64_t next = 0;
    for (std::size_t t = 0; t < uses.tensors.size(); ++t) {
      first_lines_[t] = next;
      next += uses.tensors[t].bytes / line_bytes + 1;
    }
    first_lines_.back() = next;  // of what blocks hold
  }

  std::vector<Crossing> run() {
    for (std::size_t s = 0; s < steps_.size(); ++s) {
      if (is_first_of_fused(s)) {
        step_of_scores_ = s;  // until the second step replays both
        continue;
      }
      phase_ = steps_[s].phase;
      for (const Touch& touch : uses_.touches[s]) {
        if (touch.write_bytes != 0) writers_[touch.tensor] = phase_;
      }
      if (!steps_[s].crosses) {
        replay_stream(steps_[s].from_outside);
      } else if (steps_[s].movement.is_fused()) {
        replay_fused(s);
      } else if (steps_[s].movement.is_product()) {
        replay_product(steps_[s].movement);
      } else {
        replay_stream(steps_[s].movement.operands());
      }
      drop_finished(s);
      if (steps_[s].crosses && steps_[s].movement.is_fused()) drop_finished(step_of_scores_);
    }
    for (const Cache::Line& line : cache_.lines()) write_back(line);
    return std::move(crossings_);
  }

 private:
  /// A fused attention comes in two steps, q and k, then v and the output.
  bool is_first_of_fused(std::size_t s) const {
    const Movement& movement = steps_[s].movement;
    return steps_[s].crosses && movement.is_fused() && movement.part() == FusedPart::scores;
  }

  /// Tensors that no later step uses, and that are no outputs.
  void drop_finished(std::size_t s) {
    for (const Touch& touch : uses_.touches[s]) {
      const TensorUse& use = uses_.tensors[touch.tensor];
      if (use.last_step == s && !use.leaves) cache_.drop(touch.tensor);
    }
  }

  /// Operands side by side, each from where it was left; what is read at a place comes first.
  void replay_stream(std::span<const Operand> operands) {
    Movement all;
    for (const Operand& operand : operands) all.add(operand);
    add(spilled(all, capacity_bytes_));
    struct Stream {
      Region region;
      std::uint64_t lines = 0;
      std::uint64_t done = 0;
      bool written = false;
    };
    std::vector<Stream> streams;
    std::uint64_t longest = 0;
    for (const bool written : {false, true}) {
      for (const Operand& operand : operands) {
        if (operand.local() || operand.written != written) continue;
        const Region region = next_region(operand);
        const auto lines = static_cast<std::uint64_t>(region.bytes) / line_bytes_ + 1;
        streams.push_back({region, lines, 0, written});
        longest = std::max(longest, lines);
      }
    }
    for (std::uint64_t i = 1; i <= longest; ++i) {
      for (Stream& stream : streams) {
        const std::uint64_t until = stream.lines * i / longest;
        if (until == stream.done) continue;
        const double share = stream.region.bytes / static_cast<double>(stream.lines);
        touch({stream.region.tensor, stream.region.begin + share * static_cast<double>(stream.done),
               share * static_cast<double>(until - stream.done)},
              stream.written);
        stream.done = until;
      }
    }
  }

  /// Where a partial touch goes on, round and round.
  Region next_region(const Operand& operand) {
    const std::size_t tensor = uses_.index_of(operand);
    const auto bytes = static_cast<double>(operand.bytes);
    double& next = next_bytes_[tensor];
    if (next + bytes > static_cast<double>(uses_.tensors[tensor].bytes)) next = 0.0;
    const Region region{tensor, next, bytes};
    next += bytes;
    return region;
  }

  /// An operand [p, q] of a head, cut along both sides; blocks follow each other row by row.
  struct Blocks {
    Region whole;  // of all heads
    double heads = 1.0;
    std::uint64_t p = 1, q = 1;              // sides
    std::uint64_t block_p = 1, block_q = 1;  // sides of a block

    Region block(std::uint64_t head, std::uint64_t i, std::uint64_t j) const {
      const std::uint64_t height = std::min(block_p, p - i * block_p);
      const std::uint64_t width = std::min(block_q, q - j * block_q);
      const double number = whole.bytes / heads / static_cast<double>(p) / static_cast<double>(q);
      const auto before =
          static_cast<double>(head * p * q + i * block_p * q + height * j * block_q);
      return {whole.tensor, whole.begin + number * before,
              number * static_cast<double>(height * width)};
    }
  };

  Blocks blocks_of(const Operand& operand, const LoopNest& nest, std::uint64_t p, std::uint64_t q,
                   std::uint64_t block_p, std::uint64_t block_q) {
    Blocks blocks;
    if (!operand.local()) blocks.whole = next_region(operand);
    blocks.heads = static_cast<double>(nest.heads);
    blocks.p = p;
    blocks.q = q;
    blocks.block_p = block_p;
    blocks.block_q = block_q;
    return blocks;
  }

  void replay_product(const Movement& movement) {
    const LoopNest& nest = movement.nest();
    const Tiling tiling = best_tiling(movement, capacity_bytes_, line_bytes_);
    const auto operands = movement.operands();
    const Operand& a = operands[0];
    const Operand& b = operands[1];
    const Operand& out = operands[2];
    const std::uint64_t chunk = tiling.chunk;
    if (tiling.spills) spill_operands(operands, tiling);
    switch (tiling.stationary) {
      case Stationary::out: {
        const Blocks as = blocks_of(a, nest, nest.rows, nest.inner, tiling.rows, chunk);
        const Blocks bs = blocks_of(b, nest, nest.cols, nest.inner, tiling.cols, chunk);
        const Blocks outs = blocks_of(out, nest, nest.rows, nest.cols, tiling.rows, tiling.cols);
        each_tile(nest, outs, parts(nest.inner, chunk),
                  [&](std::uint64_t h, std::uint64_t i, std::uint64_t j, std::uint64_t k) {
                    touch(as.block(h, i, k), false);
                    touch(bs.block(h, j, k), false);
                    touch(outs.block(h, i, j), true, k == 0);
                  });
        break;
      }
      case Stationary::a: {
        const Blocks as = blocks_of(a, nest, nest.rows, nest.inner, tiling.rows, tiling.inner);
        const Blocks bs = blocks_of(b, nest, nest.inner, nest.cols, tiling.inner, chunk);
        const Blocks outs = blocks_of(out, nest, nest.rows, nest.cols, tiling.rows, chunk);
        each_tile(nest, as, parts(nest.cols, chunk),
                  [&](std::uint64_t h, std::uint64_t i, std::uint64_t k, std::uint64_t j) {
                    touch(as.block(h, i, k), false);
                    touch(bs.block(h, k, j), false);
                    touch(outs.block(h, i, j), true, k == 0);
                  });
        break;
      }
      case Stationary::b: {
        const Blocks bs = blocks_of(b, nest, nest.inner, nest.cols, tiling.inner, tiling.cols);
        const Blocks as = blocks_of(a, nest, nest.inner, nest.rows, tiling.inner, chunk);
        const Blocks outs = blocks_of(out, nest, nest.cols, nest.rows, tiling.cols, chunk);
        each_tile(nest, bs, parts(nest.rows, chunk),
                  [&](std::uint64_t h, std::uint64_t k, std::uint64_t j, std::uint64_t i) {
                    touch(bs.block(h, k, j), false);
                    touch(as.block(h, k, i), false);
                    touch(outs.block(h, j, i), true, k == 0);
                  });
        break;
      }
    }
    replay_stream(operands.subspan(3));
  }

  /// Local operands of a product that not even one token of them fits beside.
  void spill_operands(std::span<const Operand> operands, const Tiling& tiling) {
    const std::array<std::uint64_t, 3> passes{tiling.a_passes, tiling.b_passes, tiling.out_passes};
    for (std::size_t i = 0; i < 3; ++i) {
      if (!operands[i].local()) continue;
      const std::uint64_t bytes = product(operands[i].bytes, passes[i]);
      add(operands[i].written ? Crossing{bytes - operands[i].bytes, bytes} : Crossing{bytes, 0});
    }
  }

  void add(const Crossing& crossing) {
    crossings_[phase_].fill_bytes += crossing.fill_bytes;
    crossings_[phase_].write_back_bytes += crossing.write_back_bytes;
  }

  /// Tokens [first, first + count) of one head, of a tensor with `of_head` tokens in each.
  static Region part(const Region& region, std::uint64_t head, std::uint64_t of_head,
                     std::uint64_t first, std::uint64_t count, std::uint64_t heads) {
    const double each = region.bytes / static_cast<double>(heads) / static_cast<double>(of_head);
    return {region.tensor, region.begin + each * static_cast<double>(head * of_head + first),
            each * static_cast<double>(count)};
  }

  void touch_in(std::size_t phase, const Region& region, bool writes) {
    phase_ = phase;
    if (writes) writers_[region.tensor] = phase;
    touch(region, writes);
  }

  /// The first time from where the operand was left, then from outside, where it must lie for that.
  void read_in_passes(const Operand& operand, std::uint64_t passes) {
    const Region region = next_region(operand);
    touch(region, false);
    if (passes < 2) return;
    for (Cache::Line& line : cache_.lines()) {
      if (line.tensor != region.tensor) continue;
      write_back(line);
      line.written = false;
    }
    add({product(operand.bytes, passes - 1), 0});
  }

  /// Tiles of scores: what passes by does so in numbers of each token, so that a line is of no use
  /// to the next tile. Further passes are counted without the cache, as the loop has them.
  void replay_tiles_of_scores(std::size_t s, const FusedTiling& tiling) {
    const FusedAttention& x = steps_[s].movement.fused();
    const auto of_scores = steps_[step_of_scores_].movement.operands();
    const auto of_output = steps_[s].movement.operands();
    phase_ = steps_[step_of_scores_].phase;
    read_in_passes(of_scores[0], tiling.query_passes);
    read_in_passes(of_scores[1], tiling.key_passes);
    const std::uint64_t pairs =
        product(x.heads, x.queries, x.keys, x.pair_bytes, tiling.pair_passes);
    add({pairs, pairs});
    phase_ = steps_[s].phase;
    read_in_passes(of_output[0], tiling.key_passes);
    const std::uint64_t states = product(x.heads, x.queries, x.state_bytes, tiling.state_passes);
    add({states, sum(states, of_output[1].bytes)});
  }

  /// Both steps of a fused attention, of which `s` is the second.
  void replay_fused(std::size_t s) {
    const Movement& movement = steps_[s].movement;
    const FusedAttention& x = movement.fused();
    const FusedTiling tiling = best_fused_tiling(x, capacity_bytes_);
    if (tiling.stays == FusedTiling::Stays::scores || tiling.stays == FusedTiling::Stays::nothing) {
      replay_tiles_of_scores(s, tiling);
      return;
    }
    const bool queries_stay = tiling.stays == FusedTiling::Stays::queries;
    const std::size_t scores = steps_[step_of_scores_].phase;
    const std::size_t output = steps_[s].phase;
    const auto of_scores = steps_[step_of_scores_].movement.operands();
    const Region q = next_region(of_scores[0]);
    const Region k = next_region(of_scores[1]);
    const Region v = next_region(movement.operands()[0]);
    const Region out = next_region(movement.operands()[1]);
    const std::uint64_t block = queries_stay ? tiling.block_queries : tiling.block_keys;
    const std::uint64_t staying = queries_stay ? x.queries : x.keys;
    const std::uint64_t passing = queries_stay ? x.keys : x.queries;
    foresee(static_cast<double>(x.heads) * static_cast<double>(parts(staying, block)) *
                static_cast<double>(passing),
            static_cast<double>(x.key_bytes + x.value_bytes));
    // Running outputs, maxima and sums of the queries of a block, and their scores with one key.
    const std::uint64_t held_bytes = queries_stay
                                         ? product(block, sum(x.state_bytes, x.pair_bytes))
                                         : sum(x.state_bytes, product(block, x.pair_bytes));
    const Region held{uses_.tensors.size(), 0.0, static_cast<double>(held_bytes)};
    for (std::uint64_t h = 0; h < x.heads; ++h) {
      for (std::uint64_t first = 0; first < staying; first += block) {
        const std::uint64_t count = std::min(block, staying - first);
        if (queries_stay) touch_in(scores, part(q, h, x.queries, first, count, x.heads), false);
        for (std::uint64_t i = 0; i < passing; ++i) {
          if (queries_stay) {
            touch_in(scores, part(k, h, x.keys, i, 1, x.heads), false);
            touch_in(output, part(v, h, x.keys, i, 1, x.heads), false);
            continue;
          }
          touch_in(scores, part(q, h, x.queries, i, 1, x.heads), false);
          touch_in(scores, part(k, h, x.keys, first, count, x.heads), false);
          touch_in(output, part(v, h, x.keys, first, count, x.heads), false);
          touch_in(output, held, true);
          if (first != 0) add({x.state_bytes, x.state_bytes});
        }
        if (queries_stay) {
          touch_in(output, held, true);
          touch_in(output, part(out, h, x.queries, first, count, x.heads), true);
        }
      }
    }
    if (!queries_stay) touch_in(output, out, true);
    cache_.drop(uses_.tensors.size());
  }

  /// Refuses what would take too long before it begins.
  void foresee(double visits, double bytes_of_visit) {
    touches_ += visits * (bytes_of_visit / static_cast<double>(line_bytes_) + 3.0);
    if (touches_ <= most_touches) return;
    throw InputError(
        "memory trace",
        fmt::format("a run that touches at most {:.0e} lines (the policy tiled does not "
                    "count them one by one)",
                    most_touches),
        fmt::format("{:.1e} at {} bytes", touches_, capacity_bytes_));
  }

  template <class Visit>
  void each_tile(const LoopNest& nest, const Blocks& stationary, std::uint64_t chunks,
                 const Visit& visit) {
    const auto count = [](std::uint64_t n) { return static_cast<double>(n); };
    const double tiles = count(parts(stationary.p, stationary.block_p)) *
                         count(parts(stationary.q, stationary.block_q));
    foresee(count(nest.heads) * tiles * count(chunks), stationary.block(0, 0, 0).bytes);
    for (std::uint64_t h = 0; h < nest.heads; ++h) {
      for (std::uint64_t i = 0; i < parts(stationary.p, stationary.block_p); ++i) {
        for (std::uint64_t j = 0; j < parts(stationary.q, stationary.block_q); ++j) {
          for (std::uint64_t c = 0; c < chunks; ++c) visit(h, i, j, c);
        }
      }
    }
  }

  /// Lines of a region. A line that is written for the first time is not read before. Where more is
  /// read of a tensor than anyone wrote, rows that were written stand in it twice (Reformer's last
  /// chunk, which the first one sees, is addressed in place).
  void touch(const Region& region, bool writes, bool whole = true) {
    if (region.tensor == nobody || region.bytes <= 0.0) return;
    const auto line = static_cast<double>(line_bytes_);
    const auto begin = static_cast<std::uint64_t>(region.begin / line);
    const auto end = static_cast<std::uint64_t>((region.begin + region.bytes - 1e-6) / line);
    std::uint64_t& written = written_lines_[region.tensor];
    if (writes && !is_input(region.tensor)) written = std::max(written, end + 1);
    for (std::uint64_t number = begin; number <= end; ++number) {
      const std::uint64_t place = number < written || written == 0 ? number : number % written;
      Cache::Line evicted;
      if (cache_.touch(first_lines_[region.tensor] + place, region.tensor, writes, evicted)) {
        continue;
      }
      write_back(evicted);
      if (!writes || !whole) crossings_[phase_].fill_bytes += line_bytes_;
    }
  }

  bool is_input(std::size_t tensor) const {
    return tensor < uses_.tensors.size() && !uses_.tensors[tensor].written_first;
  }

  void write_back(const Cache::Line& line) {
    if (line.used == 0 || !line.written) return;
    crossings_[writers_[line.tensor]].write_back_bytes += line_bytes_;
  }

  std::span<const MemoryStep> steps_;
  const TensorUses& uses_;
  std::uint64_t capacity_bytes_;
  std::uint64_t line_bytes_;
  Cache cache_;
  std::vector<Crossing> crossings_;
  std::vector<std::uint64_t> first_lines_;
  std::vector<double> next_bytes_;
  std::vector<std::size_t> writers_;
  std::vector<std::uint64_t> written_lines_;  // of each tensor made here, from its begin
  double touches_ = 0.0;
  std::size_t phase_ = 0;
  std::size_t step_of_scores_ = 0;
};

}  // namespace

std::vector<Crossing> traced_crossings(std::span<const MemoryStep> steps, const TensorUses& uses,
                                       std::size_t phases, std::uint64_t capacity_bytes,
                                       std::uint64_t line_bytes) {
  return TracedMemory(steps, uses, phases, capacity_bytes, line_bytes).run();
}

}  // namespace wattention
