// What attentions move through memories: the tiled model against the trace, for every attention
// there is.

#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "measure/measure.hpp"
#include "sim/files/npy.hpp"
#include "sim/memory/hierarchy.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

std::vector<MemoryStep> steps_of(const std::string& name, const Workload& workload,
                                 bool fused = false) {
  const auto attention = attention_named(name);
  if (fused) attention->options().set(name, "fused", "true");
  attention->prepare(workload.qkv(), {});
  std::vector<Ledger> ledgers;
  ledgers.emplace_back(attention->phases());
  ledgers.front().keep_calls();
  attention->run(Mode::estimate, workload.qkv(), ledgers.front());
  return wattention::steps_of(ledgers, [](std::size_t, std::size_t) -> std::size_t { return 0; });
}

Workload self(std::size_t heads, std::size_t tokens, std::size_t head_dim) {
  return Workload::without_data({heads, tokens, {}, head_dim, {}});
}

LevelTraffic traffic(const std::vector<MemoryStep>& steps, std::uint64_t capacity_bytes,
                     MemoryPolicy policy) {
  return memory_traffic(steps, 1, {{{capacity_bytes, 8}, {{}, 8}}, {16, 16}}, policy);
}

std::uint64_t bytes_at(const LevelTraffic& levels, std::size_t level) {
  return levels[0][level].read_bytes + levels[0][level].write_bytes;
}

std::uint64_t off_chip_bytes(const std::string& name, std::size_t tokens,
                             std::uint64_t capacity_bytes) {
  const auto steps = steps_of(name, self(1, tokens, 32));
  return bytes_at(traffic(steps, capacity_bytes, MemoryPolicy::tiled), 1);
}

}  // namespace

// The trace replays the nests that tiled chose: this holds its arithmetic of what stays against a
// cache, and says nothing of the nests. tests/sim/memory/hierarchy_test.cpp has loops of its own
// for those.
TEST_CASE("Tiled is near a cache that replays its nests, and never under the ideal") {
  for (const std::string& name : Registry<Attention>::global().names()) {
    // Tensors that are touched in slices, or out of order, are followed less closely; running sums
    // that do not fit are taken to leave whole, where a cache keeps some of them.
    const bool in_slices = name == "window" || name == "reformer";
    // Where tensors just about fit, a set-associative cache and an ideal one differ most.
    const bool just_fits = name == "linformer" || name == "nystromformer";
    const bool keeps_sums = name == "linear-elu" || name == "performer" || name == "cosformer";
    for (const auto& workload : {self(2, 256, 32), self(1, 200, 64)}) {
      const auto steps = steps_of(name, workload);
      for (const std::uint64_t capacity : {4096U, 16384U, 262144U}) {
        const LevelTraffic ideal = traffic(steps, capacity, MemoryPolicy::ideal);
        const LevelTraffic tiled = traffic(steps, capacity, MemoryPolicy::tiled);
        const LevelTraffic trace = traffic(steps, capacity, MemoryPolicy::trace);
        for (const std::size_t level : {0U, 1U}) {
          INFO(name << ", " << workload.description() << ", " << capacity << " bytes, level "
                    << level);
          const double ratio = static_cast<double>(bytes_at(tiled, level)) /
                               static_cast<double>(bytes_at(trace, level));
          CHECK(ratio == Approx(1.0).margin(in_slices ? 1.5 : keeps_sums || just_fits ? 0.5 : 0.2));
          CHECK(bytes_at(tiled, level) >= bytes_at(ideal, level));
          CHECK(bytes_at(trace, level) >= bytes_at(ideal, level));
        }
      }
    }
  }
}

