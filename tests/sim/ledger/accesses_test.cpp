// Kernels with planted faults: what they read and write is held against what they declare.

#include "sim/ledger/accesses.hpp"

#include <catch2/catch.hpp>

#include "models/attention.hpp"
#include "sim/kernels/row_blocks.hpp"
#include "tests/test_data.hpp"

using namespace wattention;
using Catch::Contains;

namespace {

using Number = Counted<float>;
using Lines = std::vector<std::string>;

Tensor<Number> filled(std::size_t heads, std::size_t rows, std::size_t cols) {
  Tensor<Number> x(heads, rows, cols);
  std::fill_n(x.data(), x.size(), Number(2.0F));
  return x;
}

/// out = x, as the movement says.
void copy_declaring(Phase& phase, Input<Number> x, View<Number> out, const Movement& movement) {
  const Work<Number> work(phase, {}, movement);
  for (std::size_t h = 0; h < x.heads; ++h) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      const Number* const from = x.row(h, i);
      Number* const to = out.row(h, i);
      for (std::size_t c = 0; c < x.cols; ++c) to[c] = from[c];
    }
  }
}

struct Copy {
  Ledger ledger{"copy"};
  Tensor<Number> x = filled(2, 3, 4);
  Tensor<Number> out{2, 3, 4};

  Lines lines(const Movement& movement) {
    copy_declaring(ledger["copy"], x, out, movement);
    return ledger.imbalances();
  }
};

}  // namespace

TEST_CASE("A kernel that declares what it reads and writes balances its books") {
  Copy copy;
  CHECK(copy.lines(reads(copy.x.view()) + writes(copy.out.view())) == Lines{});
}

TEST_CASE("A read that is not declared is caught with the kernel, the tensor and the bytes") {
  Copy copy;
  const Lines lines = copy.lines(writes(copy.out.view()));
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0], Contains("phase copy: kernel copy_declaring (accesses_test.cpp:"));
  CHECK_THAT(lines[0], Contains("reads a tensor [2, 3, 4]: declared 0 bytes, observed 96"));
}

TEST_CASE("A write that is not declared is caught") {
  Copy copy;
  const Lines lines = copy.lines(reads(copy.x.view()));
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0], Contains("writes a tensor [2, 3, 4]: declared 0 bytes, observed 96"));
}

TEST_CASE("A kernel that declares no movement at all is caught") {
  Copy copy;
  CHECK(copy.lines(Movement()).size() == 2);
}

TEST_CASE("Half of the bytes that are read is too few") {
  Copy copy;
  const Lines lines = copy.lines(moves_part(copy.x.view(), 12, false) + writes(copy.out.view()));
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0], Contains("declared 48 bytes, observed 96"));
}

TEST_CASE("Numbers outside of the rows that were declared are an error that names the kernel") {
  Copy copy;
  CHECK_THROWS_WITH(copy.lines(reads(copy.x.view().slice(0, 2)) + writes(copy.out.view())),
                    Contains("kernel copy_declaring (accesses_test.cpp:") &&
                        Contains("expected to read only what its views hold, found number "
                                 "[0, 2, 0] of a tensor [2, 3, 4]"));
}

TEST_CASE("An index out of bounds is an error that names the kernel, by view and by pointer") {
  const Tensor<Number> x = filled(2, 3, 4);
  Tensor<Number> out(1, 1, 1);
  Ledger ledger{"look"};
  const auto look = [&](const auto& read) {
    const Work<Number> work(ledger["look"], {}, reads(x.view()) + writes(out.view()));
    out(0, 0, 0) = read();
  };
  CHECK_THROWS_WITH(look([&] { return x(0, 0, 4); }),
                    Contains("accesses_test.cpp:") &&
                        Contains("expected an index within a view [2, 3, 4], found [0, 0, 4]"));
  CHECK_THROWS_WITH(look([&] { return x(0, 3, 0); }), Contains("found [0, 3, 0]"));
  CHECK_THROWS_WITH(look([&] { return x(2, 0, 0); }), Contains("found [2, 0, 0]"));
  CHECK_THROWS_WITH(look([&] { return x.view().row(1, 2)[4]; }),
                    Contains("expected an index within a tensor [2, 3, 4], found number 24 of 24"));
  CHECK_THROWS_WITH(look([&] { return *(x.view().row(0, 0) - 1); }), Contains("found number -1"));
  CHECK_NOTHROW(look([&] { return x(1, 2, 3); }));
}

TEST_CASE("Storage that nobody has written is not read, by a kernel or by a change of layout") {
  Tensor<Number> x(1, 2, 2);
  x(0, 0, 0) = Number(1.0F);
  Tensor<Number> out(1, 2, 2);
  Ledger ledger{"copy"};
  CHECK_THROWS_WITH(
      copy_declaring(ledger["copy"], x, out, reads(x.view()) + writes(out.view())),
      Contains("kernel copy_declaring") &&
          Contains("found number [0, 0, 1] of a tensor [1, 2, 2] that nobody has written"));
  CHECK_THROWS_WITH(transposed(x.input()), Contains("that nobody has written"));
}

TEST_CASE("Storage that was freed and given to another tensor counts as never written") {
  { const Tensor<Number> gone = filled(1, 2, 2); }
  const Tensor<Number> next(1, 2, 2);
  CHECK_THROWS_WITH(transposed(next.input()), Contains("that nobody has written"));
}

TEST_CASE("Codes are observed too, in bits") {
  BitMatrix<Counted<Word>> codes(1, 3, 70);
  Ledger ledger{"codes"};
  const auto set = [&](const Movement& movement) {
    const Work<Number> work(ledger["codes"], {}, movement);
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t b = 0; b < 70; ++b) {
        set_bit(codes.view().row(0, i)[b / word_bits], b % word_bits, true);
      }
    }
  };
  set(writes(codes.view()));
  CHECK(ledger.imbalances() == Lines{});
  set({});
  REQUIRE(ledger.imbalances().size() == 1);
  CHECK_THAT(ledger.imbalances()[0], Contains("declared 0 bytes, observed 27"));
  const BitMatrix<Counted<Word>> empty(1, 3, 70);
  CHECK_THROWS_WITH(bit_at(empty.view().row(0, 0)[0], 0), Contains("that nobody has written"));
}

TEST_CASE("Numbers that are read or written outside of every kernel are strays") {
  const Tensor<Number> x = filled(1, 1, 3);
  Tensor<Number> out(1, 1, 3);
  const StrayAccesses strays;
  out(0, 0, 0) = x(0, 0, 1);
  CHECK(strays.imbalances() ==
        Lines{"outside any kernel: 1 numbers read", "outside any kernel: 1 numbers written"});
  const Setup setup;
  out(0, 0, 1) = x(0, 0, 2);
  CHECK(strays.imbalances()[0] == "outside any kernel: 1 numbers read");
}
