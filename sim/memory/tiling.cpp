#include "sim/memory/tiling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace wattention {
namespace {

/// One operand [p, q] stays; of the others one has p rows, and crosses once for each tile along q,
/// the other has q rows, and crosses once for each tile along p.
struct Side {
  std::uint64_t extent = 0;
  double streamed_number_bytes = 0.0;  // of the operand that has this side
  double crossing_bytes = 0.0;         // of each of its crossings
  double spared_bytes = 0.0;           // an output's first crossing reads nothing
};

struct Choice {
  std::uint64_t p = 0;
  std::uint64_t q = 0;
  double bytes = std::numeric_limits<double>::infinity();
};

Choice best_choice(const Side& p_side, const Side& q_side, double stationary_number_bytes,
                   double chunk, double usable_bytes) {
  Choice best;
  for (std::uint64_t p = p_side.extent; p > 0;) {
    const std::uint64_t tiles = parts(p_side.extent, p);
    const std::uint64_t even = parts(p_side.extent, tiles);  // the smallest with as many tiles
    const auto height = static_cast<double>(even);
    const double left = usable_bytes - chunk * height * p_side.streamed_number_bytes;
    const double a_column = height * stationary_number_bytes + chunk * q_side.streamed_number_bytes;
    const double fitting = a_column > 0.0 ? std::floor(left / a_column) : 0.0;
    if (fitting >= 1.0) {
      const auto widest =
          static_cast<std::uint64_t>(std::min(fitting, static_cast<double>(q_side.extent)));
      const std::uint64_t tiles_q = parts(q_side.extent, widest);
      const double bytes = p_side.crossing_bytes * static_cast<double>(tiles_q) -
                           p_side.spared_bytes +
                           q_side.crossing_bytes * static_cast<double>(tiles) - q_side.spared_bytes;
      if (bytes < best.bytes) best = {even, parts(q_side.extent, tiles_q), bytes};
    }
    if (even == 1) break;
    p = even - 1;
  }
  return best;
}

double number_bytes(const Operand& operand, std::uint64_t numbers) {
  const double plain = static_cast<double>(operand.bits) / 8.0;
  if (numbers == 0) return plain;
  return std::min(plain, static_cast<double>(operand.bytes) / static_cast<double>(numbers));
}

struct BlocksOfTokens {
  std::uint64_t tokens = 0;  // of a block; 0: not even one fits
  std::uint64_t passes = 0;  // of the operand without tokens
};

/// Blocks of tokens of which `token_bytes` each are held, while an operand of `other_bytes` passes
/// by, a line of it at a time.
BlocksOfTokens blocks_of_tokens(std::uint64_t tokens, double token_bytes, double other_bytes,
                                double line_bytes, double usable_bytes) {
  if (other_bytes + token_bytes <= usable_bytes) return {1, 1};
  const double fitting = std::floor((usable_bytes - line_bytes) / token_bytes);
  if (fitting < 1.0) return {};
  const auto most = static_cast<std::uint64_t>(std::min(fitting, static_cast<double>(tokens)));
  const std::uint64_t passes = parts(tokens, most);
  return {parts(tokens, passes), passes};
}

Tiling best_tiling_of_memory(const Movement& movement, std::uint64_t capacity_bytes,
                             std::uint64_t line_bytes) {
  const LoopNest& nest = movement.nest();
  const Operand& a = movement.operands()[0];
  const Operand& b = movement.operands()[1];
  const Operand& out = movement.operands()[2];
  const double a_number = number_bytes(a, nest.heads * nest.rows * nest.inner);
  const double b_number = number_bytes(b, nest.heads * nest.inner * nest.cols);
  const double out_number = number_bytes(out, nest.heads * nest.rows * nest.cols);
  const auto bytes = [](const Operand& operand) { return static_cast<double>(operand.bytes); };
  const auto usable = static_cast<double>(usable_bytes_of(capacity_bytes));
  const auto chunk_along = [&](std::uint64_t extent, const Operand& x, const Operand& y) {
    const std::uint64_t line_bits = line_bytes * 8;
    const std::uint64_t most =
        std::max(line_bits / std::max(x.bits, 1U), line_bits / std::max(y.bits, 1U));
    return std::clamp<std::uint64_t>(most, 1, extent);
  };

  const Side a_of_rows{nest.rows, a_number, bytes(a), 0.0};
  const Side b_of_cols{nest.cols, b_number, bytes(b), 0.0};
  const Side out_of_rows{nest.rows, out_number, 2.0 * bytes(out), bytes(out)};
  const Side b_of_inner{nest.inner, b_number, bytes(b), 0.0};
  const Side a_of_inner{nest.inner, a_number, bytes(a), 0.0};
  const Side out_of_cols{nest.cols, out_number, 2.0 * bytes(out), bytes(out)};

  Tiling best{Stationary::out, 1, 1, nest.inner, 1, nest.cols, nest.rows, 1};  // nothing is held
  double fewest = bytes(a) * static_cast<double>(nest.cols) +
                  bytes(b) * static_cast<double>(nest.rows) + bytes(out);
  const std::uint64_t inner_chunk = chunk_along(nest.inner, a, b);
  const Choice out_stays =
      best_choice(a_of_rows, b_of_cols, out_number, static_cast<double>(inner_chunk), usable);
  if (out_stays.bytes + bytes(out) < fewest) {
    fewest = out_stays.bytes + bytes(out);
    best = {Stationary::out,
            out_stays.p,
            out_stays.q,
            nest.inner,
            inner_chunk,
            parts(nest.cols, out_stays.q),
            parts(nest.rows, out_stays.p),
            1};
  }
  const std::uint64_t cols_chunk = chunk_along(nest.cols, b, out);
  const Choice a_stays =
      best_choice(out_of_rows, b_of_inner, a_number, static_cast<double>(cols_chunk), usable);
  if (a_stays.bytes + bytes(a) < fewest) {
    fewest = a_stays.bytes + bytes(a);
    best = {Stationary::a,
            a_stays.p,
            nest.cols,
            a_stays.q,
            cols_chunk,
            1,
            parts(nest.rows, a_stays.p),
            parts(nest.inner, a_stays.q)};
  }
  const std::uint64_t rows_chunk = chunk_along(nest.rows, a, out);
  const Choice b_stays =
      best_choice(a_of_inner, out_of_cols, b_number, static_cast<double>(rows_chunk), usable);
  if (b_stays.bytes + bytes(b) < fewest) {
    best = {Stationary::b,
            nest.rows,
            b_stays.q,
            b_stays.p,
            rows_chunk,
            parts(nest.cols, b_stays.q),
            1,
            parts(nest.inner, b_stays.p)};
  }
  return best;
}

}  // namespace

