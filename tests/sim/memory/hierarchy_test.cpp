#include "sim/memory/hierarchy.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <list>

#include "sim/kernels/products.hpp"
#include "sim/kernels/rows.hpp"
#include "sim/prices/price.hpp"

using namespace wattention;

namespace {

/// What the kernels of one phase moved, in order.
std::vector<MemoryStep> steps_of_phase(const Phase& phase) {
  std::vector<MemoryStep> steps;
  for (const KernelCall& call : phase.calls()) steps.push_back({0, call.movement});
  return steps;
}

Operand whole(std::uint64_t tensor, std::uint64_t bytes, bool written) {
  return {tensor, bytes / 4, bytes / 4, Format::fp32, written};
}

MemoryStep streams(std::initializer_list<Operand> operands) {
  MemoryStep step;
  for (const Operand& operand : operands) step.movement.add(operand);
  return step;
}

Hierarchy two_levels(std::uint64_t capacity_bytes) { return {{{capacity_bytes, 8}, {{}, 8}}, {}}; }

Traffic outside(const std::vector<MemoryStep>& steps, std::uint64_t capacity_bytes,
                MemoryPolicy policy) {
  return memory_traffic(steps, 1, two_levels(capacity_bytes), policy)[0][1];
}

/// A memory that keeps the numbers used last, whichever they are; for loops of these tests.
class LastUsed {
 public:
  LastUsed(std::size_t numbers, std::size_t capacity)
      : room_(capacity), held_(numbers), dirty_(numbers), where_(numbers) {}

  /// A number that is written for the first time is not read before.
  void touch(std::size_t number, bool writes, bool first_write = false) {
    if (held_[number]) {
      order_.splice(order_.begin(), order_, where_[number]);
    } else {
      if (order_.size() == room_) drop(order_.back());
      order_.push_front(number);
      where_[number] = order_.begin();
      held_[number] = true;
      if (!first_write) ++moved;
    }
    dirty_[number] = dirty_[number] || writes;
  }
  void drop_all() {
    while (!order_.empty()) drop(order_.back());
  }

  std::size_t moved = 0;

 private:
  void drop(std::size_t number) {
    if (dirty_[number]) ++moved;
    held_[number] = false;
    dirty_[number] = false;
    order_.pop_back();
  }

  std::size_t room_;
  std::list<std::size_t> order_;
  std::vector<bool> held_, dirty_;
  std::vector<std::list<std::size_t>::iterator> where_;
};

/// The fewest numbers that a product [n, k] x [k, m] moves through a memory of `capacity` numbers,
/// over all orders of its loops and tiles of these sides.
std::size_t best_loops(std::size_t n, std::size_t k, std::size_t m, std::size_t capacity) {
  std::size_t fewest = SIZE_MAX;
  const std::array<std::size_t, 3> sides{n, k, m};
  std::array<std::size_t, 3> order{0, 1, 2};
  do {
    for (const std::size_t a : {1U, 2U, 4U, 8U, 16U}) {
      for (const std::size_t b : {1U, 2U, 4U, 8U, 16U}) {
        for (const std::size_t c : {1U, 2U, 4U, 8U, 16U}) {
          const std::array<std::size_t, 3> tile{a, b, c};
          if (a >= 2 * n || b >= 2 * k || c >= 2 * m) continue;
          LastUsed memory(n * k + k * m + n * m, capacity);
          std::vector<bool> written(n * m);
          std::array<std::size_t, 3> at{};
          const auto loop = [&](const auto& self, std::size_t depth) -> void {
            if (depth == 6) {
              const auto [i, p, j] = at;
              memory.touch(i * k + p, false);
              memory.touch(n * k + p * m + j, false);
              memory.touch(n * k + k * m + i * m + j, true, !written[i * m + j]);
              written[i * m + j] = true;
              return;
            }
            const std::size_t side = order[depth % 3];
            if (depth < 3) {
              for (std::size_t from = 0; from < sides[side]; from += tile[side]) {
                at[side] = from;
                self(self, depth + 1);
              }
              return;
            }
            const std::size_t from = at[side] / tile[side] * tile[side];
            for (at[side] = from; at[side] < std::min(from + tile[side], sides[side]); ++at[side]) {
              self(self, depth + 1);
            }
            at[side] = from;
          };
          loop(loop, 0);
          memory.drop_all();
          fewest = std::min(fewest, memory.moved);
        }
      }
    }
  } while (std::ranges::next_permutation(order).found);
  return fewest;
}

}  // namespace

