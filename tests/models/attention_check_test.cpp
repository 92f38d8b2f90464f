// The check of attentions: every registered one holds, and attentions with planted faults do not.

#include "models/attention_check.hpp"

#include <catch2/catch.hpp>

#include "sim/kernels/products.hpp"
#include "sim/kernels/rows.hpp"
#include "tests/test_data.hpp"

using namespace wattention;
using Catch::Contains;

namespace {

enum class Fault : std::uint8_t {
  none,
  missing_read,
  missing_write,
  half_the_bytes,
  index_out_of_bounds,
  unwritten_storage,
  wrong_head_in_bounds,
  wrong_head_out_of_bounds
};

/// out_i = q_i + the mean of v, by a kernel with a fault.
template <Fault fault>
struct Planted {
  static constexpr std::array<std::string_view, 1> phases{"output"};

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    Tensor<Real> mean(x.v.heads, 1, x.value_dim());
    if constexpr (fault != Fault::unwritten_storage) {
      sum_of_rows<Real>(ledger["output"], x.v, mean);
    }
    Tensor<Real> out(x.heads(), x.queries(), x.value_dim());
    add_mean<Real>(ledger["output"], x.q, mean, out);
    return out;
  }

  template <class Real>
  static void add_mean(Phase& phase, Input<Real> q, Input<Real> mean, View<Real> out) {
    Movement movement = reads(q, mean) + writes(out);
    if (fault == Fault::missing_read) movement = reads(q) + writes(out);
    if (fault == Fault::missing_write) movement = reads(q, mean);
    if (fault == Fault::half_the_bytes) {
      movement = reads(mean) + moves_part(q, q.elements() / 2, false) + writes(out);
    }
    const Work<Real> work(phase, {{Op::add, format_of<Real>, out.elements()}}, movement);
    if constexpr (!computes<Real>) return;
    for (std::size_t h = 0; h < out.heads; ++h) {
      std::size_t of_mean = shared_head(h, out.heads, mean.heads);
      if (fault == Fault::wrong_head_in_bounds) of_mean = h % mean.heads;
      if (fault == Fault::wrong_head_out_of_bounds) of_mean = h;
      for (std::size_t i = 0; i < out.rows; ++i) {
        for (std::size_t c = 0; c < out.cols; ++c) {
          const std::size_t at = fault == Fault::index_out_of_bounds ? c + 1 : c;
          // Reads every number of q, whose dimension may be another.
          Real of_query = q(h, i, c % q.cols);
          if (c + 1 == out.cols) {
            for (std::size_t d = out.cols; d < q.cols; ++d) of_query = q(h, i, d);
          }
          out(h, i, c) = of_query + mean(of_mean, 0, at);
        }
      }
    }
  }
};

template <Fault fault>
AttentionCheck checked() {
  return check_attention("planted", [] { return std::make_unique<Model<Planted<fault>>>(); });
}

template <Fault fault>
std::vector<std::string> audited() {
  Model<Planted<fault>> attention;
  const Workload workload = separate(2, 5, 5, 4, 4);
  Ledger ledger(attention.phases());
  attention.run(Mode::audit, workload.qkv(), ledger);
  return ledger.imbalances();
}

template <Fault fault>
void audit_shared_heads() {
  Model<Planted<fault>> attention;
  Tensor<float> q = Tensor<float>(4, 3, 2);
  Tensor<float> kv = Tensor<float>(2, 3, 2);
  std::fill_n(q.data(), q.size(), 1.0F);
  for (std::size_t i = 0; i < kv.size(); ++i) kv.data()[i] = static_cast<float>(i);
  const Qkv<float> x{q, kv, kv, false};
  Ledger ledger(attention.phases());
  const Tensor<float> output = attention.run(Mode::audit, x, ledger);
  const auto lines = wrong_shared_heads(attention, x, {}, output);
  if (!lines.empty()) throw Error(lines.front());
}

}  // namespace

TEST_CASE("Every registered attention holds under the check") {
  const auto name = GENERATE(from_range(Registry<Attention>::global().names()));
  const AttentionCheck check = check_attention(name, [&] { return attention_named(name); });
  CAPTURE(name, check.refusals);
  CHECK(check.failures == std::vector<std::string>{});
  CHECK(check.runs >= 6);
}

