#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "measure/measure.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "tests/measure/one_mac.hpp"

using namespace wattention;

namespace {

/// Takes so long when it runs for the first time, and next to nothing afterwards.
class SlowAtFirst final : public OneMac {
 public:
  explicit SlowAtFirst(std::chrono::milliseconds first) : first_(first) {}

  Tensor<float> run(Mode mode, const Arithmetic& arithmetic, const Qkv<float>& x,
                    Ledger& ledger) const override {
    if (runs_++ == 0) std::this_thread::sleep_for(first_);
    return OneMac::run(mode, arithmetic, x, ledger);
  }

  int runs() const { return runs_; }

 private:
  std::chrono::milliseconds first_;
  mutable int runs_ = 0;
};

double host_seconds(const SlowAtFirst& attention, Mode mode) {
  const EnergyTable table = find_table("horowitz-45nm");
  const Workload workload = Workload::synthetic({1, 4, 4, 2, {}}, 1);
  RunSettings how{mode};
  how.memory = MemoryPolicy::none;
  const Measurement measured = measure({"slow"}, attention, workload, how, {&table, 1});
  return measured.runs.front().host_seconds.value_or(-1.0);
}

}  // namespace

TEST_CASE("The host time of a short run leaves out what the first one does once") {
  const SlowAtFirst attention(std::chrono::milliseconds(300));
  CHECK(host_seconds(attention, Mode::execute) < 0.2);
  CHECK(attention.runs() == 2);
}

TEST_CASE("The host time of a long run is that of its one run") {
  const SlowAtFirst attention(std::chrono::milliseconds(600));
  CHECK(host_seconds(attention, Mode::execute) >= 0.6);
  CHECK(attention.runs() == 1);
}

TEST_CASE("An estimate runs once and has no host time") {
  const SlowAtFirst attention(std::chrono::milliseconds(0));
  CHECK(host_seconds(attention, Mode::estimate) == -1.0);
  CHECK(attention.runs() == 1);
}