namespace {

/// Runs `check` for the steps of every attention and of its fused form, with keys of their own and
/// with queries as keys. Of few wide tokens a small memory holds tiles of all scores.
template <class Check>
void for_all_forms(const Check& check) {
  for (const std::string& name : Registry<Attention>::global().names()) {
    for (const bool fused : {false, true}) {
      if (fused && !attention_named(name)->options().knows("fused")) continue;
      for (const Workload::Sizes& sizes :
           {Workload::Sizes{2, 256, 256, 32, {}}, Workload::Sizes{2, 256, {}, 32, {}},
            Workload::Sizes{1, 16, 16, 64, {}}, Workload::Sizes{1, 16, {}, 64, {}}}) {
        const Workload workload = Workload::without_data(sizes);
        INFO(name << (fused ? ", fused, " : ", ") << workload.description());
        check(steps_of(name, workload, fused));
      }
    }
  }
}

}  // namespace

TEST_CASE("Where all of a run fits, every policy has inputs come in and outputs go out once") {
  constexpr std::uint64_t all_fits = std::uint64_t{1} << 26U;
  for_all_forms([](const std::vector<MemoryStep>& steps) {
    const Traffic ideal = traffic(steps, all_fits, MemoryPolicy::ideal)[0][1];
    CHECK(traffic(steps, all_fits, MemoryPolicy::tiled)[0][1] == ideal);
    const Traffic trace = traffic(steps, all_fits, MemoryPolicy::trace)[0][1];
    constexpr std::uint64_t part_of_a_line = 64;  // of each of a handful of tensors
    CHECK(trace.read_bytes >= ideal.read_bytes);
    CHECK(trace.read_bytes <= ideal.read_bytes + part_of_a_line);
    CHECK(trace.write_bytes >= ideal.write_bytes);
    CHECK(trace.write_bytes <= ideal.write_bytes + part_of_a_line);
  });
}

// Each step is a phase of its own here, and what a tensor writes back is accounted to the step that
// wrote it.
TEST_CASE("The trace reads nothing from outside that is no input and that nobody wrote there") {
  for_all_forms([](std::vector<MemoryStep> steps) {
    for (std::size_t s = 0; s < steps.size(); ++s) steps[s].phase = s;
    for (const std::uint64_t capacity : {512U, 2048U, 8192U, 16384U, 65536U, 1048576U}) {
      const LevelTraffic trace = memory_traffic(
          steps, steps.size(), {{{capacity, 8}, {{}, 8}}, {16, 16}}, MemoryPolicy::trace);
      std::map<std::uint64_t, std::uint64_t> written_back;  // by tensor, of all its writers
      for (std::size_t s = 0; s < steps.size(); ++s) {
        if (!steps[s].crosses) continue;
        const auto operands = steps[s].movement.operands();
        bool all_made_here = true;
        std::uint64_t outside = trace[s][1].write_bytes;  // running outputs come back in their step
        for (const Operand& operand : operands) {
          if (operand.written) continue;
          all_made_here =
              all_made_here && !operand.local() && written_back.contains(operand.tensor);
          if (all_made_here) outside += written_back.at(operand.tensor);
        }
        INFO("step " << s << " of " << steps.size() << ", " << capacity << " bytes");
        if (all_made_here) CHECK((trace[s][1].read_bytes == 0 || outside != 0));
        for (const Operand& operand : operands) {
          if (operand.written) written_back[operand.tensor] += trace[s][1].write_bytes;
        }
      }
    }
  });
}

TEST_CASE("For every attention, off-chip traffic never grows with the capacity") {
  for (const std::string& name : Registry<Attention>::global().names()) {
    const auto steps = steps_of(name, self(2, 300, 32));
    std::uint64_t before = UINT64_MAX;
    for (std::uint64_t capacity = 64; capacity < (1U << 22U); capacity += 8 + capacity / 10) {
      const std::uint64_t bytes = bytes_at(traffic(steps, capacity, MemoryPolicy::tiled), 1);
      INFO(name << ", " << capacity << " bytes");
      REQUIRE(bytes <= before);
      before = bytes;
    }
  }
}