TEST_CASE("Tiled and trace move what the best loops of a product move, found by running them all") {
  const std::size_t n = 16;
  const std::size_t k = 12;
  const std::size_t m = 14;
  const Tensor<Shape<float>> a(1, n, k);
  const Tensor<Shape<float>> b(1, k, m);
  Tensor<Shape<float>> out(1, n, m);
  Ledger ledger{"product"};
  ledger.keep_calls();
  matmul<Shape<float>>(ledger["product"], a, b, out);
  const auto steps = steps_of_phase(ledger["product"]);
  for (const std::uint64_t capacity : {128U, 256U, 512U, 1024U, 4096U}) {
    const auto loops = static_cast<double>(4 * best_loops(n, k, m, capacity / 4));
    for (const MemoryPolicy policy : {MemoryPolicy::tiled, MemoryPolicy::trace}) {
      const Traffic traffic = outside(steps, capacity, policy);
      const double ratio = static_cast<double>(traffic.read_bytes + traffic.write_bytes) / loops;
      INFO(capacity << " bytes, " << name_of(policy) << ": " << ratio << " times the best loops");
      // Three ways of sixteen are left to what streams past, and lines hold two numbers.
      CHECK(ratio >= 0.85);
      CHECK(ratio <= 1.6);
    }
  }
}

TEST_CASE("A 2 x 3 x 2 product through three levels costs what every access costs") {
  // Level 0 holds 32 bytes, of which 13 sixteenths hold tiles: one sum (4 bytes), and of a and b a
  // line of two numbers each (16 bytes). Two by one sums would take 8 + 24 bytes: too much. So a
  // crosses once for each of 2 columns, b once for each of 2 rows, the sums once. Level 1 holds
  // all.
  //
  //     array, 1 x 1:   a 2*3*2 numbers, b 3*2*2 numbers = 24 read, 4 sums written
  //     0 <-> 1:        24 + 24 bytes twice = 96 filled, 16 written back
  //     1 <-> 2:        24 + 24 = 48 filled, 16 written back
  //     level 0         reads 96 + 16 = 112 bytes = 28 * 1 pJ; writes 16 + 96 = 112 = 28 * 2 pJ
  //     level 1         reads 96 + 16 = 112 bytes = 14 * 10 pJ; writes 16 + 48 = 64 = 8 * 12 pJ
  //     level 2         reads 48 bytes = 6 * 1000 pJ; writes 16 = 2 * 1100 pJ
  const EnergyTable table = EnergyTable::parse(R"({
    "schema_version": 1, "name": "three", "title": "three levels", "node_nm": 45,
    "references": {"here": "this test"},
    "operations": {"fp32": {"mac": {"energy_pj": 5, "source": "here", "kind": "estimated"}}},
    "memory": [
      {"level": "registers", "technology": "registers", "capacity_bytes": 32, "access_bits": 32,
       "read_pj": 1, "write_pj": 2, "source": "here", "kind": "estimated"},
      {"level": "buffer", "technology": "sram", "capacity_bytes": 1024, "access_bits": 64,
       "read_pj": 10, "write_pj": 12, "source": "here", "kind": "estimated"},
      {"level": "dram", "technology": "dram", "access_bits": 64,
       "read_pj": 1000, "write_pj": 1100, "source": "here", "kind": "estimated"}]})",
                                               "three.json");
  Ledger ledger{"product"};
  ledger.keep_calls();
  const Tensor<Shape<float>> a(1, 2, 3);
  const Tensor<Shape<float>> b(1, 3, 2);
  Tensor<Shape<float>> out(1, 2, 2);
  matmul<Shape<float>>(ledger["product"], a, b, out);

  const auto steps = steps_of_phase(ledger["product"]);
  const LevelTraffic traffic = memory_traffic(steps, 1, hierarchy_of(table), MemoryPolicy::tiled);
  CHECK(traffic[0][0] == Traffic{112, 112});
  CHECK(traffic[0][1] == Traffic{112, 64});
  CHECK(traffic[0][2] == Traffic{48, 16});
  const auto priced = price(traffic, table);
  REQUIRE(priced.size() == 3);
  CHECK(priced[0].energy_pj == Range::exactly(28 * 1.0 + 28 * 2.0));
  CHECK(priced[1].energy_pj == Range::exactly(14 * 10.0 + 8 * 12.0));
  CHECK(priced[2].energy_pj == Range::exactly(6 * 1000.0 + 2 * 1100.0));
  CHECK_FALSE(table.memory()[1].off_chip());
  CHECK(table.memory()[2].off_chip());
}

