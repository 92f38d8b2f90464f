#include "measure/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "sim/files/finite.hpp"

namespace wattention {
namespace {

/// Macs of exact attention beyond which it is left out: a few seconds here.
constexpr double most_reference_macs = 4e9;

bool is_causal(const Run& run) {
  return std::ranges::any_of(run.options, [](const auto& option) {
    return option.first == "causal" && option.second == OptionValue(true);
  });
}

std::unique_ptr<Attention> exact_softmax(bool causal) {
  return configured_attention({"softmax", {{"causal", causal ? "true" : "false"}}});
}

/// Whether the run computed what the reference computes: softmax in fp32 at full speed, with its
/// options.
bool is_exact_softmax(const Run& run, bool causal) {
  if (run.attention != "softmax" || run.mode != name_of(Mode::execute)) return false;
  if (run.precision != name_of(Arithmetic{}.precision)) return false;
  const auto exact = exact_softmax(causal);
  return std::ranges::equal(run.options, exact->options().all(), [](const auto& a, const auto& b) {
    return a.first == b.name && a.second == b.value();
  });
}

Tensor<float> copy_of(const Tensor<float>& tensor) {
  Tensor<float> copy(tensor.heads(), tensor.rows(), tensor.cols());
  std::copy_n(tensor.data(), tensor.size(), copy.data());
  return copy;
}

}  // namespace

Reference::Reference(const Workload& workload, const std::string& when) : workload_(workload) {
  const Qkv<float>& x = workload.qkv();
  const double macs = static_cast<double>(x.heads()) * static_cast<double>(x.queries()) *
                      static_cast<double>(x.keys()) *
                      static_cast<double>(x.head_dim() + x.value_dim());
  wanted_ = when == "always" || (when == "auto" && macs <= most_reference_macs);
  left_out_ = when == "auto" && !wanted_;
}

void Reference::compare(Measurement& measurement) {
  const bool causal = is_causal(measurement.runs.front());
  std::optional<OutputError> error;
  Nonfinite overflown;
  if (wanted_) {
    Tensor<float>& known = causal ? causal_ : full_;
    if (known.heads() == 0 && is_exact_softmax(measurement.runs.front(), causal)) {
      known = copy_of(measurement.output);
    }
    overflown = nonfinite_in(exact(causal).view());
    const bool all_finite =
        overflown.count == 0 && nonfinite_in(measurement.output.view()).count == 0;
    if (all_finite) error = output_error(measurement.output.view(), exact(causal).view());
  }
  for (Run& run : measurement.runs) {
    run.error_vs_softmax = error;
    if (overflown.count != 0) {
      run.notes.push_back(fmt::format(
          "error against exact softmax left out, {} of whose {} numbers are infinite or "
          "NaN on this input: what other attentions give means little",
          overflown.count, exact(causal).size()));
    }
    if (!left_out_) continue;
    run.notes.emplace_back(
        "error against exact softmax left out, the input being large: reference always computes "
        "it");
  }
}

const Tensor<float>& Reference::exact(bool causal) {
  Tensor<float>& exact = causal ? causal_ : full_;
  if (exact.heads() == 0) {
    const auto softmax = exact_softmax(causal);
    softmax->prepare(workload_.qkv(), {});
    Ledger uncounted(softmax->phases());
    exact = softmax->run(Mode::execute, workload_.qkv(), uncounted);
  }
  return exact;
}

}  // namespace wattention