TEST_CASE("An attention without a fault passes the check and the audit") {
  CHECK(checked<Fault::none>().failures == std::vector<std::string>{});
  CHECK(checked<Fault::none>().runs > 10);
  CHECK(audited<Fault::none>().empty());
  CHECK_NOTHROW(audit_shared_heads<Fault::none>());
}

TEST_CASE("A missing read is caught by the audit and by the check") {
  REQUIRE(audited<Fault::missing_read>().size() == 1);
  CHECK_THAT(audited<Fault::missing_read>()[0],
             Contains("kernel add_mean") && Contains("reads a tensor [2, 1, 4]: declared 0 bytes"));
  REQUIRE_FALSE(checked<Fault::missing_read>().failures.empty());
  CHECK_THAT(checked<Fault::missing_read>().failures[0], Contains("kernel add_mean"));
}

TEST_CASE("A missing write is caught by the audit and by the check") {
  REQUIRE(audited<Fault::missing_write>().size() == 1);
  CHECK_THAT(audited<Fault::missing_write>()[0], Contains("writes a tensor [2, 5, 4]"));
  CHECK_FALSE(checked<Fault::missing_write>().failures.empty());
}

TEST_CASE("Half of the bytes is caught by the audit and by the check") {
  REQUIRE(audited<Fault::half_the_bytes>().size() == 1);
  CHECK_THAT(audited<Fault::half_the_bytes>()[0], Contains("declared 80 bytes, observed 160"));
  CHECK_FALSE(checked<Fault::half_the_bytes>().failures.empty());
}

TEST_CASE("An index out of bounds is caught by the audit and by the check") {
  CHECK_THROWS_WITH(audited<Fault::index_out_of_bounds>(),
                    Contains("kernel add_mean") && Contains("found [0, 0, 4]"));
  REQUIRE_FALSE(checked<Fault::index_out_of_bounds>().failures.empty());
  CHECK_THAT(checked<Fault::index_out_of_bounds>().failures[0], Contains("kernel add_mean"));
}

TEST_CASE("Storage that nobody has written is caught by the audit and by the check") {
  CHECK_THROWS_WITH(audited<Fault::unwritten_storage>(),
                    Contains("kernel add_mean") && Contains("that nobody has written"));
  CHECK_FALSE(checked<Fault::unwritten_storage>().failures.empty());
}

TEST_CASE("A wrong shared head is caught by the audit and by the check") {
  CHECK_THROWS_WITH(audit_shared_heads<Fault::wrong_head_in_bounds>(),
                    Contains("head 1 of the queries: expected the output that it has with a copy"));
  CHECK_THROWS_WITH(audit_shared_heads<Fault::wrong_head_out_of_bounds>(),
                    Contains("kernel add_mean") && Contains("found [2, 0, 0]"));
  CHECK_FALSE(checked<Fault::wrong_head_in_bounds>().failures.empty());
  CHECK_FALSE(checked<Fault::wrong_head_out_of_bounds>().failures.empty());
}

TEST_CASE("The check says what an attention does not take") {
  const AttentionCheck check = check_attention("window", [] { return attention_named("window"); });
  REQUIRE_FALSE(check.refusals.empty());
  CHECK_THAT(check.refusals[0], Contains("as many keys as queries"));
}

namespace {

struct WithoutPhases {
  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& /*ledger*/) const {
    return Tensor<Real>(x.heads(), x.queries(), x.value_dim());
  }
};

struct NotConst {
  static constexpr std::array<std::string_view, 1> phases{"scores"};
  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& /*ledger*/) {
    return Tensor<Real>(x.heads(), x.queries(), x.value_dim());
  }
};

struct OfFloatAlone {
  static constexpr std::array<std::string_view, 1> phases{"scores"};
  Tensor<float> operator()(const Qkv<float>& x, Ledger& /*ledger*/) const {
    return Tensor<float>(x.heads(), x.queries(), x.value_dim());
  }
};

struct Complete : WithoutPhases {
  static constexpr std::array<std::string_view, 1> phases{"scores"};
};

}  // namespace

TEST_CASE("What is no attention is refused by a concept, not by the errors of its templates") {
  STATIC_REQUIRE(AttentionFunctor<Complete>);
  STATIC_REQUIRE_FALSE(AttentionFunctor<WithoutPhases>);
  STATIC_REQUIRE_FALSE(AttentionFunctor<NotConst>);
  STATIC_REQUIRE_FALSE(AttentionFunctor<OfFloatAlone>);
}
