#include "sim/ledger/ledger.hpp"

#include <catch2/catch.hpp>

#include "sim/kernels/row_blocks.hpp"
#include "sim/kernels/rows.hpp"

using namespace wattention;

namespace {

/// Declares one operation fewer than it executes.
template <class Real>
void wrongly_declared_sum(Phase& phase, Input<Real> x, View<Real> out) {
  const Work<Real> work(phase, {{Op::add, format_of<Real>, x.cols - 1}}, reads(x) + writes(out));
  Real total(0);
  for (std::size_t c = 0; c < x.cols; ++c) total += x(0, 0, c);
  out(0, 0, 0) = total;
}

Tensor<Counted<float>> counted_row(std::size_t cols) {
  Tensor<Counted<float>> x(1, 1, cols);
  for (std::size_t c = 0; c < cols; ++c) x(0, 0, c) = Counted<float>(1.0F);
  return x;
}

}  // namespace

TEST_CASE("A wrong declaration is caught with phase, operation and both counts") {
  Ledger ledger{"sum"};
  const auto x = counted_row(5);
  Tensor<Counted<float>> out(1, 1, 1);
  wrongly_declared_sum<Counted<float>>(ledger["sum"], x, out);
  CHECK(plain(out(0, 0, 0)) == 5.0F);
  REQUIRE(ledger.imbalances().size() == 1);
  CHECK(ledger.imbalances()[0] == "phase sum: fp32 add: declared 4, observed 5");
}

TEST_CASE("An operation outside any kernel is a stray") {
  Ledger ledger{"sum"};
  {
    const Observation observation(ledger.strays());
    auto x = counted_row(3);
    Tensor<Counted<float>> out(1, 1, 1);
    mean_of_head<Counted<float>>(ledger["sum"], x, out);
    CHECK(ledger.imbalances().empty());
    x(0, 0, 0) = x(0, 0, 1) * x(0, 0, 2);
  }
  REQUIRE(ledger.imbalances().size() == 1);
  CHECK(ledger.imbalances()[0] == "outside any kernel: fp32 mul: 1");
  CHECK(ledger.strays()(Op::mul, Format::fp32) == 1);
}

TEST_CASE("An operation in a format that was not declared is caught") {
  Ledger ledger{"sum"};
  {
    const Work<Counted<float>> work(ledger["sum"], {{Op::add, Format::fp32, 1}}, Movement());
    Counted<std::int32_t> x(1);
    x += x;
  }
  CHECK(ledger.imbalances() ==
        std::vector<std::string>{"phase sum: fp32 add: declared 1, observed 0",
                                 "phase sum: int32 add: declared 0, observed 1"});
}

TEST_CASE("A phase that the attention does not list is an error") {
  Ledger ledger{"scores"};
  CHECK_THROWS_WITH(ledger["score"],
                    "ledger: expected a phase that the attention lists, found \"score\"");
}

TEST_CASE("Work in blocks of rows is declared once, as a whole, and observed block by block") {
  for (const std::size_t rows : {1U, 7U, 64U, 65U}) {
    Ledger ledger{"norm"};
    Tensor<Counted<float>> x(2, rows, 3);
    std::fill_n(x.data(), x.size(), Counted<float>(2.0F));
    Tensor<Counted<float>> out(2, rows, 3);
    by_rows<Counted<float>>(ledger, rows, 8, [&](const auto& block) {
      using R = typename std::remove_cvref_t<decltype(block)>::Real;
      normalise_rows<R>(ledger["norm"], block(x.view()), block(out.view()));
    });
    CHECK(ledger.imbalances().empty());
    CHECK(ledger.declared()(Op::div, Format::fp32) == 2 * rows);
    CHECK(ledger.declared()(Op::mul, Format::fp32) == 2 * rows * 3);
    CHECK(ledger["norm"].traffic() == Traffic{2 * rows * 3 * 4, 2 * rows * 3 * 4});
    CHECK(plain(out(1, rows - 1, 2)) == Approx(1.0F / std::sqrt(3.0F)));
  }
}

TEST_CASE("A local tensor is no traffic, a packed one rounds up to whole bytes") {
  Tensor<float> local(1, 4, 8, Residence::local);
  Tensor<float> memory(1, 4, 8);
  CHECK(reads(local.view(), memory.view()).traffic() == Traffic{128, 0});
  CHECK(writes(local.view()).traffic() == Traffic{0, 0});
  const BitMatrix<Word> codes(1, 3, 5);
  CHECK(reads(codes.view()).traffic() == Traffic{2, 0});
  const BitMatrix<Word> sixteen_bits(1, 3, 16);
  CHECK(reads(sixteen_bits.view()).traffic() == Traffic{6, 0});
}