Tiling best_tiling(const Movement& movement, std::uint64_t capacity_bytes,
                   std::uint64_t line_bytes) {
  const auto operands = movement.operands().first(3);
  Tiling tiling = best_tiling_of_memory(movement, capacity_bytes, line_bytes);
  if (std::ranges::none_of(operands, &Operand::local)) return tiling;

  const LoopNest& nest = movement.nest();
  const double a_number = number_bytes(operands[0], nest.heads * nest.rows * nest.inner);
  const double b_number = number_bytes(operands[1], nest.heads * nest.inner * nest.cols);
  const double out_number = number_bytes(operands[2], nest.heads * nest.rows * nest.cols);
  const auto rows = static_cast<double>(nest.rows);
  const auto cols = static_cast<double>(nest.cols);
  const auto inner = static_cast<double>(nest.inner);
  const auto usable = static_cast<double>(usable_bytes_of(capacity_bytes));
  const auto line = static_cast<double>(line_bytes);
  const auto number = [](std::uint64_t n) { return static_cast<double>(n); };
  const auto in_memory = [&](std::size_t i) {
    return operands[i].local() ? 0.0 : number(operands[i].bytes);
  };
  const double spilled = number(operands[0].bytes) * number(tiling.a_passes) +
                         number(operands[1].bytes) * number(tiling.b_passes) +
                         number(operands[2].bytes) * number(2 * tiling.out_passes - 1);
  const bool along_rows = nest.tokens == TokenSide::rows;
  const BlocksOfTokens blocks =
      along_rows ? blocks_of_tokens(nest.rows, inner * a_number + cols * out_number,
                                    inner * cols * b_number, line, usable)
                 : blocks_of_tokens(nest.inner, rows * a_number + cols * b_number,
                                    rows * cols * out_number, line, usable);
  const double held =
      along_rows ? in_memory(0) + in_memory(1) * number(blocks.passes) + in_memory(2)
                 : in_memory(0) + in_memory(1) + in_memory(2) * number(2 * blocks.passes - 1);
  if (blocks.tokens != 0 && held <= spilled) {
    return along_rows ? Tiling{Stationary::out,
                               blocks.tokens,
                               nest.cols,
                               nest.inner,
                               nest.inner,
                               1,
                               blocks.passes,
                               1,
                               false}
                      : Tiling{Stationary::b, nest.rows, nest.cols, blocks.tokens, nest.rows, 1, 1,
                               blocks.passes, false};
  }
  tiling.spills = true;
  return tiling;
}

}  // namespace wattention