TEST_CASE("flash moves less than softmax off the chip as soon as the scores do not fit") {
  // 512 tokens, head dim 32: q = k, v and the output 64 KiB each, scores 1 MiB.
  const std::uint64_t scores = 512 * 512 * 4;
  const std::uint64_t tensors = 3 * 512 * 32 * 4;
  const std::uint64_t all_fit = scores + tensors;
  CHECK(off_chip_bytes("softmax", 512, 2 * all_fit) == tensors);
  CHECK(off_chip_bytes("flash", 512, 2 * all_fit) == tensors);

  std::uint64_t crossover = 0;  // the smallest capacity at which both move the same
  // One KiB holds next to nothing: flash passes as many running outputs on as softmax scores.
  for (std::uint64_t capacity = 2048; capacity < 2 * all_fit; capacity += 1024) {
    const std::uint64_t flash = off_chip_bytes("flash", 512, capacity);
    const std::uint64_t softmax = off_chip_bytes("softmax", 512, capacity);
    REQUIRE(flash <= softmax);
    if (flash < softmax) crossover = capacity + 1024;
  }
  // Scores and, beside them, v and the output: the last step that reads the scores.
  CHECK(crossover == scores + 2 * 512 * 32 * 4);
}

TEST_CASE("EcoFormer moves what is linear in tokens, softmax what is quadratic") {
  const auto growth = [](const std::string& name) {
    return static_cast<double>(off_chip_bytes(name, 8192, 32768)) /
           static_cast<double>(off_chip_bytes(name, 4096, 32768));
  };
  CHECK(growth("ecoformer") == Approx(2.0).epsilon(0.01));
  CHECK(growth("softmax") == Approx(4.0).epsilon(0.05));
}

TEST_CASE("A sliding window over all tokens, or all but two pairs, moves what softmax moves") {
  for (const std::size_t tokens : {256U, 258U}) {  // half of the window of 512, and two more
    const auto at_levels = [tokens](const std::string& name) {
      const LevelTraffic levels =
          memory_traffic(steps_of(name, self(2, tokens, 32)), 1,
                         {{{8192, 8}, {65536, 8}, {{}, 8}}, {16, 16}}, MemoryPolicy::tiled);
      return std::vector<std::uint64_t>{bytes_at(levels, 0), bytes_at(levels, 1),
                                        bytes_at(levels, 2)};
    };
    const auto sliding = at_levels("sliding-window");
    const auto softmax = at_levels("softmax");
    for (std::size_t level = 0; level < 3; ++level) {
      INFO(tokens << " tokens, level " << level);
      CHECK(static_cast<double>(sliding[level]) ==
            Approx(static_cast<double>(softmax[level])).epsilon(0.02));
    }
  }
}

// Irony, Toledo and Tiskin, 2004: a memory of S words is crossed by at least
// macs / (2 sqrt(2 S)) - S words, whatever the order of the macs of products.
TEST_CASE("No attention moves less than the macs of its products must") {
  for (const std::string& name : Registry<Attention>::global().names()) {
    const Workload workload = self(1, 4096, 64);
    const auto attention = attention_named(name);
    attention->prepare(workload.qkv(), {});
    Ledger ledger(attention->phases());
    attention->run(Mode::estimate, workload.qkv(), ledger);
    const auto macs = static_cast<double>(ledger.declared()(Op::mac, Format::fp32));
    const auto steps = steps_of(name, workload);
    for (const std::uint64_t capacity : {8192U, 32768U}) {
      const double words = static_cast<double>(capacity) / 4.0;
      const LevelTraffic tiled = traffic(steps, capacity, MemoryPolicy::tiled);
      INFO(name << ", " << capacity << " bytes");
      // 16 x 16 elements take each number of a product for 16 macs.
      CHECK(static_cast<double>(bytes_at(tiled, 0)) >= 0.95 * macs * 2.0 * 4.0 / 16.0);
      CHECK(static_cast<double>(bytes_at(tiled, 1)) >=
            4.0 * (macs / (2.0 * std::sqrt(2.0 * words)) - words));
    }
  }
}