TEST_CASE("An array of processing elements reads an operand once for all its rows or columns") {
  Ledger ledger{"product"};
  ledger.keep_calls();
  const Tensor<Shape<float>> a(1, 64, 32);
  const Tensor<Shape<float>> b(1, 32, 48);
  Tensor<Shape<float>> out(1, 64, 48);
  matmul<Shape<float>>(ledger["product"], a, b, out);
  const auto steps = steps_of_phase(ledger["product"]);
  const auto read_at = [&](std::uint64_t rows, std::uint64_t cols) {
    const Hierarchy hierarchy{{{{}, 8}}, {rows, cols}};
    return memory_traffic(steps, 1, hierarchy, MemoryPolicy::tiled)[0][0].read_bytes;
  };
  CHECK(read_at(1, 1) == 4 * (64 * 32 * 48 + 32 * 48 * 64));
  CHECK(read_at(16, 16) == 4 * (64 * 32 * 3 + 32 * 48 * 4));
  CHECK(read_at(64, 48) == 4 * (64 * 32 + 32 * 48));
}

TEST_CASE(
    "What is made and used inside a memory never leaves it, and what does not fit comes back") {
  const std::uint64_t bytes = 4096;
  const std::vector<MemoryStep> steps{
      streams({whole(1, bytes, false), whole(2, bytes, true)}),   // 2 = f(1)
      streams({whole(2, bytes, false), whole(3, bytes, true)})};  // 3 = g(2)
  for (const MemoryPolicy policy :
       {MemoryPolicy::ideal, MemoryPolicy::tiled, MemoryPolicy::trace}) {
    CHECK(outside(steps, 65536, policy) == Traffic{bytes, bytes});
  }
  CHECK(outside(steps, 1024, MemoryPolicy::ideal) == Traffic{bytes, bytes});
  CHECK(outside(steps, 1024, MemoryPolicy::tiled) == Traffic{2 * bytes, 2 * bytes});
  CHECK(outside(steps, 1024, MemoryPolicy::trace) == Traffic{2 * bytes, 2 * bytes});
}

TEST_CASE("A tensor that half fits is half there, in the formula as in the cache") {
  const std::uint64_t bytes = 8192;
  const std::vector<MemoryStep> steps{streams({whole(1, bytes, true)}),
                                      streams({whole(2, bytes, false)}),
                                      streams({whole(1, bytes, false), whole(3, bytes, true)})};
  for (const std::uint64_t capacity : {8192U, 16384U, 20480U, 24576U, 32768U}) {
    const Traffic tiled = outside(steps, capacity, MemoryPolicy::tiled);
    const Traffic trace = outside(steps, capacity, MemoryPolicy::trace);
    INFO(capacity);
    CHECK(static_cast<double>(tiled.read_bytes) ==
          Approx(static_cast<double>(trace.read_bytes)).epsilon(0.05));
    CHECK(static_cast<double>(tiled.write_bytes) ==
          Approx(static_cast<double>(trace.write_bytes)).epsilon(0.05));
  }
}

TEST_CASE("Packed codes move their bits, not words") {
  const BitMatrix<PackedBits<Shape<float>>> codes(1, 100, 16);
  const Movement movement = reads(codes.view());
  CHECK(movement.traffic() == Traffic{200, 0});
  CHECK(outside({{0, movement}}, 4096, MemoryPolicy::tiled) == Traffic{200, 0});
}

TEST_CASE("Parts of a tensor add up to the whole, each coming in once") {
  std::vector<MemoryStep> steps;
  for (int part = 0; part < 4; ++part) {
    steps.push_back(
        streams({{1, 256, 1024, Format::fp32, false}, {2, 256, 1024, Format::fp32, true}}));
  }
  for (const MemoryPolicy policy :
       {MemoryPolicy::ideal, MemoryPolicy::tiled, MemoryPolicy::trace}) {
    CHECK(outside(steps, 65536, policy) == Traffic{4096, 4096});
  }
}

TEST_CASE("No policy, no traffic; and a trace that would never end is refused") {
  const std::vector<MemoryStep> steps{streams({whole(1, 64, false)})};
  CHECK(outside(steps, 64, MemoryPolicy::none) == Traffic{});
  Movement huge;
  huge.add(whole(1, std::uint64_t{1} << 40U, false));
  huge.add(whole(2, std::uint64_t{1} << 40U, false));
  huge.add(whole(3, std::uint64_t{1} << 40U, true));
  huge.set_nest({1, 1U << 19U, 1U << 19U, 1U << 19U});
  CHECK_THROWS_WITH(outside({{0, huge}}, 1024, MemoryPolicy::trace),
                    Catch::Contains("the policy tiled does not"));
}
