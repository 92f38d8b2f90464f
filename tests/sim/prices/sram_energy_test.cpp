#include "sim/prices/sram_energy.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "sim/error.hpp"

using namespace wattention;

namespace {

SramPoint point(std::uint64_t capacity_bytes, Range pj, Kind kind = Kind::published) {
  return {capacity_bytes, 64, pj, 2.0 * pj, "a paper", kind};
}

/// Horowitz's three, for 64 bits at 45 nm.
std::vector<SramPoint> horowitz() {
  return {point(8192, Range::exactly(10)), point(32768, Range::exactly(20)),
          point(1048576, Range::exactly(100))};
}

SramPoint energy(std::uint64_t capacity_bytes, const std::vector<SramPoint>& points) {
  return sram_energy(points, capacity_bytes, "t.json", "/memory/0/capacity_bytes");
}

}  // namespace

TEST_CASE("SRAM energy between two capacities is linear in the square root of the capacity") {
  // 256 KiB: sqrt = 512; 32 KiB: sqrt = 181.02; 1 MiB: sqrt = 1024.
  // (512 - 181.0193) / (1024 - 181.0193) = 0.3926312; 20 + 0.3926312 * (100 - 20) = 51.4105
  const SramPoint found = energy(262144, horowitz());
  CHECK(found.read_pj.low == Approx(51.4105).epsilon(1e-5));
  CHECK(found.read_pj.exact());
  CHECK(found.write_pj.low == Approx(2 * 51.4105).epsilon(1e-5));
  CHECK(found.capacity_bytes == 262144);
  CHECK(found.access_bits == 64);
  CHECK(found.kind == Kind::derived);
  CHECK(found.source == "a paper");
  CHECK(
      found.note ==
      "Between 20 at 32768 bytes and 100 at 1048576 bytes, over the square root of the capacity.");
}

TEST_CASE("SRAM energy at a capacity that is known is the known one") {
  for (const SramPoint& known : horowitz()) {
    const SramPoint found = energy(known.capacity_bytes, horowitz());
    CHECK(found.read_pj == known.read_pj);
    CHECK(found.kind == Kind::published);
    CHECK(found.note.empty());
  }
}

TEST_CASE("SRAM energy grows with the capacity and stays near 10 sqrt(C / 8 KB) pJ") {
  double before = 0.0;
  for (std::uint64_t bytes = 8192; bytes <= 1048576; bytes += 4096) {
    const double pj = energy(bytes, horowitz()).read_pj.low;
    CHECK(pj > before);
    CHECK(pj == Approx(10.0 * std::sqrt(static_cast<double>(bytes) / 8192)).epsilon(0.14));
    before = pj;
  }
}

TEST_CASE("SRAM energies that are ranges are interpolated end by end") {
  const auto found = energy(100, {point(64, {1, 3}), point(144, {5, 11})});
  CHECK(found.read_pj.low == Approx(3));  // sqrt: 8, 10, 12
  CHECK(found.read_pj.high == Approx(7));
}

TEST_CASE("SRAM energy between estimates is an estimate, and a user's number shows") {
  const Range one = Range::exactly(1);
  CHECK(energy(100, {point(64, one), point(144, one, Kind::estimated)}).kind == Kind::estimated);
  CHECK(energy(100, {point(64, one, Kind::user), point(144, one)}).kind == Kind::user);
}

TEST_CASE("SRAM energy is never extrapolated") {
  const std::string between =
      "t.json: /memory/0/capacity_bytes: expected from 8192 to 1048576 bytes, between which this "
      "table has SRAM energies, found ";
  CHECK_THROWS_WITH(energy(8191, horowitz()), between + "8191");
  CHECK_THROWS_WITH(energy(1048577, horowitz()), between + "1048577");
  CHECK_THROWS_WITH(energy(1, {}),
                    "t.json: /memory/0/capacity_bytes: expected SRAM energies to interpolate from, "
                    "in sram_points or memory, found none");
}
