// An attention of one's own, with a loop written by hand: every query gets the mean of all values.
// The check audits it over many shapes; then one run says what it did.

#include <array>
#include <cstdio>
#include <memory>
#include <string_view>
#include <vector>
#include <wattention/attention.hpp>
#include <wattention/wattention.hpp>

namespace {

using namespace wattention;

/// out[h, i] = factor * sum[g], for every i, where consecutive heads h share a head g of values.
template <class Real>
void repeat_scaled(Phase& phase, View<const Real> sum, float factor, View<Real> out) {
  const Work<Real> work(phase, {{Op::mul, format_of<Real>, out.elements()}},
                        reads(sum) + writes(out));
  if constexpr (!computes<Real>) return;
  const std::size_t heads_a_sum = out.heads / sum.heads;
  for (std::size_t h = 0; h < out.heads; ++h) {
    for (std::size_t i = 0; i < out.rows; ++i) {
      for (std::size_t c = 0; c < out.cols; ++c) {
        out(h, i, c) = Real(factor) * sum(h / heads_a_sum, 0, c);
      }
    }
  }
}

struct MeanValue {
  static constexpr std::array<std::string_view, 2> phases{"sum", "output"};

  template <class Real>
  Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
    Tensor<Real> sum(x.v.heads, 1, x.value_dim());
    Tensor<Real> out(x.heads(), x.queries(), x.value_dim());
    sum_of_rows<Real>(ledger["sum"], x.v, sum);
    repeat_scaled<Real>(ledger["output"], sum, 1.0F / static_cast<float>(x.keys()), out);
    return out;
  }
};

const Registration<Attention, Model<MeanValue>> registration{"mean-value", "mean of all values"};

}  // namespace

int main() {
  const AttentionCheck check =
      check_attention("mean-value", [] { return std::make_unique<Model<MeanValue>>(); });
  for (const auto& failure : check.failures) std::puts(failure.c_str());
  std::printf("mean-value: %zu failures\n", check.failures.size());

  const auto workload = Workload::synthetic({.heads = 2, .tokens = 81, .head_dim = 32}, 1);
  const std::vector<EnergyTable> tables{find_table("horowitz-45nm")};
  const Measurement measured = measure({"mean-value"}, workload, {.mode = Mode::audit}, tables);
  std::printf("mean-value: %llu additions\n",
              static_cast<unsigned long long>(measured.runs.front().totals[Total::additions]));
  return check.failures.empty() ? 0 : 1;
}
