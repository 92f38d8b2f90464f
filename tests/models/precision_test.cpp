// Attentions in 16 and 8 bits, against NumPy's operation by operation.

#include <catch2/catch.hpp>

#include "tests/test_data.hpp"

using namespace wattention;

namespace {

struct Case {
  std::string name;
  Arithmetic arithmetic;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const FloatingFormat& row : floating_formats) {
    if (row.format == Format::fp32) continue;
    const std::string name(name_of(row.format));
    all.push_back({name + "_fp32", {row.format, Accumulate::fp32}});
    all.push_back({name + "_same", {row.format, Accumulate::same}});
  }
  return all;
}

Workload input(bool is_shared) {
  const std::string q = test_data("rounded/q.npy");
  return Workload::from_files(
      {q, is_shared ? q : test_data("rounded/k.npy"), test_data("rounded/v.npy")});
}

OpCounts counts(const std::string& name, const Arithmetic& arithmetic) {
  const auto workload = shared(2, 20, 8);
  const auto attention = attention_named(name);
  attention->prepare(workload.qkv(), {});
  Ledger ledger(attention->phases());
  attention->run(Mode::estimate, arithmetic, workload.qkv(), ledger);
  return ledger.declared();
}

}  // namespace

TEST_CASE("Softmax and EcoFormer in 16 and 8 bits agree with NumPy, operation by operation") {
  for (const Case& c : cases()) {
    for (const std::string name : {"softmax", "ecoformer"}) {
      INFO(name << " " << c.name);
      const Workload workload = input(name == "ecoformer");
      const auto attention = attention_named(name);
      Parameters parameters;
      if (attention->takes_hash()) parameters.hash_file = test_data("rounded/hash.safetensors");
      attention->prepare(workload.qkv(), parameters);
      Ledger ledger(attention->phases());
      const auto out = attention->run(Mode::execute, c.arithmetic, workload.qkv(), ledger);
      const NpyTensor expected = load_npy(test_data("rounded/" + name + "_" + c.name + ".npy"));
      std::size_t wrong = 0;
      for (std::size_t h = 0; h < 2; ++h) {
        for (std::size_t i = 0; i < out.rows(); ++i) {
          for (std::size_t e = 0; e < out.cols(); ++e) {
            if (out(h, i, e) != expected.view()(h, i, e)) ++wrong;
          }
        }
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("Every attention balances its books in every arithmetic") {
  const auto name = GENERATE(from_range(Registry<Attention>::global().names()));
  const auto workload = shared(2, 33, 8);
  for (const Case& c : cases()) {
    INFO(name << " " << c.name);
    const auto attention = attention_named(name);
    attention->prepare(workload.qkv(), {});
    Ledger executed(attention->phases());
    Ledger audited(attention->phases());
    Ledger estimated(attention->phases());
    const auto out = attention->run(Mode::execute, c.arithmetic, workload.qkv(), executed);
    const auto seen = attention->run(Mode::audit, c.arithmetic, workload.qkv(), audited);
    attention->run(Mode::estimate, c.arithmetic, workload.qkv(), estimated);
    CHECK(audited.imbalances() == std::vector<std::string>{});
    CHECK(executed.declared() == audited.declared());
    CHECK(estimated.declared() == audited.declared());
    for (std::size_t i = 0; i < out.size(); ++i) {
      // In 8 bits a normaliser may be 0, and the output is then NaN in every mode.
      const bool narrow_range = bits_of(c.arithmetic.precision) == 8;
      if (narrow_range && std::isnan(out.data()[i]) && std::isnan(seen.data()[i])) continue;
      REQUIRE(std::isfinite(out.data()[i]));
      REQUIRE(out.data()[i] == seen.data()[i]);
    }
  }
}

TEST_CASE("A narrow format replaces fp32, which keeps the sums or nothing") {
  const OpCounts fp32 = counts("softmax", {});
  const OpCounts wide = counts("softmax", {Format::fp16, Accumulate::fp32});
  const OpCounts narrow = counts("softmax", {Format::fp16, Accumulate::same});
  const std::uint64_t macs = fp32(Op::mac, Format::fp32);
  CHECK(wide(Op::mac, Format::fp16) == 0);
  CHECK(wide(Op::mul, Format::fp16) == macs + fp32(Op::mul, Format::fp32));
  CHECK(wide(Op::add, Format::fp32) == macs + 2 * 20 * 19);  // and the sums of the softmax
  CHECK(wide(Op::add, Format::fp16) == 2 * 20 * 20);
  CHECK(narrow(Op::mac, Format::fp16) == macs);
  CHECK(narrow(Op::exp, Format::fp16) == fp32(Op::exp, Format::fp32));
  for (std::size_t op = 0; op < op_count; ++op) {
    CHECK(narrow(static_cast<Op>(op), Format::fp32) == 0);
  }
}