TEST_CASE("A kernel that uses a number more than once says in which nest") {
  for (const std::string& name : Registry<Attention>::global().names()) {
    const auto attention = attention_named(name);
    const Workload workload = self(1, 300, 32);
    attention->prepare(workload.qkv(), {});
    Ledger ledger(attention->phases());
    ledger.keep_calls();
    attention->run(Mode::estimate, workload.qkv(), ledger);
    std::map<std::string, std::uint64_t> products;
    std::map<std::string, std::uint64_t> touched;
    for (const Phase& phase : ledger.phases()) {
      for (const KernelCall& call : phase.calls()) {
        const LoopNest& nest = call.movement.nest();
        products[phase.name()] += nest.heads * nest.rows * nest.cols * nest.inner;
        for (const Operand& operand : call.movement.operands()) {
          touched[phase.name()] += operand.bytes * 8 / operand.bits;
        }
      }
      const std::uint64_t macs = phase.declared().total(Op::mac);
      INFO(name << ": " << phase.name());
      CHECK(macs <= products[phase.name()] + 2 * touched[phase.name()] + 300 * 32);
    }
  }
}

namespace {

/// Traffic by level of a run of files or of drawn tensors.
LevelTraffic traffic_of(const std::string& name, const Workload& workload, MemoryPolicy policy) {
  const std::vector<MemoryStep> steps = steps_of(name, workload);
  const Hierarchy hierarchy{{{4096, 8}, {65536, 8}, {{}, 8}}, {16, 16}};
  return memory_traffic(steps, 1, hierarchy, policy);
}

struct Shape3 {
  std::size_t heads, queries, keys, head_dim, value_dim;
};

}  // namespace

TEST_CASE("Tensors from files move the bytes that drawn ones of their shape move") {
  const TemporaryFolder folder;
  for (const Shape3& x :
       {Shape3{1, 1, 1, 4, 4}, Shape3{2, 33, 33, 8, 8}, Shape3{3, 70, 70, 5, 9}}) {
    const Workload drawn = separate(x.heads, x.queries, x.keys, x.head_dim, x.value_dim);
    const Workload::Files files{folder.path("q.npy"), folder.path("k.npy"), folder.path("v.npy")};
    folder.write("q.npy", npy_bytes(drawn.qkv().q));
    folder.write("k.npy", npy_bytes(drawn.qkv().k));
    folder.write("v.npy", npy_bytes(drawn.qkv().v));
    const Workload read = Workload::from_files(files);
    REQUIRE_FALSE(read.qkv().shared);
    folder.write("k.npy", npy_bytes(drawn.qkv().q));
    const Workload read_shared = Workload::from_files(files);
    REQUIRE(read_shared.qkv().shared);
    for (const std::string& name : Registry<Attention>::global().names()) {
      for (const MemoryPolicy policy : {MemoryPolicy::ideal, MemoryPolicy::tiled}) {
        INFO(name << ", " << x.queries << " tokens, " << name_of(policy));
        CHECK(traffic_of(name, read, policy) == traffic_of(name, drawn, policy));
        if (x.head_dim != x.value_dim) continue;
        const Workload sizes = Workload::without_data({x.heads, x.queries, {}, x.head_dim, {}});
        CHECK(traffic_of(name, read_shared, policy) == traffic_of(name, sizes, policy));
      }
    }
  }
}

TEST_CASE("Inputs come in and outputs go out at least once, whatever the attention and policy") {
  for (const std::string& name : Registry<Attention>::global().names()) {
    const bool shares = attention_named(name)->shares_queries_and_keys();
    for (const std::size_t tokens : {1U, 65U, 400U}) {
      for (const bool shared : {true, false}) {
        if (shares && !shared) continue;  // Reformer ignores other keys
        const auto keys = shared ? std::nullopt : std::optional<std::size_t>(tokens);
        const Workload workload = Workload::without_data({2, tokens, keys, 32, {}});
        const std::uint64_t tensor = 2 * tokens * 32 * 4;
        const std::uint64_t inputs = (shared ? 2 : 3) * tensor;
        for (const MemoryPolicy policy : {MemoryPolicy::ideal, MemoryPolicy::tiled}) {
          const Traffic outermost = traffic_of(name, workload, policy)[0][2];
          INFO(name << ", " << tokens << " tokens, " << name_of(policy));
          CHECK(outermost.read_bytes >= inputs);
          CHECK(outermost.write_bytes >= tensor);
        }
      }
    }
  }
}
