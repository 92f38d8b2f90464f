#include "models/networks/residual_step.hpp"

#include <utility>

#include "sim/kernels/layers.hpp"

namespace wattention {
namespace {

Tensor<float> copy(const Tensor<float>& x) {
  if (x.data() == nullptr) return Tensor<float>::without_data(x.heads(), x.rows(), x.cols());
  return converted<float>(x.view());
}

}  // namespace

Activation ResidualStep::run(const RunOfNetwork& run, const Activation& x) const {
  Activation y = body.run(run, x);
  if (shortcut.empty()) return sum(run, x, y);
  return sum(run, shortcut.run(run, x), y);
}

void ResidualStep::prepare(const Preparation& preparation, const RunOfNetwork& run,
                           std::vector<Activation>& inputs) {
  std::vector<Activation> short_ways;
  for (Activation& x : inputs) {
    if (shortcut.empty()) {
      short_ways.push_back({copy(x.tokens), x.grid, {}});
    } else {
      short_ways.push_back(shortcut.run(run, x));
    }
  }
  body.prepare(preparation, run, inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i] = sum(run, short_ways[i], inputs[i]);
}

Activation ResidualStep::sum(const RunOfNetwork& run, const Activation& a,
                             const Activation& b) const {
  Ledger& ledger = run.ledgers[part];
  return in_mode(run.mode, run.arithmetics.of_layers, ledger, [&]<class Real>() -> Activation {
    Phase& phase = ledger.only_phase();
    Tensor<Real> out(1, a.tokens.rows(), a.tokens.cols());
    sum_of<Real>(phase, InArithmetic<Real>(a.tokens, phase.arithmetic()),
                 InArithmetic<Real>(b.tokens, phase.arithmetic()), out);
    return {as_floats(std::move(out)), a.grid, {}};
  });
}

}  // namespace wattention
