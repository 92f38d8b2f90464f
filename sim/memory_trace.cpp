// Movements replayed, line by line, through a set-associative cache. Every tensor has a place of
// its own in the address space; a product's operands are stored tile by tile, as its nest asks for
// them.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "sim/error.hpp"
#include "sim/memory_steps.hpp"
#include "sim/tiling.hpp"

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

  std::span<const Line> lines() const { return lines_; }

 private:
  std::uint64_t ways_;
  std::uint64_t sets_;
  std::vector<Line> lines_;
  std::uint64_t now_ = 0;
};

struct Region {
  std::size_t tensor = nobody;  // nobody: local, not touched
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
        first_lines_(uses.tensors.size()),
        next_bytes_(uses.tensors.size()),
        writers_(uses.tensors.size()) {
    std::uint64_t next = 0;
    for (std::size_t t = 0; t < uses.tensors.size(); ++t) {
      first_lines_[t] = next;
      next += uses.tensors[t].bytes / line_bytes + 1;
    }
  }

  std::vector<Crossing> run() {
    for (std::size_t s = 0; s < steps_.size(); ++s) {
      phase_ = steps_[s].phase;
      for (const Touch& touch : uses_.touches[s]) {
        if (touch.write_bytes != 0) writers_[touch.tensor] = phase_;
      }
      if (steps_[s].movement.is_product()) {
        replay_product(steps_[s].movement);
      } else {
        replay_stream(steps_[s].movement.operands());
      }
      for (const Touch& touch : uses_.touches[s]) {
        const TensorUse& use = uses_.tensors[touch.tensor];
        if (use.last_step == s && !use.leaves) cache_.drop(touch.tensor);
      }
    }
    for (const Cache::Line& line : cache_.lines()) write_back(line);
    return std::move(crossings_);
  }

 private:
  /// Operands side by side, each from where it was left; what is read at a place comes first.
  void replay_stream(std::span<const Operand> operands) {
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
        if (operand.tensor == 0 || operand.written != written) continue;
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

  Blocks blocks_of(const Operand& operand, const Nest& nest, std::uint64_t p, std::uint64_t q,
                   std::uint64_t block_p, std::uint64_t block_q) {
    Blocks blocks;
    if (operand.tensor != 0) blocks.whole = next_region(operand);
    blocks.heads = static_cast<double>(nest.heads);
    blocks.p = p;
    blocks.q = q;
    blocks.block_p = block_p;
    blocks.block_q = block_q;
    return blocks;
  }

  void replay_product(const Movement& movement) {
    const Nest& nest = movement.nest();
    const Tiling tiling = best_tiling(movement, capacity_bytes_, line_bytes_);
    const auto operands = movement.operands();
    const Operand& a = operands[0];
    const Operand& b = operands[1];
    const Operand& out = operands[2];
    const std::uint64_t chunk = tiling.chunk;
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

  /// Refuses what would take too long before it begins.
  void foresee(double visits, double bytes_of_visit) {
    touches_ += visits * (bytes_of_visit / static_cast<double>(line_bytes_) + 3.0);
    if (touches_ <= most_touches) return;
    throw InputError("command line", "--memory trace",
                     fmt::format("a run that touches at most {:.0e} lines (--memory tiled does not "
                                 "count them one by one)",
                                 most_touches),
                     fmt::format("{:.1e} at {} bytes", touches_, capacity_bytes_));
  }

  template <class Visit>
  void each_tile(const Nest& nest, const Blocks& stationary, std::uint64_t chunks,
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

  /// Lines of a region. A line that is written for the first time is not read before.
  void touch(const Region& region, bool writes, bool whole = true) {
    if (region.tensor == nobody || region.bytes <= 0.0) return;
    const auto line = static_cast<double>(line_bytes_);
    const auto begin = static_cast<std::uint64_t>(region.begin / line);
    const auto end = static_cast<std::uint64_t>((region.begin + region.bytes - 1e-6) / line);
    for (std::uint64_t number = begin; number <= end; ++number) {
      Cache::Line evicted;
      if (cache_.touch(first_lines_[region.tensor] + number, region.tensor, writes, evicted))
        continue;
      write_back(evicted);
      if (!writes || !whole) crossings_[phase_].fill_bytes += line_bytes_;
    }
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
  double touches_ = 0.0;
  std::size_t phase_ = 0;
};

}  // namespace

std::vector<Crossing> traced_crossings(std::span<const MemoryStep> steps, const TensorUses& uses,
                                       std::size_t phases, std::uint64_t capacity_bytes,
                                       std::uint64_t line_bytes) {
  return TracedMemory(steps, uses, phases, capacity_bytes, line_bytes).run();
}

}  // namespace wattention
